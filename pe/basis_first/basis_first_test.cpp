#include <gtest/gtest.h>

#include <vector>

#include "pe/basis_first/drawn_work.h"
#include "pe/basis_first/events.h"

namespace basil::basis_first {
namespace {

// Effectual terms of a pass, one by one.
std::int64_t terms_of(const Work& work, const TilePass& pass) {
  const LayerShape& shape = work.layer.shape;
  const std::vector<std::int16_t> coefficients = basis::coefficients(work.layer.weights);
  const std::vector<std::int16_t> ifmap = decode(work.layer.ifmap);
  const auto meets = [](int place, int pad, int stride, int taps, int dilation, Range outputs) {
    for (int tap = 0; tap < taps; ++tap) {
      const int at = place + pad - tap * dilation;
      if (at % stride == 0 && at / stride >= outputs.first && at / stride < outputs.end && at >= 0)
        return true;
    }
    return false;
  };
  std::int64_t terms = 0;
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    for (int y = 0; y < shape.H; ++y) {
      if (!meets(y, shape.pad_top, shape.stride_y, shape.R, shape.dilation_y, pass.rows)) continue;
      for (int x = 0; x < shape.W; ++x) {
        if (!meets(x, shape.pad_left, shape.stride_x, shape.S, shape.dilation_x, {0, shape.Q()})) continue;
        for (int c = 0; c < shape.channels_per_group(); ++c) {
          const std::int64_t at =
              work.layer.ifmap.extent.at(n, y, x, pass.group * shape.channels_per_group() + c);
          if (ifmap[static_cast<std::size_t>(at)] == 0) continue;
          for (int row = pass.filters.first * work.layer.weights.parts<Basis>().bases;
               row < pass.filters.end * work.layer.weights.parts<Basis>().bases; ++row) {
            terms += coefficients[static_cast<std::size_t>(row * shape.channels_per_group() + c)] != 0;
          }
        }
      }
    }
  }
  return terms;
}

void compare_with_golden_and_twin(const Work& work) {
  check(work.layer);
  unit().check(work.layer, work.parameters);
  const bool is_basis = work.layer.weights.encoding == &basis_encoding;
  const bool convolves_first = is_basis && work.parameters.at("order") == 1;
  const std::vector<TilePass> passes = draw_passes(work);
  const std::vector<TileWork> works = testing::agreed_works(unit(), work.layer, work.parameters, passes);
  for (std::size_t i = 0; i < passes.size(); ++i) {
    const TilePass& pass = passes[i];
    const TileWork& done = works[i];
    RC_ASSERT(done.products == done.bins[Bin::compute]);
    const std::int64_t filter_bytes =
        ceil_div(filter_bits(work.layer.weights, pass.filters.first, pass.filters.end), 8);
    RC_ASSERT(done.weights.value == filter_bytes ||
              (convolves_first && done.weights.value == pass.n.size() * filter_bytes));
    if (is_basis && !convolves_first) RC_ASSERT(done.uses[ternary_adds].count == terms_of(work, pass));
  }
}

TEST(BasisFirst, SumFirstEqualsGoldenAndTwin) {
  check_property(1000, [] { compare_with_golden_and_twin(draw_basis_work(0)); });
}

TEST(BasisFirst, ConvolveFirstEqualsGoldenAndTwin) {
  check_property(1000, [] { compare_with_golden_and_twin(draw_basis_work(1)); });
}

TEST(BasisFirst, PlainWeightsEqualGoldenAndTwin) {
  check_property(1000, [] { compare_with_golden_and_twin(draw_plain()); });
}

// 3 x 3 ifmap, 3 x 3 kernel, padding 1, 4 channels, everything 1. A pixel at a corner meets 4 taps, at an
// edge 6, in the middle 9.
Work ones() {
  Work work{{}, usual()};
  Layer& layer = work.layer;
  layer.name = "ones";
  layer.shape = {
      .C = 4, .H = 3, .W = 3, .R = 3, .S = 3, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1};
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 3, 3, 4}, std::vector<std::int16_t>(36, 1), {1});
  layer.weights.encoding = &basis_encoding;
  layer.weights.extent = {1, 3, 3, 4};
  layer.weights.parts<Basis>().bases = 1;
  layer.weights.values.assign(9, 1);
  layer.weights.parts<Basis>().bitmap = {0xF};
  layer.weights.parts<Basis>().signs = {0};
  work.parameters.own["slices"] = 1;
  work.parameters.own["lanes"] = 4;
  work.parameters.own["look_ahead"] = 0;
  return work;
}

// The last products, and 3 or (sum first: the last ifmap row completes two ofmap rows) 6 psums out of 8
// banks.
constexpr int drain = 1 + 1;
// A row's first pixel is read from the row store, and into the window.
constexpr int fill = 1 + 1;

// The first of two filters has no coefficient.
TEST(BasisFirst, SaysWhatEachBlockHasToDo) {
  Work work = ones();
  work.layer.shape.K = 2;
  work.layer.weights.extent = {2, 3, 3, 4};
  work.layer.weights.parts<Basis>().bitmap = {0xF0};
  work.layer.weights.scales = {1};
  work.parameters.rows = 3;
  check(work.layer);
  const auto twin = unit().array->clocked(work.layer, work.parameters, testing::whole(work.layer.shape));
  EXPECT_EQ(twin->effectual_work(), (std::vector<std::int64_t>{0, 4, 0}));
}

TileWork run_both(const Work& work) {
  check(work.layer);
  unit().check(work.layer, work.parameters);
  return testing::agreed_works(unit(), work.layer, work.parameters, {testing::whole(work.layer.shape)})
      .front();
}

TEST(BasisFirst, SumsWaitForTheirTaps) {
  const TileWork done = run_both(ones());
  // Each row: the first pixel, its sum, then 1 cycle for a corner's taps and 2 for an edge's or the middle's;
  // the drain.
  EXPECT_EQ(done.cycles.value, 3 * fill + (1 + 1 + 2 + 1) + (1 + 2 + 2 + 2) + (1 + 1 + 2 + 1) + drain);
  EXPECT_EQ(done.products, 4 * 4 + 4 * 6 + 9);
  EXPECT_EQ(done.bins[Bin::wait_activations], 3 * (fill + 1) * 5);              // the first sum of each row
  EXPECT_EQ(done.bins[Bin::imbalance], 4 * (5 - 4) + 4 * (10 - 6) + (10 - 9));  // ragged last cycles
  EXPECT_EQ(done.bins[Bin::wait_psums], 0);  // places 8 to 0: five in a row lie in different banks of 8
  EXPECT_EQ(done.bins[Bin::drain], 5 * drain);
  EXPECT_EQ(done.uses[ternary_adds].count, 4 * 9);
  EXPECT_EQ(done.uses[accumulators].count, 2 * 9);  // a cycle a pixel, 32 bits
  EXPECT_EQ(done.uses[queue_store], (Uses{9, 9}));
  EXPECT_EQ(done.uses[psum_store], (Uses{49 + 9, 9 + 49}));
  EXPECT_EQ(done.uses[psum_crossbar].count, 49);
  EXPECT_EQ(done.uses[lane_choices].count, 4 * 9);
  EXPECT_EQ(done.uses[row_store], (Uses{9, 3 * 3}));  // a row of 4 lanes a pixel, of which a map row has 3
  EXPECT_EQ(done.uses[pixel_store], (Uses{9, 9}));
  EXPECT_EQ(done.uses[window_registers].count, 9 * 4);
  EXPECT_EQ(done.ifmap.value, 36);
  EXPECT_EQ(done.weights.value, (9 * 8 + 4 + 4) / 8);  // kernels, map, signs
  EXPECT_EQ(done.psums_out.value, 9 * 4);
}

TEST(BasisFirst, TapsWaitForTheirSums) {
  Work work = ones();
  work.parameters.own["lanes"] = 1;
  work.parameters.own["multipliers"] = 9;
  // Each row: 4 channels for each of 3 pixels on one lane, the last sum's taps; the drain.
  EXPECT_EQ(run_both(work).cycles.value, 3 * (fill + 3 * 4 + 1) + drain);
}

// Ofmap value (p, q) is in bank 3 p + q of those there are; a pixel meets p and q from high to low.
TEST(BasisFirst, BanksHoldUpTaps) {
  Work work = ones();
  work.parameters.own["multipliers"] = 9;
  work.parameters.own["psum_banks"] = 4;
  const TileWork done = run_both(work);
  // A corner's 4 taps lie in banks x, x - 1, x - 3, x - 4: the last one asks the first's, 2 cycles. An edge's
  // 6 are 5, 4, 2, 1, ... or 8, 7, 6, 5, ...: 5 4 2 | 1 ... cut where a bank comes again.
  const int corner = 2, beside = 2, above = 2,
            middle = 3;  // beside: 3 x 2 taps; above: 2 x 3; middle: 9 in 4 4 1
  EXPECT_EQ(done.cycles.value, 3 * fill + 2 * (1 + corner + above + corner) + (1 + beside + middle + beside) +
                                   (1 + ceil_div(2 * 3, 4)));
  EXPECT_EQ(done.products, 4 * 4 + 4 * 6 + 9);
  work.parameters.own["psum_banks"] = 1;  // a product a cycle
  EXPECT_EQ(run_both(work).cycles.value,
            3 * fill + (1 + 4 + 6 + 4) + (1 + 6 + 9 + 6) + (1 + 4 + 6 + 4) + (1 + 2 * 3));
}

// Of all three rows, with five multipliers and banks enough.
constexpr int round = 3 * fill + 17;

TEST(BasisFirst, SumsThatCancelAreGated) {
  Work work = ones();
  work.layer.weights.parts<Basis>().signs = {0b0101};
  const TileWork done = run_both(work);
  EXPECT_EQ(done.products, 0);
  EXPECT_EQ(done.bins[Bin::gated], 49);
  EXPECT_EQ(done.cycles.value, round + drain);
  EXPECT_EQ(done.uses[psum_adds].count, 0);
}

TEST(BasisFirst, PixelsWithoutTermsQueueNothing) {
  Work work = ones();
  work.layer.weights.parts<Basis>().bitmap = {0};
  work.layer.weights.parts<Basis>().signs = {};
  const TileWork done = run_both(work);
  EXPECT_EQ(done.cycles.value, 3 * (fill + 3) + drain);  // a cycle a pixel, the drain
  EXPECT_EQ(done.bins[Bin::wait_activations], 3 * (fill + 3) * 5);
  EXPECT_EQ(done.uses[queue_store].count, 0);
}

TEST(BasisFirst, MoreBasesThanSlicesTakeRounds) {
  Work work = ones();
  work.layer.weights.parts<Basis>().bases = 3;
  work.layer.weights.values.assign(27, 1);
  work.layer.weights.parts<Basis>().bitmap = {0xFFF};
  work.parameters.own["slices"] = 2;
  const TileWork done = run_both(work);
  EXPECT_EQ(done.cycles.value, 2 * round + drain);  // two rounds, the drain
  EXPECT_EQ(done.bins[Bin::idle], round * 5);       // one slice in the second round
  EXPECT_EQ(done.uses[row_store].count, 2 * 9);     // a pixel is for both slices, and comes again
  EXPECT_EQ(done.uses[pixel_store], (Uses{3 * 9, 3 * 9}));
  work.parameters.own["slices"] = 3;
  const TileWork at_once = run_both(work);
  EXPECT_EQ(at_once.cycles.value, round + drain);
  // Three slices' psums of 9 values: 49 products each, and two additions a value in the tree.
  EXPECT_EQ(at_once.uses[psum_adds].count, 3 * 49 + 2 * 9);
  EXPECT_EQ(at_once.uses[psum_store], (Uses{3 * 49 + 3 * 9, 3 * 49 + 3 * 9}));
}

TEST(BasisFirst, ConvolvingFirstMultipliesEveryChannel) {
  Work work = ones();
  work.parameters.own["order"] = 1;
  const TileWork done = run_both(work);
  // Stage A: for each of 4 channels 49 taps, one a cycle as the row store has one bank; stage B: a cycle for
  // each ofmap value; the drain.
  EXPECT_EQ(done.cycles.value, 4 * 49 + 9 + drain);
  EXPECT_EQ(done.products, 4 * 49);
  EXPECT_EQ(done.bins[Bin::wait_activations], 4 * (49 - 9) * (5 - 1));
  EXPECT_EQ(done.bins[Bin::imbalance], 4 * 9 * (5 - 1));
  EXPECT_EQ(done.bins[Bin::wait_psums], 9 * 5);
  EXPECT_EQ(done.uses[row_store].count, 4 * 49);
  EXPECT_EQ(done.psums_out.value, (4 * 9 + 9) * 4);
  EXPECT_EQ(done.psums_in.value, 4 * 9 * 4);
  EXPECT_EQ(done.uses[ternary_adds].count, 4 * 9);
  // Eight banks: 4 corners of 1 cycle, 4 edges and the middle of 2, the multipliers being five.
  work.parameters.own["look_ahead"] = 7;
  EXPECT_EQ(run_both(work).cycles.value, 4 * (4 * 1 + 5 * 2) + 9 + drain);
}

TEST(BasisFirst, PlainWeightsUseStageTwoAlone) {
  Work work = ones();
  work.layer.weights =
      encode(&bitmap_encoding, Dtype::int8, {1, 3, 3, 4}, std::vector<std::int16_t>(36, 1), {1});
  work.parameters.own["slices"] = 2;
  work.parameters.own["multipliers"] = 3;
  const TileWork done = run_both(work);
  // 36 positions are 12 rows of 3, 6 for each slice, and come in 9 words of 4. In each of 3 ofmap rows the
  // third value has come after 27 cycles, and two cycles in store and window; the drain.
  EXPECT_EQ(done.cycles.value, 3 * (3 * 9 + 1 + 6) + drain);
  EXPECT_EQ(done.products, 4 * 49);
  EXPECT_EQ(done.uses[ternary_adds].count, 0);
  EXPECT_EQ(done.uses[row_store].count, 9 * 9);
  EXPECT_EQ(done.uses[pixel_store], (Uses{9 * 12, 9 * 12}));
  EXPECT_EQ(done.uses[coefficient_store].count, 9 * 12 + 4 * 49);  // rows of maps, words of one weight
  // Twelve words a cycle hold up nothing: 9 words at once, then 6 cycles a value.
  work.parameters.own["look_ahead"] = 0;
  work.parameters.own["lanes"] = 64;
  EXPECT_EQ(run_both(work).cycles.value, 3 * (1 + 1 + 3 * 6) + drain);
}

// Six pixels of six channels, a kernel of one tap: the first three pixels have terms for the first slice
// alone, three each on its one lane, the last three for the second, which passes by the others in a cycle
// each.
TEST(BasisFirst, SlicesDriftApartByThePixelsTheyHold) {
  Work work{{}, usual()};
  Layer& layer = work.layer;
  layer.name = "drift";
  layer.shape = {.C = 6, .H = 1, .W = 6};
  std::vector<std::int16_t> ifmap(36, 0);
  for (std::size_t pixel = 0; pixel < 6; ++pixel)
    for (std::size_t c = 0; c < 3; ++c) ifmap[pixel * 6 + (pixel < 3 ? c : 3 + c)] = 1;
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 1, 6, 6}, ifmap, {1});
  layer.weights.encoding = &basis_encoding;
  layer.weights.extent = {1, 1, 1, 6};
  layer.weights.parts<Basis>().bases = 2;
  layer.weights.values.assign(2, 1);
  layer.weights.parts<Basis>().bitmap = {0b111000'000111};
  layer.weights.parts<Basis>().signs = {0};
  work.parameters.own["slices"] = 2;
  work.parameters.own["lanes"] = 1;
  work.parameters.own["look_ahead"] = 5;
  const auto cycles = [&](int pixels) {
    work.parameters.own["pixel_words"] = 6 * pixels;
    return run_both(work).cycles.value;
  };
  const int work_of_both = 3 * 3 + 3 * 1, tap = 1;
  EXPECT_EQ(cycles(4), fill + work_of_both + tap + drain);  // the second slice is three pixels ahead
  // The fourth pixel is read when the first slice has ended the second one: then three are left to the other.
  EXPECT_EQ(cycles(2), (fill + 2 * 3) + (fill + 3 * 3) + tap + drain);
  EXPECT_EQ(cycles(1), 6 * (fill + 3) + tap + drain);
}

TEST(BasisFirst, BothOrdersGiveTheSameSums) {
  check_property(1000, [] {
    Work work = draw_basis_work(0);
    Ofmap sum_first = testing::untouched_ofmap(work.layer.shape), convolve_first = sum_first;
    for (const TilePass& pass : draw_passes(work)) {
      unit().array->make(work.layer, work.parameters)->run(pass, sum_first);
    }
    work.parameters.own["order"] = 1;
    for (const TilePass& pass : draw_passes(work)) {
      unit().array->make(work.layer, work.parameters)->run(pass, convolve_first);
    }
    RC_ASSERT(sum_first.sums == convolve_first.sums);
  });
}

std::string refusal(const Work& work) { return testing::refusal_of(unit(), work.layer, work.parameters); }

TEST(BasisFirst, RefusesWhatItCannotHold) {
  EXPECT_EQ(refusal(ones()), "");
  Work work = ones();
  work.parameters.dtype = Dtype::int4;
  EXPECT_EQ(refusal(work),
            "layer ones: weights: int8 values, expected at most int4 for the basis_first unit");
  work = ones();
  work.parameters.own["coefficients"] = 3;
  EXPECT_EQ(refusal(work), "layer ones: unit.coefficients: 3, expected at least 4");
  work.parameters = ones().parameters;
  work.parameters.own["row_words"] = 11;
  EXPECT_EQ(refusal(work), "layer ones: unit.row_words: 11, expected at least 12");
  work.parameters.own["row_words"] = 12;
  work.parameters.own["pixel_words"] = 3;
  EXPECT_EQ(refusal(work), "layer ones: unit.pixel_words: 3, expected at least 4");
  work.parameters.own["order"] = 1;
  EXPECT_EQ(refusal(work), "");
  work.parameters.own["pixel_words"] = 4;
  work.parameters.own["psums"] = 2;
  EXPECT_EQ(refusal(work), "layer ones: unit.psums: 2, expected at least 3");
  work.parameters.own["order"] = 0;
  work.parameters.own["row_words"] = 12;
  EXPECT_EQ(refusal(work), "layer ones: unit.psums: 2, expected at least 9");

  UnitParameters real = usual();
  real.dtype = Dtype::fp32;
  EXPECT_THROW(unit().array->check(real, "machine"), Error);
}

TEST(BasisFirst, ShowsASliceAfterTheOther) {
  Work work = ones();
  work.parameters.own["slices"] = 2;
  work.parameters.own["queue"] = 1;
  work.parameters.own["multipliers"] = 1;
  const auto tile = unit().array->clocked(work.layer, work.parameters, testing::whole(work.layer.shape));
  ASSERT_EQ(unit().array->signals(work.parameters).size(), 2 * 5);
  ASSERT_EQ(tile->view(0).size(), 2 * 5);
  tile->step();  // the corner is read from the row store
  EXPECT_EQ(tile->view(0), (std::vector<double>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  tile->step();  // and into the window
  EXPECT_EQ(tile->view(0), (std::vector<double>{4, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  tile->step();  // stage 1 sums its four channels
  EXPECT_EQ(tile->view(0), (std::vector<double>{4, 4, 1, 0, 0, 0, 0, 0, 0, 0}));
  tile->step();  // stage 2 takes the sum; the next one finds the queue full
  EXPECT_EQ(tile->view(0), (std::vector<double>{4, 0, 0, 1, 1, 0, 0, 0, 0, 0}));
  tile->step();  // and follows
  EXPECT_EQ(tile->view(0), (std::vector<double>{4, 4, 1, 0, 1, 0, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace basil::basis_first
