#include <gtest/gtest.h>

#include "pe/tile_checks.h"

namespace basil {
namespace {

using testing::agreed_works;

const UnitType& unit() { return unit_type("sparse_outer", "test"); }

UnitParameters draw_parameters() {
  const int tile_cols = *anywhere_in(1, 5);
  UnitParameters parameters = testing::usual_parameters(unit(), tile_cols * *anywhere_in(1, 5));
  parameters.own["tile_cols"] = tile_cols;
  parameters.own["ifmap_vector"] = *anywhere_in(1, 7);
  parameters.own["weight_vector"] = *anywhere_in(1, 7);
  parameters.own["banks"] = 1 << *anywhere_in(0, 9);
  parameters.own["bank_words"] = *rc::gen::element(1, 8, 32, 1024);
  parameters.own["queue"] = *anywhere_in(1, 6);
  parameters.own["group"] = *anywhere_in(1, 9);
  parameters.own["halo_words"] = *anywhere_in(1, 6);
  parameters.own["skip_ifmap"] = *anywhere_in(0, 4) > 0 ? 1 : 0;
  parameters.own["skip_weights"] = *anywhere_in(0, 4) > 0 ? 1 : 0;
  return parameters;
}

TEST(SparseOuter, AgreesWithItsTwinAndTheGoldenSums) {
  check_property(2000, [] {
    const Layer layer = testing::draw_layer(false);
    const UnitParameters parameters = draw_parameters();
    RC_PRE(testing::refusal_of(unit(), layer, parameters).empty());
    const std::vector<TilePass> passes = testing::draw_passes(layer.shape);
    agreed_works(unit(), layer, parameters, passes);
    testing::check_lively_row(unit(), layer, parameters, passes.front());
  });
}

// Tiles of many pixels, streams of many vectors, more products a step than fit a byte.
TEST(SparseOuter, AgreesOnLargerPlanes) {
  check_property(1000, [] {
    Layer layer;
    layer.name = "drawn";
    LayerShape& s = layer.shape;
    s.C = *anywhere_in(1, 8);
    s.K = *anywhere_in(1, 17);
    s.R = *anywhere_in(1, 6);
    s.S = *anywhere_in(1, 6);
    s.H = *anywhere_in(6, 20);
    s.W = *anywhere_in(6, 20);
    s.stride_y = *anywhere_in(1, 5);
    s.stride_x = *anywhere_in(1, 5);
    s.pad_top = *anywhere_in(0, 4);
    s.pad_left = *anywhere_in(0, 4);
    layer.weights = testing::draw_operand(Dtype::int16, {s.K, s.R, s.S, s.C}, false);
    layer.ifmap = testing::draw_operand(Dtype::int16, {s.N, s.H, s.W, s.C}, false);
    UnitParameters parameters = draw_parameters();
    parameters.own["banks"] = *rc::gen::element(4, 16, 32, 64);
    parameters.own["ifmap_vector"] = *anywhere_in(1, 17);
    parameters.own["weight_vector"] = *anywhere_in(1, 17);
    parameters.own["queue"] = *rc::gen::element(1, 2, 64);
    RC_PRE(testing::refusal_of(unit(), layer, parameters).empty());
    agreed_works(unit(), layer, parameters, {testing::whole(s)});
  });
}

LayerShape square(int side, int taps, int pad, int filters) {
  LayerShape shape{.H = side, .W = side, .K = filters, .R = taps, .S = taps};
  shape.pad_top = shape.pad_bottom = shape.pad_left = shape.pad_right = pad;
  return shape;
}

int one(int) { return 1; }

UnitParameters four_pes() {
  UnitParameters parameters = testing::usual_parameters(unit(), 4);
  parameters.own["tile_cols"] = 2;
  return parameters;
}

TileWork work_of(const Layer& layer, const UnitParameters& parameters) {
  return agreed_works(unit(), layer, parameters, {testing::whole(layer.shape)}).front();
}

TEST(SparseOuter, TakesAVectorOfActivationsAStep) {
  const Layer layer = testing::layer_of(&conv_kind, square(4, 1, 0, 1), one, one);
  const TileWork work = work_of(layer, four_pes());
  EXPECT_EQ(work.cycles, Cycles(1       // 4 activations of a tile meet the weight
                                + 1));  // the banks take the products
  EXPECT_EQ(work.bins[Bin::compute], 16);
  EXPECT_EQ(work.bins[Bin::imbalance], 4 * 16 - 16);  // 12 of 16 multipliers had no weight
  EXPECT_EQ(work.bins[Bin::wait_psums], 4 * 16);
}

// The upper left of four tiles sees zeros alone; of two filters one has a weight.
TEST(SparseOuter, SaysWhatEachPeHasToMultiply) {
  const auto ifmap_at = [](int i) { return i / 4 < 2 && i % 4 < 2 ? 0 : 1; };
  const Layer layer =
      testing::layer_of(&conv_kind, square(4, 1, 0, 2), ifmap_at, [](int i) { return i == 0 ? 1 : 0; });
  const auto twin = unit().array->clocked(layer, four_pes(), testing::whole(layer.shape));
  EXPECT_EQ(twin->effectual_work(), (std::vector<std::int64_t>{0, 4, 4, 4}));
}

TEST(SparseOuter, StallsWhileABankTakesProductAfterProduct) {
  const Layer layer = testing::layer_of(&conv_kind, square(4, 3, 1, 2), one, one);
  UnitParameters parameters = four_pes();
  parameters.own["banks"] = 1;
  parameters.own["bank_words"] = 1024;
  parameters.own["queue"] = 1;
  const TileWork work = work_of(layer, parameters);
  const int landing = 4 + 6 + 6 + 9;           // taps of a tile's pixels that reach the plane
  const int halo = 3 * 3 - 2 * 2;              // psums of a tile's accumulators that it does not own
  EXPECT_EQ(work.cycles, Cycles(1              // the first step
                                + 2 * landing  // the bank takes one a cycle
                                + (2 * halo + 3) / 4));  // halo exchange, 4 words a cycle
  EXPECT_EQ(work.bins[Bin::compute], 4 * 2 * landing);
  EXPECT_EQ(work.bins[Bin::gated], 4 * 2 * (4 * 9 - landing));  // landed nowhere
  EXPECT_EQ(work.bins[Bin::drain], 4 * 16 * 3);
  EXPECT_EQ(work.uses[0].count, 4 * 2 * 4 * 9);                   // but were multiplied
  EXPECT_EQ(work.uses[3].count, 4 * 2 * landing + 4 * 2 * halo);  // psums added
}

TEST(SparseOuter, MultipliesOnlyPairsThatMeetOnAStride) {
  LayerShape shape = square(4, 1, 0, 1);
  shape.stride_y = shape.stride_x = 2;
  const TileWork work = work_of(testing::layer_of(&conv_kind, shape, one, one), four_pes());
  EXPECT_EQ(work.cycles, Cycles(1 + 1));  // one activation of four is on the grid
  EXPECT_EQ(work.products, 4);
  EXPECT_EQ(work.bins[Bin::gated], 0);
}

TEST(SparseOuter, WaitsForTheSlowestTile) {
  // The tile at the upper left has 4 activations, the others none; 8 weights are two vectors.
  const auto corner = [](int pixel) { return pixel % 4 < 2 && pixel / 4 < 2 ? 3 : 0; };
  const auto weight = [](int) { return 2; };
  const Layer layer = testing::layer_of(&conv_kind, square(4, 1, 0, 8), corner, weight);
  const TileWork work = work_of(layer, four_pes());
  EXPECT_EQ(work.cycles, Cycles(2 + 1));
  EXPECT_EQ(work.products, 4 * 8);
  EXPECT_EQ(work.bins[Bin::imbalance], 3 * 16 * 3);
  EXPECT_EQ(work.bins[Bin::wait_psums], 16);
}

TEST(SparseOuter, SplitsTheFiltersOfAFullyConnectedLayer) {
  LayerShape shape{.C = 10, .K = 16};
  const TileWork work = work_of(testing::layer_of(&fc_kind, shape, one, one), four_pes());
  EXPECT_EQ(work.cycles, Cycles(10 + 1));  // each of 4 PEs: one activation, 4 filters a channel
  EXPECT_EQ(work.products, 160);
  EXPECT_EQ(work.bins[Bin::imbalance], 10 * 4 * 16 - 160);  // a quarter of peak
  EXPECT_EQ(work.bins[Bin::idle], 0);
  EXPECT_EQ(unit().array->cut(testing::layer_of(&fc_kind, shape, one, one), four_pes()).filters, 8 * 4);
}

TEST(SparseOuter, SpendsSlotsOnZerosThatItDoesNotSkip) {
  const auto even = [](int i) { return i % 2 == 0 ? 1 : 0; };
  const Layer layer = testing::layer_of(&conv_kind, square(4, 1, 0, 4), even, even);
  UnitParameters parameters = four_pes();
  EXPECT_EQ(work_of(layer, parameters).bins[Bin::gated], 0);
  parameters.own["skip_ifmap"] = parameters.own["skip_weights"] = 0;
  const TileWork work = work_of(layer, parameters);
  EXPECT_EQ(work.cycles, Cycles(1 + 1));
  EXPECT_EQ(work.products, 8 * 2);
  EXPECT_EQ(work.bins[Bin::gated], 16 * 4 - 8 * 2);
  EXPECT_EQ(work.uses[0].count, 8 * 2);
}

TEST(SparseOuter, TakesRoundsAndBandsThatItsAccumulatorsHold) {
  const Layer layer = testing::layer_of(&conv_kind, square(8, 1, 0, 4), one, one);
  UnitParameters parameters = four_pes();  // tiles of 4 x 4
  EXPECT_EQ(unit().array->cut(layer, parameters).filters, 8);
  EXPECT_EQ(work_of(layer, parameters).cycles, Cycles(4       // 16 activations, one vector of weights
                                                      + 2));  // filters 0 and 2 share banks, 1 and 3 too
  parameters.own["bank_words"] = 1;                           // 32 psums: two filters at a time
  EXPECT_EQ(unit().array->cut(layer, parameters).filters, 8);
  EXPECT_EQ(work_of(layer, parameters).cycles, Cycles(2 * (4 + 1)));
  parameters.own["banks"] = 8;  // half a tile at a time
  EXPECT_EQ(work_of(layer, parameters).cycles, Cycles(2 * 4 * (2 + 1)));
  parameters.own["banks"] = 2;
  EXPECT_EQ(
      testing::refusal_of(unit(), layer, parameters),
      "layer made: accumulators of a PE: 2 banks of 1 words, expected 4 psums for its part of one ofmap row");
}

// Each of 4 PEs keeps all activations of a fully connected layer, one a vector; its RAM holds 1024 vectors of
// 4 words of 16 bits and their indices.
TEST(SparseOuter, KeepsTheIfmapForTheTilesOtherFilters) {
  const auto second_pass = [](int channels) {
    const Layer layer = testing::layer_of(&fc_kind, {.C = channels, .K = 8}, one, one);
    return agreed_works(unit(), layer, four_pes(), {{0, {0, 1}, {0, 4}, {0, 1}}, {0, {0, 1}, {4, 8}, {0, 1}}})
        .back();
  };
  EXPECT_EQ(second_pass(1024).ifmap, Bytes(0));
  EXPECT_EQ(second_pass(1024).uses[5].writes, 0);
  EXPECT_EQ(second_pass(1025).ifmap, Bytes(2 * 1025 + 129));  // and its bit map
  EXPECT_EQ(second_pass(1025).uses[5].writes, 4 * 1025);
}

TEST(SparseOuter, RefusesWhatContradictsItself) {
  UnitParameters parameters = four_pes();
  const auto refusal = [&] { return testing::error_of([&] { unit().array->check(parameters, "unit"); }); };
  EXPECT_EQ(refusal(), "");
  parameters.own["banks"] = 24;
  EXPECT_EQ(refusal(), "unit.banks: 24, expected a power of two");
  parameters = four_pes();
  parameters.own["tile_cols"] = 3;
  EXPECT_EQ(refusal(), "unit.tile_cols: 3, expected a divisor of the array's 4 rows, which are its PEs");
  parameters = four_pes();
  parameters.dtype = Dtype::fp32;
  EXPECT_EQ(refusal(), "unit: fp32, expected an integer dtype: the sparse_outer unit multiplies integers");
  parameters.dtype = Dtype::int8;
  const Layer layer = testing::layer_of(&conv_kind, square(4, 1, 0, 1), one, one);
  EXPECT_EQ(testing::refusal_of(unit(), layer, parameters),
            "layer made: weights: int16 values, expected integers of at most 8 bits, which is what the "
            "sparse_outer unit takes");
}

}  // namespace
}  // namespace basil
