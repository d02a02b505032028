// Cycles of small cases written as the sum of their causes, on both twins.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "pe/sparse_inner/inner_array.h"
#include "pe/unit.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/encode.h"
#include "traces/golden/golden.h"

namespace basil {
namespace {

inline constexpr int tail = 2;  // multiply and accumulate, after the last match

const TileArray& inner_array() { return *unit_type("sparse_inner", "test").array; }

UnitParameters parameters_of(int clusters, int units, int balance) {
  UnitParameters parameters;
  parameters.rows = clusters;
  parameters.own = {{"units", units},     {"chunk", 64},      {"skip_ifmap", 1},     {"skip_weights", 1},
                    {"balance", balance}, {"psum_words", 32}, {"filter_bits", 65536}};
  parameters.delivery = {.weights = true, .ifmap = true, .psums = true};
  return parameters;
}

using Places = std::vector<int>;

Places from_to(int first, int end) {
  Places places(static_cast<std::size_t>(end - first));
  std::iota(places.begin(), places.end(), first);
  return places;
}

Places operator+(Places a, const Places& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Operand operand_of(const std::vector<Places>& outer, int depth) {
  std::vector<std::int16_t> values(outer.size() * static_cast<std::size_t>(depth));
  for (std::size_t o = 0; o < outer.size(); ++o) {
    for (const int place : outer[o]) {
      values[o * static_cast<std::size_t>(depth) + static_cast<std::size_t>(place)] =
          static_cast<std::int16_t>(1 + place % 5);
    }
  }
  return encode(&bitmap_encoding, Dtype::int8, {static_cast<int>(outer.size()), 1, 1, depth}, values, {1.0F});
}

// A fully connected layer: nonzero places of each input vector and of each filter.
Layer fc(int depth, const std::vector<Places>& inputs, const std::vector<Places>& filters) {
  Layer layer;
  layer.name = "fc";
  layer.kind = &fc_kind;
  layer.shape.N = static_cast<int>(inputs.size());
  layer.shape.C = depth;
  layer.shape.K = static_cast<int>(filters.size());
  layer.ifmap = operand_of(inputs, depth);
  layer.weights = operand_of(filters, depth);
  return layer;
}

// The whole layer in one pass, by both twins.
TileWork run(const Layer& layer, const UnitParameters& parameters) {
  const TilePass pass{.group = 0, .n = {0, layer.shape.N}, .filters = {0, layer.shape.K}, .rows = {0, 1}};
  Ofmap golden = run_golden(layer);
  Ofmap sums = golden;
  std::fill(sums.sums.begin(), sums.sums.end(), -1);
  TileWork fast = inner_array().make(layer, parameters)->run(pass, sums);
  EXPECT_EQ(sums.sums, golden.sums);
  const auto clocked = inner_array().clocked(layer, parameters, pass);
  while (!clocked->done()) clocked->step();
  EXPECT_TRUE(clocked->work() == fast);
  return fast;
}

TEST(SparseInnerCycles, TheSlowestUnitSetsTheChunksPace) {
  const Layer layer = fc(128, {from_to(0, 10) + from_to(64, 67)}, {from_to(0, 5) + from_to(64, 67), {0, 1}});
  const TileWork work = run(layer, parameters_of(1, 2, 0));
  const int first_chunk = 5, second_chunk = 3;
  EXPECT_EQ(work.cycles.value, first_chunk + second_chunk + tail);
  EXPECT_EQ(work.bins[Bin::compute], 5 + 3 + 2);
  EXPECT_EQ(work.bins[Bin::gated], 1);  // the second filter finds nothing in its second chunk
  EXPECT_EQ(work.bins[Bin::imbalance], (5 - 2) + (3 - 1));
  EXPECT_EQ(work.bins[Bin::drain], 2 * tail);
}

// The case above, clock by clock.
TEST(SparseInnerCycles, ShowsItsRegisters) {
  const Layer layer = fc(128, {from_to(0, 10) + from_to(64, 67)}, {from_to(0, 5) + from_to(64, 67), {0, 1}});
  const UnitParameters parameters = parameters_of(1, 2, 0);
  const auto array =
      inner_array().clocked(layer, parameters, {.n = {0, 1}, .filters = {0, 2}, .rows = {0, 1}});
  const auto signals = inner_array().signals(parameters);
  const auto seen = [&](const std::string& name) {
    const auto signal = std::find_if(signals.begin(), signals.end(),
                                     [&](const ClockedSignal& other) { return other.name == name; });
    return static_cast<int>(array->view(0)[static_cast<std::size_t>(signal - signals.begin())]);
  };
  std::vector<int> chunk, units_joining, most_left, product, psum;
  for (; !array->done(); array->step()) {
    chunk.push_back(seen("cluster.chunk"));
    units_joining.push_back(seen("cluster.units_joining"));
    most_left.push_back(seen("cluster.most_left"));
    product.push_back(seen("unit0.product"));
    psum.push_back(seen("unit0.psum0"));
  }
  EXPECT_EQ(chunk, (std::vector<int>{0, 0, 0, 0, 0, 1, 1, 1, 1, 1}));
  EXPECT_EQ(units_joining, (std::vector<int>{2, 2, 1, 1, 1, 2, 1, 1, 0, 0}));
  EXPECT_EQ(most_left, (std::vector<int>{5, 4, 3, 2, 1, 3, 2, 1, 0, 0}));
  EXPECT_EQ(product, (std::vector<int>{0, 0, 1, 4, 9, 16, 25, 25, 1, 4}));  // squares of 1 + place % 5
  EXPECT_EQ(psum, (std::vector<int>{0, 0, 0, 1, 5, 14, 30, 55, 80, 81}));   // the last sum leaves at once
}

TEST(SparseInnerCycles, AChunkWithoutAMatchTakesACycle) {
  const Layer layer = fc(64 * 5, {{0, 70}}, {{1}, {2, 71}});
  const TileWork work = run(layer, parameters_of(1, 2, 0));
  EXPECT_EQ(work.cycles.value, 5 * 1 + tail);
  EXPECT_EQ(work.bins[Bin::gated], 2 * 5);
  EXPECT_EQ(work.products, 0);
}

TEST(SparseInnerCycles, GreedyBalancingPairsTheDensestWithTheSparsest) {
  const Layer layer =
      fc(64, {from_to(0, 64)}, {from_to(0, 4), from_to(10, 16), from_to(20, 21), from_to(30, 33)});
  const TileWork work = run(layer, parameters_of(1, 2, 1));
  EXPECT_EQ(work.cycles.value, std::max(6 + 1, 4 + 3) + tail);
  EXPECT_EQ(work.bins[Bin::imbalance], 0);
}

// By filter the pairs are 0 with 3 and 1 with 2: both dense in the same chunk. By chunk, the dense one goes
// with a sparse one both times.
TEST(SparseInnerCycles, BalancingByChunkFollowsTheChunksOwnDensity) {
  const Layer layer = fc(128, {from_to(0, 128)},
                         {from_to(0, 8) + from_to(64, 65), from_to(0, 1) + from_to(64, 72),
                          from_to(0, 1) + from_to(64, 70), from_to(0, 6) + from_to(64, 65)});
  EXPECT_EQ(run(layer, parameters_of(1, 2, 1)).cycles.value, (8 + 6) + (8 + 6) + tail);
  const TileWork by_chunk = run(layer, parameters_of(1, 2, 2));
  EXPECT_EQ(by_chunk.cycles.value, (8 + 1) + (8 + 1) + tail);
  const auto parts = inner_array().parts(parameters_of(1, 2, 2));
  ASSERT_EQ(parts[8].name, "crossbar_16b");
  EXPECT_EQ(by_chunk.uses[8].count, 4 * 2);  // filters x chunks
}

TEST(SparseInnerCycles, FiltersStayAloneWhileThereAreUnits) {
  const Layer layer = fc(64, {from_to(0, 64)}, {from_to(0, 5), from_to(0, 9), from_to(0, 2)});
  const TileWork work = run(layer, parameters_of(1, 4, 1));
  EXPECT_EQ(work.cycles.value, 9 + tail);
  EXPECT_EQ(work.bins[Bin::idle], 9 + tail);  // the fourth unit
}

// Pixels of 4, 3 and 2 matches on two clusters: the first takes the first and the third.
TEST(SparseInnerCycles, ClustersTakePixelsInTurnAndWaitForTheSlowest) {
  const Layer layer = fc(64, {from_to(0, 4), from_to(0, 3), from_to(0, 2)}, {from_to(0, 64)});
  const TileWork two = run(layer, parameters_of(2, 1, 0));
  EXPECT_EQ(two.cycles.value, (4 + 2) + tail);
  EXPECT_EQ(two.bins[Bin::imbalance], (4 + 2) - 3);
  EXPECT_EQ(two.bins[Bin::idle], 0);
  const TileWork five = run(layer, parameters_of(5, 1, 0));
  EXPECT_EQ(five.cycles.value, 4 + tail);
  EXPECT_EQ(five.bins[Bin::imbalance], (4 - 3) + (4 - 2));
  EXPECT_EQ(five.bins[Bin::idle], 2 * (4 + tail));
}

TEST(SparseInnerCycles, ASideThatIsNotSkippedCostsItsZeros) {
  const Layer layer = fc(100, {from_to(0, 40)}, {from_to(30, 80)});
  UnitParameters parameters = parameters_of(1, 1, 0);
  EXPECT_EQ(run(layer, parameters).cycles.value, 10 + 1 + tail);
  parameters.own["skip_weights"] = 0;
  EXPECT_EQ(run(layer, parameters).cycles.value, 40 + 1 + tail);
  parameters.own["skip_weights"] = 1, parameters.own["skip_ifmap"] = 0;
  EXPECT_EQ(run(layer, parameters).cycles.value, (64 - 30) + (80 - 64) + tail);
  parameters.own["skip_weights"] = 0;
  const TileWork dense = run(layer, parameters);
  EXPECT_EQ(dense.cycles.value, 64 + (100 - 64) + tail);
  EXPECT_EQ(dense.products, 10);
  EXPECT_EQ(dense.bins[Bin::gated], 100 - 10);
}

// One filter, its 5, 8 and 2 nonzeros in three chunks of 64; every one of them matches.
Layer three_chunks(std::size_t pixels) {
  return fc(192, std::vector<Places>(pixels, from_to(0, 192)),
            {from_to(0, 5) + from_to(64, 72) + from_to(128, 130)});
}
// A set is 64 bits of mask and 16 a nonzero; the port brings 16 a cycle.
constexpr int set_0 = (64 + 5 * 16) / 16, set_1 = (64 + 8 * 16) / 16, set_2 = (64 + 2 * 16) / 16;

UnitParameters behind_a_narrow_port(int clusters, int psum_words, bool doubled) {
  UnitParameters parameters = parameters_of(clusters, 1, 0);
  parameters.own["filter_bits"] = 16;
  parameters.own["psum_words"] = psum_words;
  parameters.delivery.weights = doubled;
  return parameters;
}

TEST(SparseInnerCycles, ADoubledBufferTakesTheNextSetUnderTheWork) {
  const TileWork work = run(three_chunks(1), behind_a_narrow_port(1, 32, true));
  // The first set is there. The second one's 12 cycles go on under the first one's 5 matches, the third one's
  // 6 under the second one's 8.
  static_assert(set_1 == 12 && set_2 == 6);
  EXPECT_EQ(work.cycles.value, set_1 + 8 + 2 + tail);
  EXPECT_EQ(work.bins[Bin::wait_weights], set_1 - 5);
  EXPECT_EQ(work.weights.value, (192 + 15 * 8) / 8);  // as encoded
  EXPECT_EQ(work.weights_first.value, 39 / 3);
}

TEST(SparseInnerCycles, ASingleBufferWaitsForEverySetButTheFirst) {
  const TileWork work = run(three_chunks(1), behind_a_narrow_port(1, 32, false));
  EXPECT_EQ(work.cycles.value, 5 + set_1 + 8 + set_2 + 2 + tail);
  EXPECT_EQ(work.bins[Bin::wait_weights], set_1 + set_2);
}

// Two pixels a group: three pixels need the three sets twice.
TEST(SparseInnerCycles, PixelsOfAGroupShareASet) {
  const TileWork work = run(three_chunks(3), behind_a_narrow_port(1, 2, true));
  const int first_group = set_1 + 2 * 8 + 2 * 2;             // 2 x 5 matches hide all but 2 of the 12 cycles
  const int second_group = (set_0 - 2 * 2) + set_1 + 8 + 2;  // 9 cycles under 4, 12 under 5, 6 under 8
  EXPECT_EQ(work.cycles.value, first_group + second_group + tail);
  EXPECT_EQ(work.bins[Bin::wait_weights], (set_1 - 2 * 5) + (set_0 - 2 * 2) + (set_1 - 5));
  EXPECT_EQ(work.uses[4].writes, 2 * 15);                            // filter chunks, once a group
  EXPECT_EQ(work.uses[7], (Uses{.count = 3 * 2, .writes = 3 * 2}));  // a pixel's psum rests twice
  const TileWork together = run(three_chunks(3), behind_a_narrow_port(1, 3, true));
  EXPECT_EQ(together.cycles.value, 3 * 15 + tail);
  EXPECT_EQ(together.uses[4].writes, 15);
}

// A unit's 4 psums are those of 4 pixels of one filter, or of 2 pixels of two filters: 8 pixels on 2 clusters
// use a set in one group, or in two.
TEST(SparseInnerCycles, TwoFiltersOfAUnitShareItsPsums) {
  InnerArray array;
  array.clusters = 2;
  array.psum_words = 4;
  const FilterSets one(array, 1, 3, 8), two(array, 2, 3, 8);
  EXPECT_EQ(one.group, 4);
  EXPECT_EQ(one.count(), 1 * 3);
  EXPECT_EQ(two.group, 4 / 2);
  EXPECT_EQ(two.count(), 2 * 3);
}

// The port asks when the last cluster has begun, and every cluster gets the set at once.
TEST(SparseInnerCycles, ClustersTakeASetTogether) {
  Layer layer = fc(128, {from_to(0, 2) + from_to(64, 70), from_to(0, 9) + from_to(64, 65), from_to(0, 1)},
                   {from_to(0, 128)});
  const TileWork work = run(layer, behind_a_narrow_port(2, 1 + 1, true));
  // The first cluster has the first and the third pixel. Set of 64 nonzeros: 4 + 64 cycles.
  const int set = (64 + 64 * 16) / 16;
  EXPECT_EQ(work.cycles.value, set + 6 + 1 + tail);
  EXPECT_EQ(work.bins[Bin::wait_weights], (set - (2 + 1)) + (set - 9));
  EXPECT_EQ(work.uses[4].writes, 2 * 128);
  const std::int64_t filter_bits = 128 + 128 * 8;
  EXPECT_EQ(work.weights.value, filter_bits / 8) << "multicast: once for both clusters";
}

// Uses in the order of the parts, for one filter of one chunk, and of two.
TEST(SparseInnerCycles, AFilterOfOneChunkStaysInItsBuffer) {
  const std::vector<Places> inputs(3, from_to(0, 7));
  const auto uses_of = [&](int depth) {
    UnitParameters parameters = parameters_of(1, 1, 0);
    parameters.own["psum_words"] = 2;
    return run(fc(depth, inputs, {from_to(5, 9)}), parameters).uses;
  };
  const auto parts = inner_array().parts(parameters_of(1, 1, 0));
  ASSERT_EQ(parts[3].name, "ifmap chunks");
  ASSERT_EQ(parts[4].name, "filter chunks");
  EXPECT_EQ(uses_of(64)[3], (Uses{3 * 2, 3 * 7}));
  EXPECT_EQ(uses_of(64)[4], (Uses{3 * 2, 4}));
  EXPECT_EQ(uses_of(128)[4], (Uses{3 * 2, 2 * 4}));  // for each group of two pixels
}

TEST(SparseInnerCycles, ShipsOperandsAsTheyAreEncoded) {
  const Layer layer = fc(64, {from_to(0, 7), from_to(0, 3)}, {from_to(5, 9)});
  const TileWork work = run(layer, parameters_of(1, 1, 0));
  EXPECT_EQ(work.ifmap.value, (64 + 7 * 8 + 64 + 3 * 8) / 8);
  EXPECT_EQ(work.weights.value, (64 + 4 * 8) / 8);
  EXPECT_EQ(work.psums_out.value, 2 * 4);
  EXPECT_EQ(work.psums_in.value, 0);
}

}  // namespace
}  // namespace basil
