#include <gtest/gtest.h>

#include "pe/tile_checks.h"

namespace basil {
namespace {

using testing::agreed_works;

const UnitType& unit() { return unit_type("dot", "test"); }

TEST(Dot, AgreesWithItsTwinAndTheGoldenSums) {
  check_property(2000, [] {
    const Layer layer = testing::draw_layer(false);
    const int tile_cols = *anywhere_in(1, 5);
    UnitParameters parameters = testing::usual_parameters(unit(), tile_cols * *anywhere_in(1, 5));
    parameters.own["tile_cols"] = tile_cols;
    parameters.own["width"] = *anywhere_in(1, 20);
    parameters.own["psum_words"] = *rc::gen::element(1, 3, 16, 1024);
    parameters.zero_gating = *rc::gen::arbitrary<bool>();
    const std::vector<TilePass> passes = testing::draw_passes(layer.shape);
    agreed_works(unit(), layer, parameters, passes);
    testing::check_lively_row(unit(), layer, parameters, passes.front());
  });
}

UnitParameters four_pes() {
  UnitParameters parameters = testing::usual_parameters(unit(), 4);
  parameters.own["tile_cols"] = 2;
  return parameters;
}

TileWork work_of(const Layer& layer, const UnitParameters& parameters) {
  return agreed_works(unit(), layer, parameters, {testing::whole(layer.shape)}).front();
}

int one(int) { return 1; }

LayerShape padded_square() {
  LayerShape shape{.C = 2, .H = 4, .W = 4, .K = 3, .R = 3, .S = 3};
  shape.pad_top = shape.pad_bottom = shape.pad_left = shape.pad_right = 1;
  return shape;
}

TEST(Dot, TakesAVectorOfTheReductionACycle) {
  const TileWork work = work_of(testing::layer_of(&conv_kind, padded_square(), one, one), four_pes());
  EXPECT_EQ(work.cycles, Cycles(4 * 3 * 2));  // pixels of a tile, filters, vectors of 3 * 3 * 2 words
  EXPECT_EQ(work.products, 16 * 3 * 18);      // padding multiplied too
  EXPECT_EQ(work.bins[Bin::imbalance], 16 * 3 * (32 - 18));
  EXPECT_EQ(work.uses[4].count, 16 * 2);                          // an ifmap vector stays for 3 filters
  EXPECT_EQ(work.uses[5], (Uses{.count = 96, .writes = 4 * 6}));  // a weight vector for 4 pixels
}

TEST(Dot, GatesPaddingAndZeroWeights) {
  UnitParameters parameters = four_pes();
  parameters.zero_gating = true;
  const auto first_filter = [](int i) { return i < 18 ? 1 : 0; };
  const Layer layer = testing::layer_of(&conv_kind, padded_square(), one, first_filter);
  const TileWork work = work_of(layer, parameters);
  EXPECT_EQ(work.cycles, Cycles(24));
  EXPECT_EQ(work.products, (4 * 4 + 8 * 6 + 4 * 9) * 2);  // corners, edges, inner pixels; 2 channels
  EXPECT_EQ(work.bins[Bin::gated], 16 * 3 * 18 - work.products);
}

// The upper left of four tiles sees zeros alone; of two filters one has weights.
TEST(Dot, SaysWhatEachPeHasToMultiply) {
  const LayerShape shape{.C = 16, .H = 4, .W = 4, .K = 2};
  const auto ifmap_at = [](int i) { return i / 64 < 2 && i / 16 % 4 < 2 ? 0 : 1; };
  const Layer layer = testing::layer_of(&conv_kind, shape, ifmap_at, [](int i) { return i < 16 ? 1 : 0; });
  const auto twin = unit().array->clocked(layer, four_pes(), testing::whole(shape));
  const std::int64_t words = 4 * 16;  // pixels of a tile, channels
  EXPECT_EQ(twin->effectual_work(), (std::vector<std::int64_t>{0, words, words, words}));
}

TEST(Dot, WaitsForTheLargestTile) {
  LayerShape shape{.C = 16, .H = 3, .W = 4, .K = 1};
  const TileWork work = work_of(testing::layer_of(&conv_kind, shape, one, one), four_pes());
  EXPECT_EQ(work.cycles, Cycles(2 * 2));
  EXPECT_EQ(work.bins[Bin::imbalance], 2 * 2 * 16);  // the lower tiles have one row
}

TEST(Dot, SplitsTheFiltersOfAFullyConnectedLayer) {
  const LayerShape shape{.C = 40, .K = 6};
  const TileWork work = work_of(testing::layer_of(&fc_kind, shape, one, one), four_pes());
  EXPECT_EQ(work.cycles, Cycles(2 * 3));                   // two filters, three vectors
  EXPECT_EQ(work.bins[Bin::imbalance], 6 * 8               // the last vector is half full
                                           + 2 * 3 * 16);  // two PEs have one filter
  EXPECT_EQ(work.bins[Bin::idle], 0);
}

// Each of 4 PEs keeps the whole ifmap of a fully connected layer; its RAM holds 16384 words of 16 bits.
TEST(Dot, KeepsTheIfmapForTheTilesOtherFilters) {
  const auto second_pass = [](int channels) {
    const Layer layer = testing::layer_of(&fc_kind, {.C = channels, .K = 2}, one, one);
    return agreed_works(unit(), layer, four_pes(), {{0, {0, 1}, {0, 1}, {0, 1}}, {0, {0, 1}, {1, 2}, {0, 1}}})
        .back();
  };
  EXPECT_EQ(second_pass(16384).ifmap, Bytes(0));
  EXPECT_EQ(second_pass(16385).ifmap, Bytes(2 * 16385 + 2049));  // and its bit map
}

TEST(Dot, RefusesWhatContradictsItself) {
  UnitParameters parameters = four_pes();
  const auto refusal = [&] { return testing::error_of([&] { unit().array->check(parameters, "unit"); }); };
  EXPECT_EQ(refusal(), "");
  parameters.own["tile_cols"] = 8;
  EXPECT_EQ(refusal(), "unit.tile_cols: 8, expected a divisor of the array's 4 rows, which are its PEs");
  parameters = four_pes();
  parameters.dtype = Dtype::fp32;
  EXPECT_EQ(refusal(), "unit: fp32, expected an integer dtype: the dot unit multiplies integers");
  parameters.dtype = Dtype::int8;
  const Layer layer = testing::layer_of(&conv_kind, padded_square(), one, one);
  EXPECT_EQ(
      testing::error_of([&] { unit().check(layer, parameters); }),
      "layer made: weights: int16 values, expected integers of at most 8 bits, which is what the dot unit "
      "takes");
}

}  // namespace
}  // namespace basil
