// Any legal layer on any machine: random layers on buffers and stores so small that they must be cut, on
// every accelerator, values verified, both accounts closed.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>

#include "core/error.h"
#include "models/compare/compare.h"
#include "models/layer/layer_cut.h"
#include "models/presets/embedded.h"
#include "models/simulate.h"
#include "traces/encodings/basis.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/power_of_two.h"
#include "traces/encodings/run_length.h"
#include "traces/synth/synth.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

using Overrides = std::vector<std::string>;

struct Machine {
  std::string name;
  Overrides overrides;
  std::vector<Encoding> weights;
  Fidelity fidelity = Fidelity::transaction;
  int layers = 100;
  bool real = false;
  std::string unit = {};  // keys that the accelerator's own file leaves out
};

void PrintTo(const Machine& machine, std::ostream* out) { *out << machine.name; }

Trace draw_trace(const Machine& machine, int widest) {
  Trace trace;
  trace.name = "drawn";
  rc::check([&] {
    while (static_cast<int>(trace.layers.size()) < machine.layers) {
      Layer layer = machine.real ? testing::draw_layer(true)
                                 : testing::draw_layer_in(*rc::gen::elementOf(machine.weights));
      const Extent weights = layer.weights.extent, ifmap = layer.ifmap.extent;
      if (bits_of(layer.ifmap.dtype) > widest) layer.ifmap = testing::draw_operand(Dtype::int8, ifmap, false);
      if (!only_weights(layer.weights.encoding) && bits_of(layer.weights.dtype) > widest)
        layer.weights = testing::draw_operand(Dtype::int8, weights, false);
      layer.name = "L" + std::to_string(trace.layers.size());
      trace.layers.push_back(std::move(layer));
      if (trace.layers.size() % 100 == 0) return;  // a seed does for a hundred
    }
  });
  return trace;
}

class SmallStores : public ::testing::TestWithParam<Machine> {};

TEST_P(SmallStores, CutLayersEqualTheGoldenExecutor) {
  const Machine& drawn = GetParam();
  const Description machine = parse_accelerator("name: small\nbase: " + drawn.name + "\n" + drawn.unit,
                                                "small.yaml", drawn.overrides);
  const Trace trace = draw_trace(drawn, machine.word_bits());
  Options options;
  options.fidelity = drawn.fidelity;
  options.skip_refused = true;
  const Result result = simulate(trace, machine, options);
  for (const Refusal& layer : result.refused)
    EXPECT_NE(layer.reason.find("at least"), std::string::npos) << layer.reason;
  EXPECT_GE(result.layers.size() * 10, trace.layers.size() * 9) << "some are too small for one pixel";
  std::int64_t cut = 0;
  for (const LayerResult& layer : result.layers) {
    EXPECT_TRUE(layer.verified) << layer.name;
    EXPECT_EQ(layer.bins.total(), result.pes * layer.cycles.value) << layer.name;
    EXPECT_GE(layer.cycles, layer.processing) << layer.name;
    EXPECT_GE(layer.cycles, layer.bound.cycles) << layer.name << ": beats its bound";
    for (const char* axis : {"columns=", "channels=", "rows="})
      cut += layer.mapping.find(axis) != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(cut, 0) << "nothing was cut";
}

const std::vector<Encoding> plain{&dense_encoding, &bitmap_encoding, &run_length_encoding};
const std::vector<Encoding> powers{&power_of_two_encoding};
const std::vector<Encoding> decomposed{&basis_encoding, &basis_encoding, &dense_encoding, &bitmap_encoding};
const std::vector<Encoding> compared{&comparator_encoding, &comparator_encoding, &power_of_two_encoding};

Machine clocked(Machine machine, int layers = 20) {
  machine.fidelity = Fidelity::cycle;
  machine.layers = layers;
  return machine;
}

// Sums overflow: the golden executor must know the passes of each piece.
Machine narrow(Machine machine, const std::string& overflow = "saturate") {
  for (const std::string& key :
       {std::string("psum_bits=10"), std::string("accumulator_bits=16"), "overflow=" + overflow})
    machine.overrides.push_back(key);
  return machine;
}

const Machine eyeriss{"eyeriss", {"buffers.fmaps.bytes=400"}, plain};
const Machine tpu{"tpu-like", {"buffers.fmaps.bytes=150", "buffers.accumulators.bytes=600"}, plain};
const Machine grid{
    "tpu-like",
    {"array.dataflow=output_stationary", "buffers.fmaps.bytes=150", "buffers.accumulators.bytes=600"},
    plain};
const Machine sparten{"sparten", {"buffers.fmaps.bytes=100"}, plain};
const Machine scnn{
    "scnn", {"buffers.fmaps.bytes=400", "array.rows=4", "unit.tile_cols=2", "unit.banks=8"}, plain};
const Machine dcnn{"dcnn", {"buffers.fmaps.bytes=300"}, plain};
const Machine escalate{"escalate",
                       {"buffers.fmaps.bytes=200"},
                       decomposed,
                       Fidelity::transaction,
                       100,
                       false,
                       "unit: {kind: basis_first, dtype: int8, slices: 6, multipliers: 5, lanes: 16, "
                       "look_ahead: 2, look_aside: 5, "
                       "queue: 4, order: 0, row_words: 64, psums: 64, coefficients: 64}\n"};
const Machine penni{"escalate", {"unit.order=1", "buffers.fmaps.bytes=900"}, decomposed};
const Machine comparator{"cmp-array",
                         {"buffers.fmaps.bytes=300"},
                         compared,
                         Fidelity::transaction,
                         100,
                         false,
                         "unit: {kind: comparator, dtype: int8, channels: 5}\n"};

INSTANTIATE_TEST_SUITE_P(
    All, SmallStores,
    ::testing::Values(eyeriss, Machine{"eyeriss", {"buffers.fmaps.bytes=500", "tiles=3"}, plain},
                      Machine{"int16", {"buffers.fmaps.bytes=400"}, plain},
                      Machine{"fp32", {"buffers.fmaps.bytes=800"}, plain, Fidelity::transaction, 100, true},
                      Machine{"lightpe1", {"buffers.fmaps.bytes=300"}, powers},
                      Machine{"flightnn", {"buffers.fmaps.bytes=300"}, powers}, tpu, grid, sparten, scnn,
                      dcnn, escalate, penni, comparator, clocked(eyeriss, 60), clocked(tpu), clocked(grid),
                      clocked(scnn), clocked(sparten), clocked(dcnn), clocked(escalate, 100),
                      clocked(comparator), narrow(eyeriss),
                      narrow(Machine{"eyeriss", {"buffers.fmaps.bytes=300", "tiles=3"}, plain}, "wrap"),
                      narrow(tpu), narrow(grid, "wrap"), narrow(scnn), narrow(sparten), narrow(dcnn),
                      clocked(narrow(eyeriss), 100), clocked(narrow(dcnn)), clocked(narrow(tpu))),
    [](const ::testing::TestParamInfo<Machine>& machine) {
      std::string name = machine.param.name + (machine.param.fidelity == Fidelity::cycle ? "Clocked" : "");
      name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
      return name + std::to_string(machine.index);
    });

// Layers whose rows, channels or kernels are wide, on every accelerator as it is described.
Trace synthetic(const std::string& layers) {
  return synthesise(parse_synth("name: wide\nsource: drawn\nlayers:\n" + layers, "wide.yaml"), {});
}

Trace wide(bool full) {
  if (full) {
    return synthetic(
        "  - {name: 1080p, C: 32, H: 1080, W: 1920, K: 8, R: 3}\n"
        "  - {name: rows, C: 32, H: 66, W: 1920, K: 8, R: 3}\n"
        "  - {name: audio, C: 1, H: 1, W: 480000, K: 257, R: 1, S: 512, stride: 160}\n"
        "  - {name: channels, C: 1024, H: 5, W: 2000, K: 4, R: 3, pad: 1}\n");
  }
  return synthetic(
      "  - {name: rows, C: 32, H: 4, W: 1920, K: 4, R: 3}\n"
      "  - {name: few, C: 3, H: 8, W: 3840, K: 4, R: 5, pad: 2}\n"
      "  - {name: audio, C: 1, H: 1, W: 16000, K: 9, R: 1, S: 512, stride: 160}\n"
      "  - {name: channels, C: 1024, H: 3, W: 200, K: 2, R: 3, pad: 1}\n"
      "  - {name: depthwise, kind: depthwise, C: 6, H: 5, W: 2600, K: 6, R: 3, pad: 1}\n"
      "  - {name: taps, C: 8, H: 9, W: 1500, K: 3, R: 3, dilation: 4, stride: 2}\n");
}

class EveryAccelerator : public ::testing::TestWithParam<std::string> {
 protected:
  static void run_wide(bool full) {
    Subject subject;
    subject.trace = wide(full);
    const Contender contender = make_contender(subject, GetParam(), {});
    const Result result = simulate(contender.trace, contender.machine, {});
    ASSERT_EQ(result.layers.size(), subject.trace.layers.size());
    for (const LayerResult& layer : result.layers) EXPECT_TRUE(layer.verified) << layer.name;
  }
};

TEST_P(EveryAccelerator, RunsWideLayers) { run_wide(false); }

TEST_P(EveryAccelerator, RunsWideLayersInFull) {
  if (std::getenv("BASIL_FULL") == nullptr) GTEST_SKIP() << "without BASIL_FULL";
  run_wide(true);
}

INSTANTIATE_TEST_SUITE_P(All, EveryAccelerator, ::testing::ValuesIn(embedded_names("accelerators")),
                         [](const ::testing::TestParamInfo<std::string>& machine) {
                           std::string name = machine.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

std::vector<LayerResult> run_all(const std::string& accelerator, const Overrides& overrides,
                                 const std::string& layers) {
  return simulate(synthetic(layers), load_accelerator(accelerator, overrides), {}).layers;
}

LayerResult run_one(const std::string& accelerator, const Overrides& overrides, const std::string& layer) {
  return run_all(accelerator, overrides, "  - {" + layer + "}\n").at(0);
}

// 3 rows of 40 bytes do not fit 100: two pieces of 19 of the 38 ofmap columns, each with 19 + 2 words of 3
// rows. 2 * 63 = 126 bytes, 6 more than the map: the 2 columns of halo. The 9 bytes of weights stay in their
// buffer.
TEST(WideLayers, BringTheHaloOfEachPiece) {
  const LayerResult layer =
      run_one("tpu-like", {"buffers.fmaps.bytes=100"}, "name: a, C: 1, H: 3, W: 40, K: 1, R: 3");
  EXPECT_EQ(layer.mapping.substr(0, 13), "columns=2x19 ");
  EXPECT_EQ(layer.dram_ifmap, Bytes(2 * 3 * 21));
  EXPECT_EQ(layer.dram_weights, Bytes(9));
  EXPECT_EQ(layer.dram_ofmap, Bytes(38));
}

// 8 channels of a byte in 4 bytes: two pieces of 4. The first leaves 3 psums of 4 bytes in the accumulators,
// the second takes them in and leaves 3 more: 12 in, 24 out. What leaves the chip are 3 bytes.
TEST(WideLayers, PsumsOfChannelsComeBackFromTheBuffer) {
  const LayerResult layer =
      run_one("tpu-like", {"buffers.fmaps.bytes=4"}, "name: a, C: 8, H: 1, W: 1, K: 3, R: 1");
  EXPECT_EQ(layer.mapping.substr(0, 13), "channels=2x4 ");
  EXPECT_EQ(layer.noc.psums_in, Bytes(12));
  EXPECT_EQ(layer.noc.psums_out, Bytes(24));
  EXPECT_EQ(layer.dram_ifmap, Bytes(8));
  EXPECT_EQ(layer.dram_weights, Bytes(24));
  EXPECT_EQ(layer.dram_ofmap, Bytes(3));
}

// The same where psums share the buffer: 3 of 4 bytes leave 8 of 20 bytes for 4 channels of 2. Each of the
// first three pieces puts 12 bytes of psums there, each of the last three takes them in; the last puts 3
// words of 2 bytes.
TEST(WideLayers, PsumsOfChannelsTakeRoomInASharedBuffer) {
  const LayerResult layer = run_one("dcnn", {"buffers.fmaps.bytes=20", "dram.fmaps=dense"},
                                    "name: a, C: 16, H: 1, W: 1, K: 3, R: 1");
  EXPECT_EQ(layer.mapping.substr(0, 13), "channels=4x4 ");
  EXPECT_EQ(layer.noc.psums_in, Bytes(3 * 12));
  EXPECT_EQ(layer.noc.psums_out, Bytes(3 * 12 + 6));
}

// 3840 words a row leave the buffer room for strips of 2 rows: 6 PEs. In pieces an eighth as wide the array
// fills, and the whole takes what eight eighths take.
TEST(WideLayers, ShorterRowsFillARowStationaryArray) {
  const auto layers = run_all("eyeriss", {},
                              "  - {name: whole, C: 4, H: 20, W: 3840, K: 4, R: 3}\n"
                              "  - {name: eighth, C: 4, H: 20, W: 482, K: 4, R: 3}\n");
  EXPECT_LT(static_cast<double>(layers[0].cycles.value), 8.2 * static_cast<double>(layers[1].cycles.value));
  EXPECT_GE(layers[0].mapped_pes, 3 * 18) << "filter rows by ofmap rows";
}

TEST(WideLayers, APoorMappingSaysWhy) {
  const auto layers = run_all("eyeriss", {},
                              "  - {name: poor, C: 1, H: 8, W: 8, K: 1, R: 1}\n"
                              "  - {name: good, C: 16, H: 14, W: 14, K: 64, R: 3, pad: 1}\n");
  ASSERT_EQ(layers[0].warnings.size(), 1U);
  EXPECT_EQ(
      layers[0].warnings[0],
      "8 of 168 PEs at work: 8 ofmap rows, 1 filter row, 1 channel and 1 filter make no more sets of PEs");
  EXPECT_TRUE(layers[1].warnings.empty());
}

// Filters are cut too where all of a pixel's psums do not fit; one psum must.
TEST(WideLayers, TheErrorNamesWhatIsLacking) {
  try {
    (void)run_one("tpu-like", {"buffers.accumulators.bytes=3"}, "name: a, C: 2, H: 8, W: 8, K: 9, R: 3");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "layer a on tpu-like: psums between channels: 3 bytes of buffer, expected at least 4: those of "
              "one box");
  }
}

}  // namespace
}  // namespace basil
