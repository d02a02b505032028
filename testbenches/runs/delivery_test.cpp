// Operands through ports into the array's stores, whole machines, cycles written as the sum of their causes.
// DRAM is as fast as can be, so that what is waited for is the array's.
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "models/processes/jobs.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/encode.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

Layer ones(const LayerShape& shape, Dtype dtype) {
  const auto operand = [&](const Extent& extent) {
    return encode(&dense_encoding, dtype, extent,
                  std::vector<std::int16_t>(static_cast<std::size_t>(extent.positions()), 1), {1.0F});
  };
  Layer layer;
  layer.name = "ones";
  layer.shape = shape;
  layer.ifmap = operand({shape.N, shape.H, shape.W, shape.C});
  layer.weights = operand({shape.K, shape.R, shape.S, shape.C});
  layer.output = {dtype, 1.0F, false};
  return layer;
}

LayerResult run(const Layer& layer, const std::string& machine, std::vector<std::string> overrides,
                Fidelity fidelity = Fidelity::transaction) {
  for (const char* fast : {"dram.bits=65536", "dram.latency_ns=0", "dram.row_miss_ns=0"})
    overrides.emplace_back(fast);
  Trace trace;
  trace.name = "made";
  trace.layers.push_back(layer);
  Options options;
  options.fidelity = fidelity;
  return simulate_in_children(trace, load_accelerator(machine, overrides), options, 1).layers.front();
}

// dcnn behind ports of 64 bits.
std::vector<std::string> narrow(const std::string& kind) {
  return {"noc.filter_bits=64",           "noc.ifmap_bits=64",
          "noc.psum_in_bits=64",          "noc.psum_out_bits=64",
          "buffers.filters.port_bits=64", "buffers.fmaps.port_bits=64",
          "delivery.weights=" + kind,     "delivery.ifmap=" + kind,
          "delivery.psums=" + kind};
}

// 8 x 8 pixels of 16 channels, one a PE; 8 filters of one vector a pass, two passes of 8 cycles. int16: a
// pass's weights are 8 * 16 * 2 = 256 bytes, the ifmap 64 * 16 * 2 = 2048, which the second pass finds in the
// PEs, and a pass's words out 64 * 8 * 2 = 1024; 8 bytes a cycle.
const LayerShape two_passes{.C = 16, .H = 8, .W = 8, .K = 16};
constexpr int work = 8, weights = 256 / 8, ifmap = 2048 / 8, out = 1024 / 8;

TEST(Delivery, SingleStoresWaitForEverything) {
  const LayerResult layer = run(ones(two_passes, Dtype::int16), "dcnn", narrow("single"));
  EXPECT_EQ(layer.processing.value, (ifmap + work + out) + (weights + work + out));
  const std::int64_t pes = 1024;
  EXPECT_EQ(layer.bins[Bin::wait_weights], pes * (weights + weights));
  EXPECT_EQ(layer.bins[Bin::wait_activations], pes * (ifmap - weights));  // both at once
  EXPECT_EQ(layer.bins[Bin::drain], pes * (out + out));
  EXPECT_EQ(layer.bins[Bin::compute], pes * 2 * work);
}

TEST(Delivery, DoubledStoresWorkUnderThePassBeside) {
  const LayerResult layer = run(ones(two_passes, Dtype::int16), "dcnn", narrow("double"));
  // The second pass's weights come when the first one's work begins, and take 32 cycles where that has 8. The
  // first one's words leave from its end on, 128 cycles, of which the second pass covers 24 + 8; it is the
  // last, so its own follow.
  const int second_waits = weights - work;
  const int first_drains = out - (second_waits + work);
  EXPECT_EQ(layer.processing.value, (ifmap + work) + (second_waits + work + first_drains + out));
  const std::int64_t pes = 1024;
  EXPECT_EQ(layer.bins[Bin::wait_weights], pes * (weights + second_waits));
  EXPECT_EQ(layer.bins[Bin::wait_activations], pes * (ifmap - weights));
  EXPECT_EQ(layer.bins[Bin::drain], pes * (first_drains + out));
  EXPECT_EQ(layer.bins[Bin::noc], 0);
}

// One filter of 64 vectors a set of PEs, of which the weight FIFO holds 50.
TEST(Delivery, AFifoFillsBeforeTheWorkAndStreamsUnderIt) {
  for (const char* kind : {"single", "double"}) {
    const LayerResult layer = run(ones({.C = 1024, .K = 8}, Dtype::int16), "dcnn", narrow(kind));
    const int all = 8 * 1024 * 2 / 8, first = all * 50 / 64, last_words = 8 * 2 / 8;
    EXPECT_EQ(layer.processing.value, first + (all - first) + last_words) << kind;
    EXPECT_EQ(layer.bins[Bin::wait_weights], 1024 * (all - 64)) << kind;  // but for the 64 cycles of work
  }
}

// A pass's weights cannot come before DRAM has brought them: then the array waits for DRAM, and for its port.
TEST(Delivery, NothingComesBeforeDramHasBroughtIt) {
  std::vector<std::string> keys = narrow("double");
  keys.emplace_back("overlap.weights=false");
  const LayerResult layer = run(ones(two_passes, Dtype::int16), "dcnn", keys);
  EXPECT_EQ(layer.bins[Bin::wait_weights], 1024 * (weights + weights));
}

// A 4 x 4 weight-stationary grid. C / 4 x K / 4 folds over the layer's pixels.
LayerResult systolic(int pixels, const std::string& weights_are, Fidelity fidelity) {
  return run(
      ones({.C = 8, .H = 1, .W = pixels, .K = 8}, Dtype::int8), "tpu-like",
      {"array.rows=4", "array.cols=4", "buffers.filters.double=true", "delivery.weights=" + weights_are},
      fidelity);
}

TEST(Delivery, WeightsOfASystolicArrayShiftInUnderTheFoldBefore) {
  constexpr int rows = 4, cols = 4, folds = 4;
  for (const Fidelity fidelity : {Fidelity::transaction, Fidelity::cycle}) {
    EXPECT_EQ(systolic(6, "single", fidelity).processing.value, folds * (2 * rows + cols + 6 - 2));
    const LayerResult doubled = systolic(6, "double", fidelity);
    EXPECT_EQ(doubled.processing.value, rows + folds * 6 + rows + cols - 2);
    EXPECT_EQ(doubled.bins[Bin::wait_weights], 16 * rows);
    EXPECT_EQ(doubled.bins[Bin::drain], 16 * (rows + cols - 2));
    EXPECT_TRUE(doubled.verified);
    // With fewer pixels than rows a fold waits for the rest of its weights.
    const LayerResult few = systolic(1, "double", fidelity);
    EXPECT_EQ(few.processing.value, rows + (folds - 1) * rows + 1 + rows + cols - 2);
    EXPECT_EQ(few.bins[Bin::wait_weights], 16 * (rows + (folds - 1) * (rows - 1)));
  }
}

// 8 pixels and 8 filters are 2 x 2 folds of a 4 x 4 output-stationary grid, 8 steps each.
TEST(Delivery, SumsThatStayShiftOutUnderTheNextFoldOrNot) {
  constexpr int rows = 4, cols = 4, folds = 4, fold = rows + cols + 8 - 2;
  const Layer layer = ones({.C = 8, .H = 1, .W = 8, .K = 8}, Dtype::int8);
  for (const Fidelity fidelity : {Fidelity::transaction, Fidelity::cycle}) {
    std::vector<std::string> keys{"array.dataflow=output_stationary", "array.rows=4", "array.cols=4"};
    EXPECT_EQ(run(layer, "tpu-like", keys, fidelity).processing.value, folds * fold + rows);
    keys.emplace_back("delivery.psums=single");
    EXPECT_EQ(run(layer, "tpu-like", keys, fidelity).processing.value, folds * (fold + rows));
  }
}

// The same grid behind a port of a byte: a fold's 16 weights take 16 cycles in place of the 4 of the shift.
TEST(Delivery, WeightsThatStayComeThroughTheirPortBeforeTheFold) {
  constexpr int rows = 4, cols = 4, folds = 4, fill = 4 * 4, fold = 6 + rows + cols - 2;
  const LayerResult layer =
      run(ones({.C = 8, .H = 1, .W = 6, .K = 8}, Dtype::int8), "tpu-like",
          {"array.rows=4", "array.cols=4", "delivery.weights=single", "noc.filter_bits=8",
           "buffers.filters.double=true", "buffers.filters.port_bits=8"});
  EXPECT_EQ(layer.processing.value, folds * (fill + fold));
  EXPECT_EQ(layer.bins[Bin::wait_weights], 16 * folds * fill);
}

// 8 channels are two folds; the second takes the sums of the first, 6 pixels x 4 filters of 32 bits, one a
// cycle: 24 cycles where its own work has 12.
TEST(Delivery, PsumsComeBackUnderTheFoldThatAddsToThem) {
  constexpr int rows = 4, cols = 4, fold = 6 + rows + cols - 2, back = 6 * 4;
  const LayerResult layer =
      run(ones({.C = 8, .H = 1, .W = 6, .K = 4}, Dtype::int8), "tpu-like",
          {"array.rows=4", "array.cols=4", "delivery.weights=single", "buffers.filters.double=true",
           "noc.psum_in_bits=32", "noc.psum_out_bits=128", "buffers.accumulators.port_bits=128"});
  EXPECT_EQ(layer.processing.value, (rows + fold) + (rows + back));
  EXPECT_EQ(layer.bins[Bin::wait_psums], 16 * (back - fold));
}

// The 16 sums of an output-stationary fold leave through a port of one sum a cycle, in place of the 4 cycles
// of the shift.
TEST(Delivery, SumsThatStayLeaveThroughTheirPortBehindTheFold) {
  constexpr int rows = 4, cols = 4, folds = 4, fold = rows + cols + 8 - 2, leave = 4 * 4;
  const LayerResult layer =
      run(ones({.C = 8, .H = 1, .W = 8, .K = 8}, Dtype::int8), "tpu-like",
          {"array.dataflow=output_stationary", "array.rows=4", "array.cols=4", "delivery.psums=single",
           "noc.psum_out_bits=32", "buffers.accumulators.port_bits=32"});
  EXPECT_EQ(layer.processing.value, folds * (fold + leave));
}

// Filters of several passes: those of the next come under this one's work, whichever fidelity.
TEST(Delivery, FilterSpadsOfTwoHalvesFillUnderThePassBefore) {
  const Layer layer = ones({.C = 32, .H = 8, .W = 8, .K = 64, .R = 3, .S = 3}, Dtype::int16);
  for (const Fidelity fidelity : {Fidelity::transaction, Fidelity::cycle}) {
    const std::string doubled_buffer = "buffers.filters.double=true";
    const LayerResult single = run(layer, "eyeriss", {doubled_buffer}, fidelity);
    const LayerResult doubled = run(layer, "eyeriss", {doubled_buffer, "delivery.weights=double"}, fidelity);
    EXPECT_LT(doubled.processing.value, single.processing.value);
    EXPECT_LT(doubled.bins[Bin::wait_weights], single.bins[Bin::wait_weights]);
    EXPECT_TRUE(doubled.verified);
  }
}

TEST(Delivery, RefusesToDoubleWhatAnArrayDoesNotHave) {
  const auto refusal = [](const std::string& machine, const std::string& key) -> std::string {
    try {
      (void)load_accelerator(machine, {key});
    } catch (const Error& error) { return error.what(); }
    return "";
  };
  EXPECT_NE(refusal("tpu-like", "delivery.psums=double").find("no store of them to double"),
            std::string::npos);
  EXPECT_NE(refusal("eyeriss", "delivery.ifmap=double").find("'double' with row_stationary"),
            std::string::npos);
  EXPECT_NE(refusal("dcnn", "delivery.psums=both").find("delivery.psums"), std::string::npos);
  EXPECT_EQ(refusal("scnn", "delivery.ifmap=single"), "");
}

// Passes of any shape through ports of any width take as long at both fidelities, whatever is doubled.
TEST(Delivery, FidelitiesAgreeOnAnyPort) {
  check_property(8, [] {
    Trace trace;
    trace.name = "drawn";
    for (int i = 0; i < 8; ++i) {
      trace.layers.push_back(testing::draw_layer_in(&bitmap_encoding));
      trace.layers.back().name = "L" + std::to_string(i);
    }
    const auto kind = [] { return *rc::gen::element<std::string>("single", "double"); };
    const auto width = [] { return std::to_string(*rc::gen::element(16, 40, 256)); };
    const Description machine = load_accelerator(
        *rc::gen::element<std::string>("dcnn", "scnn"),
        {"array.rows=4", "unit.tile_cols=2", "delivery.weights=" + kind(), "delivery.ifmap=" + kind(),
         "delivery.psums=" + kind(), "noc.filter_bits=" + width(), "noc.ifmap_bits=" + width(),
         "noc.psum_out_bits=" + width()});
    Options options;
    const Result fast = simulate_in_children(trace, machine, options, 1);
    options.fidelity = Fidelity::cycle;
    const Result clocked = simulate_in_children(trace, machine, options, 1);
    for (std::size_t i = 0; i < trace.layers.size(); ++i) {
      const LayerResult &a = fast.layers[i], &b = clocked.layers[i];
      RC_ASSERT(a.processing.value == b.processing.value);
      for (std::size_t bin = 0; bin < bin_count; ++bin) {
        RC_ASSERT(std::make_pair(bin, a.bins[static_cast<Bin>(bin)]) ==
                  std::make_pair(bin, b.bins[static_cast<Bin>(bin)]));
      }
    }
  });
}

}  // namespace
}  // namespace basil
