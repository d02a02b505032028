// The comparator array: fast unit against clocked twin against golden, and cycles explained by hand.
#include "traces/encodings/comparator.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pe/comparator/parts.h"
#include "pe/tile_checks.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/pieces.h"
#include "traces/encodings/power_of_two.h"

namespace basil {
namespace {

using testing::agreed_works;

const UnitType& unit() { return unit_type("comparator", "test"); }

UnitParameters usual_parameters(int rows) {
  UnitParameters parameters = testing::usual_parameters(unit(), rows);
  parameters.dtype = Dtype::int8;
  return parameters;
}

UnitParameters draw_parameters() {
  UnitParameters parameters = usual_parameters(*anywhere_in(1, 7));
  parameters.dtype = Dtype::int16;
  const auto set = [&](const char* key, int value) { parameters.own.find(key)->second = value; };
  set("compare_lanes", *anywhere_in(1, 20));
  set("add_lanes", *anywhere_in(1, 12));
  set("queue", *anywhere_in(1, 6));
  set("skip_zero", *anywhere_in(0, 2));
  set("channels", *rc::gen::element(20, 512));
  set("weight_words", *rc::gen::element(1, 10, 40, 2048));
  return parameters;
}

// Codes -7 to 7 with a share of zeros.
std::vector<std::int16_t> draw_codes(std::int64_t count) {
  auto codes = testing::draw_values(Dtype::int4, count, *rc::gen::element(0, 0, 30, 50, 80, 100));
  std::replace(codes.begin(), codes.end(), std::int16_t{-8}, std::int16_t{-7});
  return codes;
}

Operand empty_weights(Encoding encoding, const Extent& extent) {
  Operand weights;
  weights.encoding = encoding;
  weights.dtype = Dtype::int4;
  weights.extent = extent;
  return weights;
}

// Filters of 1 or 2 terms, or mixed, and now and then one of none.
void make_power_of_two(Operand& weights) {
  const std::int64_t plane = weights.extent.positions() / weights.extent.outer;
  weights = empty_weights(&power_of_two_encoding, weights.extent);
  const int least = *anywhere_in(1, 3), most = *anywhere_in(least, 3);
  std::int64_t planes = 0;
  for (int k = 0; k < weights.extent.outer; ++k) {
    const int terms = *anywhere_in(0, 8) == 0 ? 0 : *anywhere_in(least, most + 1);
    weights.parts<PowerOfTwo>().terms.push_back(static_cast<std::uint8_t>(terms));
    planes += terms;
  }
  weights.values = draw_codes(planes * plane);
}

void make_comparator(Operand& weights) {
  const Extent extent = weights.extent;
  const int places = extent.rows * extent.cols;
  weights = empty_weights(&comparator_encoding, extent);
  weights.parts<Comparator>().taps = *anywhere_in(1, std::min(7, places - 1) + 1);
  for (int i = 0; i < extent.depth * (weights.parts<Comparator>().taps + 1); ++i)
    weights.parts<Comparator>().offsets.push_back(static_cast<std::uint8_t>(*anywhere_in(0, places)));
  weights.values = draw_codes(std::int64_t{extent.outer} * extent.depth);
}

// Whole ifmap rows of zeros, or of one value that no tap is greater than.
void flatten_rows(Operand& ifmap) {
  const auto value = static_cast<std::int16_t>(*anywhere_in(0, 2));
  auto dense = decode(ifmap);
  const auto row = static_cast<std::ptrdiff_t>(ifmap.extent.cols) * ifmap.extent.depth;
  for (auto at = dense.begin(); at != dense.end(); at += row) {
    if (*anywhere_in(0, 2) == 0) std::fill(at, at + row, value);
  }
  ifmap = encode(ifmap.encoding, ifmap.dtype, ifmap.extent, dense, {0.25F});
}

// A conv layer of one group, with a window of at least two places.
Layer draw_comparator_layer() {
  Layer layer = testing::draw_layer(false);
  LayerShape& s = layer.shape;
  layer.kind = Kind::conv;
  s = testing::draw_shape(Kind::conv);
  s.groups = 1;
  if (s.R * s.S == 1) {
    s.S = 3;
    s.W += 2 * s.dilation_x;
  }
  if (*anywhere_in(0, 8) == 0) s.C += *anywhere_in(0, 130);
  layer.weights.extent = {s.K, s.R, s.S, s.C};
  make_comparator(layer.weights);
  layer.ifmap = testing::draw_operand(*rc::gen::element(Dtype::int8, Dtype::uint8, Dtype::int16),
                                      {s.N, s.H, s.W, s.C}, false);
  if (!layer.bias.empty()) layer.bias.assign(static_cast<std::size_t>(s.K), *anywhere_in(-1000, 1000));
  if (*anywhere_in(0, 3) == 0) flatten_rows(layer.ifmap);
  check(layer);
  return layer;
}

// Any kind of layer.
Layer draw_power_of_two_layer() {
  Layer layer = testing::draw_layer(false);
  make_power_of_two(layer.weights);
  if (*anywhere_in(0, 3) == 0) flatten_rows(layer.ifmap);
  check(layer);
  return layer;
}

void expect_twins_and_golden_agree(const Layer& layer) {
  UnitParameters parameters = draw_parameters();
  if (layer.weights.encoding == &comparator_encoding) parameters.own["channels"] = layer.shape.C;
  unit().check(layer, parameters);
  const std::vector<TilePass> passes = testing::draw_passes(layer.shape);
  for (const TileWork& work : agreed_works(unit(), layer, parameters, passes))
    RC_ASSERT(work.products == work.bins[Bin::compute]);
  testing::check_lively_row(unit(), layer, parameters, passes.front());
}

TEST(Comparator, TwinsAgreeWithGoldenOnComparatorLayers) {
  check_property(2000, [] { expect_twins_and_golden_agree(draw_comparator_layer()); });
}

TEST(Comparator, TwinsAgreeWithGoldenOnPowersOfTwo) {
  check_property(2000, [] { expect_twins_and_golden_agree(draw_power_of_two_layer()); });
}

// Cycles explained by hand.

// 2 channels, 3 filters of codes that are not zero, 3 ofmap pixels; every tap lies right of its pivot. Code
// words of the pixels: (1, 1), (0, 0), (1, 0).
Layer rising_layer() {
  Layer layer;
  layer.name = "rising";
  layer.shape = {.C = 2, .W = 4, .K = 3, .S = 2};
  layer.weights = empty_weights(&comparator_encoding, {3, 1, 2, 2});
  layer.weights.parts<Comparator>().taps = 1;
  layer.weights.parts<Comparator>().offsets = {0, 1, 0, 1};
  layer.weights.values = {1, 2, -1, 3, 4, -4};
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 1, 4, 2}, {1, 1, 2, 2, 2, 0, 3, 0}, {1.0F});
  check(layer);
  return layer;
}

// 1 comparator and 2 shift-adders a row, so 2 cycles of comparisons a pixel and 2 blocks of filters.
UnitParameters narrow_parameters(int rows, int queue) {
  UnitParameters parameters = usual_parameters(rows);
  parameters.own["compare_lanes"] = 1;
  parameters.own["add_lanes"] = 2;
  parameters.own["queue"] = queue;
  return parameters;
}

// The whole layer as one pass: the fast unit's work, after its twin was seen to agree.
TileWork run_whole(const Layer& layer, const UnitParameters& parameters) {
  return agreed_works(unit(), layer, parameters, {testing::whole(layer.shape)}).front();
}

TEST(Comparator, ExplainsItsCyclesByTheQueue) {
  const int compare = 2;                               // 2 comparisons of a pixel on 1 lane
  const int first = 2 * 2, second = 1, third = 1 * 2;  // words x blocks; a pixel without words takes a slot
  const Layer layer = rising_layer();
  // Room for all: only the first pixel's comparisons are seen.
  EXPECT_EQ(run_whole(layer, narrow_parameters(1, 3)).cycles.value, compare + first + second + third);
  // Two places: the third pixel's comparisons start when the first one's place is free, beside `second`.
  EXPECT_EQ(run_whole(layer, narrow_parameters(1, 2)).cycles.value, compare + first + compare + third);
  // One place: nothing overlaps.
  EXPECT_EQ(run_whole(layer, narrow_parameters(1, 1)).cycles.value,
            compare + first + compare + second + compare + third);
}

TEST(Comparator, PutsEveryLaneCycleInABin) {
  const TileWork work = run_whole(rising_layer(), narrow_parameters(1, 3));
  const int words = 2 + 0 + 1, filters = 3;
  EXPECT_EQ(work.bins[Bin::compute], words * filters);
  EXPECT_EQ(work.bins[Bin::gated], 1 * 2);             // the second pixel's slot on both lanes
  EXPECT_EQ(work.bins[Bin::imbalance], words * 1);     // the second block has one filter for two lanes
  EXPECT_EQ(work.bins[Bin::wait_activations], 2 * 2);  // the first pixel's comparisons, both lanes
  EXPECT_EQ(work.bins[Bin::idle], 0);
  const auto& uses = work.uses;
  using namespace comparator_array;
  EXPECT_EQ(uses[part::compare].count, 3 * 2);
  EXPECT_EQ(uses[part::shift_add].count, words * filters);
  EXPECT_EQ(uses[part::shift_gated].count, 2 * work.cycles.value - words * filters);
  EXPECT_EQ(uses[part::code_queue], (Uses{.count = words * 2, .writes = 3 * 2}));
  EXPECT_EQ(uses[part::window], (Uses{.count = 3 * 2 * 2, .writes = 3 * 2 * 2}));
  EXPECT_EQ(uses[part::weight_store], (Uses{.count = words * 2, .writes = 2 * 2}));
  EXPECT_EQ(uses[part::psum].count, 3 * filters);
  EXPECT_EQ(work.psums_out.value, 3 * filters * 4);
  EXPECT_EQ(work.ifmap.value, 4 * 2);
  EXPECT_EQ(work.weights.value, (4 * 1 + 6 * 4 + 7) / 8);  // 4 offsets of a bit, 6 codes of 4
}

TEST(Comparator, TakesWordsOfZeroWhereToldTo) {
  UnitParameters parameters = narrow_parameters(1, 3);
  parameters.own["skip_zero"] = 0;
  const TileWork work = run_whole(rising_layer(), parameters);
  const int compare = 2, pixel = 2 * 2;  // words x blocks
  EXPECT_EQ(work.cycles.value, compare + 3 * pixel);
  EXPECT_EQ(work.bins[Bin::gated], 3 * 3);  // words of zero x filters
}

TEST(Comparator, DealsPixelsToRows) {
  const int compare = 2, first = 4, second = 1, third = 2;
  const TileWork two = run_whole(rising_layer(), narrow_parameters(2, 3));
  EXPECT_EQ(two.cycles.value, compare + first + third);
  const int waits_for_peers = 2 * static_cast<int>(two.cycles.value - compare - second);
  const int half_blocks = 2 + 1;  // words x blocks of one filter on two lanes
  EXPECT_EQ(two.bins[Bin::imbalance], waits_for_peers + half_blocks);
  const TileWork four = run_whole(rising_layer(), narrow_parameters(4, 3));
  EXPECT_EQ(four.cycles.value, compare + first);
  EXPECT_EQ(four.bins[Bin::idle], 2 * four.cycles.value);  // the fourth row has no pixel
}

// Filters of 2, 1, 0 and 0 terms on two lanes; 4 ifmap words, one of them zero.
Layer shift_add_layer() {
  Layer layer;
  layer.name = "shift-add";
  layer.kind = Kind::fc;
  layer.shape = {.C = 4, .K = 4};
  layer.weights = empty_weights(&power_of_two_encoding, {4, 1, 1, 4});
  layer.weights.parts<PowerOfTwo>().terms = {2, 1, 0, 0};
  layer.weights.values = {1, 2, 0, -3, 5, 0, 7, -7, 1, 1, 1, 1};
  layer.ifmap = encode(&bitmap_encoding, Dtype::int8, {1, 1, 1, 4}, {-128, 0, 127, 5}, {1.0F});
  layer.bias = {1, 2, 3, 4};
  check(layer);
  return layer;
}

TEST(Comparator, TakesPowersOfTwoInTheSecondStageAlone) {
  const TileWork work = run_whole(shift_add_layer(), narrow_parameters(2, 1));
  const int words = 3, rounds = 2 + 0;  // of the widest filter of each block
  EXPECT_EQ(work.cycles.value, words * rounds);
  EXPECT_EQ(work.products, 2 + 3 + 3);  // terms 1, 0, -3; 5, 7, -7; 1, 1, 1 on words that are not zero
  EXPECT_EQ(work.bins[Bin::gated], 2 * words * rounds - work.products);
  EXPECT_EQ(work.bins[Bin::idle], 2 * words * rounds);  // the row without a pixel
  EXPECT_EQ(work.uses[comparator_array::part::compare].count, 0);
}

TEST(Comparator, StreamsWeightsThatTheStoreCannotHold) {
  Layer layer = shift_add_layer();
  layer.shape.N = layer.ifmap.extent.outer = 3;
  layer.ifmap =
      encode(&dense_encoding, Dtype::int8, layer.ifmap.extent, {1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8}, {1.0F});
  UnitParameters parameters = narrow_parameters(2, 1);
  const std::int64_t bytes = ceil_div(filter_bits(layer.weights, 0, 4), 8), words = 2 * 4;
  const auto& writes = [](const TileWork& work) {
    return work.uses[comparator_array::part::weight_store].writes;
  };
  parameters.own["weight_words"] = 8;
  const TileWork held = run_whole(layer, parameters);
  EXPECT_EQ(held.weights.value, bytes);
  EXPECT_EQ(writes(held), words * 2);  // into both rows' stores
  parameters.own["weight_words"] = 7;
  const TileWork streamed = run_whole(layer, parameters);
  EXPECT_EQ(streamed.weights.value, bytes * 3);  // with every pixel
  EXPECT_EQ(writes(streamed), words * 3);
  EXPECT_EQ(streamed.cycles, held.cycles);
}

// 1,024 x 2^15 x 2^7 is past 32 bits.
TEST(Comparator, SumsBeyond32Bits) {
  Layer layer;
  layer.name = "wide";
  layer.kind = Kind::fc;
  layer.shape = {.C = 1024, .K = 1};
  layer.weights = empty_weights(&power_of_two_encoding, {1, 1, 1, 1024});
  layer.weights.parts<PowerOfTwo>().terms = {2};
  layer.weights.values.assign(2048, -7);
  layer.ifmap =
      encode(&dense_encoding, Dtype::int16, {1, 1, 1, 1024}, std::vector<std::int16_t>(1024, -32768), {1.0F});
  check(layer);
  UnitParameters parameters = usual_parameters(1);
  parameters.dtype = Dtype::int16;
  EXPECT_EQ(run_whole(layer, parameters).cycles.value, 1024 * 2);
}

TEST(Comparator, CutsFiltersByTheWeightStore) {
  const Layer layer = rising_layer();
  UnitParameters parameters = narrow_parameters(1, 1);
  const auto filters = [&](int weight_words) {
    parameters.own["weight_words"] = weight_words;
    return unit().array->cut(layer, parameters).filters;
  };
  EXPECT_EQ(filters(2048), 3);
  EXPECT_EQ(filters(4), 3);
  EXPECT_EQ(filters(3), 2);  // a block of 2 filters has 2 words
  EXPECT_EQ(filters(1), 2);
}

TEST(Comparator, ShowsARowsRegisters) {
  const Layer layer = rising_layer();
  const UnitParameters parameters = narrow_parameters(1, 3);
  const auto clocked = unit().array->clocked(layer, parameters, {0, {0, 1}, {0, 3}, {0, 1}});
  const auto shown = unit().array->signals(parameters);
  ASSERT_EQ(clocked->view(0).size(), shown.size());
  const auto value = [&](const std::string& name) {
    const auto at = std::find_if(shown.begin(), shown.end(), [&](const auto& s) { return s.name == name; });
    return at == shown.end() ? -1.0 : clocked->view(0)[static_cast<std::size_t>(at - shown.begin())];
  };
  clocked->step();
  EXPECT_EQ(value("compare.comparison"), 1);
  EXPECT_EQ(value("queue.fill"), 0);
  clocked->step();
  EXPECT_EQ(value("queue.fill"), 1);
  EXPECT_EQ(value("add.lanes"), 0);
  clocked->step();
  EXPECT_EQ(value("add.lanes"), 2);
  EXPECT_EQ(value("add.index"), 1);
  EXPECT_EQ(value("psum.0"), 1 * 1);  // code 1 of the first filter stands for 1
  clocked->step();
  EXPECT_EQ(value("psum.0"), 1 * 1 + 1 * 2);
  EXPECT_EQ(value("add.block"), 1);
}

TEST(Comparator, RefusesWhatItCannotTake) {
  UnitParameters parameters = usual_parameters(1);
  const auto checked = [&] {
    return testing::error_of([&] { unit().array->check(parameters, "m.yaml: unit"); });
  };
  EXPECT_EQ(checked(), "");
  parameters.dtype = Dtype::fp32;
  EXPECT_NE(checked().find("m.yaml: unit: dtype fp32"), std::string::npos) << checked();

  Layer layer = rising_layer();
  parameters = usual_parameters(1);
  const auto checked_layer = [&] { return testing::refusal_of(unit(), layer, parameters); };
  EXPECT_EQ(checked_layer(), "");
  parameters.own["channels"] = 1;
  EXPECT_NE(checked_layer().find("layer rising: shape.C: 2"), std::string::npos) << checked_layer();
  parameters = usual_parameters(1);
  layer.ifmap.dtype = Dtype::int16;
  EXPECT_NE(checked_layer().find("layer rising: ifmap: int16"), std::string::npos) << checked_layer();
}

}  // namespace
}  // namespace basil
