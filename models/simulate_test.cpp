// Whole machines in SystemC, small and oddly shaped ones among them: values verified, both accounts closed.
#include "models/simulate.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <chrono>

#include "core/error.h"
#include "models/processes/child_pool.h"
#include "models/report/report.h"
#include "traces/golden/golden.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

// `count` random integer layers in one trace, since a process elaborates one machine.
Trace draw_trace(int count, bool real = false) {
  Trace trace;
  trace.name = "drawn";
  rc::check([&] {
    if (static_cast<int>(trace.layers.size()) >= count) return;
    Layer layer = testing::draw_layer(real);
    layer.name = "L" + std::to_string(trace.layers.size());
    trace.layers.push_back(std::move(layer));
  });
  return trace;
}

// simulate() itself verifies values and closes accounts; what is left to say is that it did.
void expect_sound(const Result& result) {
  for (const LayerResult& layer : result.layers) {
    EXPECT_TRUE(layer.verified) << layer.name;
    EXPECT_EQ(layer.bins.total(), result.pes * layer.cycles.value) << layer.name;
    EXPECT_GE(layer.cycles, layer.processing) << layer.name;
    EXPECT_GE(layer.cycles, layer.bound.cycles) << layer.name << ": beats its bound";
    EXPECT_EQ(layer.bins[Bin::compute] + layer.bins[Bin::gated], layer.macs) << layer.name;
  }
}

TEST(Simulate, EyerissOnRandomLayers) {
  expect_sound(simulate(draw_trace(60), load_accelerator("eyeriss"), {}));
}

// Who brings the table and the golden sums gets the same result, and wrong sums are a mismatch as ever.
TEST(Simulate, TakesWhatTheCallerHas) {
  const Trace trace = draw_trace(6);
  const Description machine = load_accelerator("eyeriss");
  std::vector<Ofmap> golden;
  for (const Layer& layer : trace.layers) golden.push_back(run_golden(layer));
  Options given;
  given.technology = std::make_shared<const Technology>(Technology::load(machine.technology));
  given.golden = golden;
  const auto result = [&](const Options& options) {
    return to_json(simulate(trace, machine, options)).dump();
  };
  ChildPool other(1, {});  // a process simulates once
  other.start(0, [&] { return result({}); });
  std::vector<ChildEnd> ends;
  while (ends.empty()) ends = other.wait(std::chrono::milliseconds(1000));
  ASSERT_TRUE(ends[0].answered) << ends[0].text;
  EXPECT_EQ(result(given), ends[0].text);
}

TEST(Simulate, GoldenSumsOfTheCallersAreHeldAgainstEveryOutput) {
  const Trace trace = draw_trace(1);
  Ofmap golden = run_golden(trace.layers[0]);
  golden.sums.back() += 1;
  Options options;
  options.golden = std::span(&golden, 1);
  try {
    static_cast<void>(simulate(trace, load_accelerator("eyeriss"), options));
    FAIL() << "a wrong sum went unseen";
  } catch (const Failure& failure) {
    EXPECT_NE(std::string(failure.what()).find("the golden executor says"), std::string::npos);
  }
}

TEST(Simulate, GoldenSumsThatLackOutputsAreAMismatch) {
  const Trace trace = draw_trace(1);
  const Ofmap none;
  Options options;
  options.golden = std::span(&none, 1);
  EXPECT_THROW(static_cast<void>(simulate(trace, load_accelerator("eyeriss"), options)), Failure);
}

TEST(Simulate, TinyRowStationaryArrayOnRandomLayers) {
  const Description machine =
      load_accelerator("eyeriss", {"array.rows=2", "array.cols=3", "pe.ifmap_spad=5", "pe.filter_spad=9",
                                   "pe.psum_spad=3", "buffers.fmaps.banks=1", "buffers.filters.bytes=32"});
  expect_sound(simulate(draw_trace(60), machine, {}));
}

TEST(Simulate, WeightStationaryOnRandomLayers) {
  expect_sound(simulate(draw_trace(60),
                        load_accelerator("tpu-like", {"unit.dtype=int16", "array.rows=5", "array.cols=7"}),
                        {}));
}

TEST(Simulate, OutputStationaryOnRandomLayers) {
  const Description machine = load_accelerator(
      "tpu-like", {"unit.dtype=int16", "array.dataflow=output_stationary", "array.rows=4", "array.cols=3"});
  expect_sound(simulate(draw_trace(60), machine, {}));
}

// The clocked arrays, in the whole machine: values from their registers, bins counted cycle by cycle.
void expect_sound_clocked(const std::string& accelerator, const std::vector<std::string>& overrides) {
  Options options;
  options.fidelity = Fidelity::cycle;
  expect_sound(simulate(draw_trace(25), load_accelerator(accelerator, overrides), options));
}

TEST(Simulate, ClockedEyerissOnRandomLayers) { expect_sound_clocked("eyeriss", {}); }

TEST(Simulate, ClockedTinyRowStationaryArrayOnRandomLayers) {
  expect_sound_clocked("eyeriss", {"array.rows=2", "array.cols=3", "pe.ifmap_spad=5", "pe.filter_spad=9",
                                   "pe.psum_spad=3", "noc.ifmap_fifo=1", "noc.psum_fifo=1"});
}

TEST(Simulate, ClockedWeightStationaryOnRandomLayers) {
  expect_sound_clocked("tpu-like", {"unit.dtype=int16", "array.rows=5", "array.cols=7"});
}

TEST(Simulate, ClockedOutputStationaryOnRandomLayers) {
  expect_sound_clocked(
      "tpu-like", {"unit.dtype=int16", "array.dataflow=output_stationary", "array.rows=4", "array.cols=3"});
}

TEST(Simulate, Fp32WithinItsBound) {
  const Result result = simulate(draw_trace(30, true),
                                 load_accelerator("eyeriss", {"unit.dtype=fp32", "noc.ifmap_bits=32"}), {});
  for (const LayerResult& layer : result.layers) EXPECT_TRUE(layer.verified) << layer.name;
}

// Every real operand times `factor`; no bias.
Trace scaled(Trace trace, float factor) {
  for (Layer& layer : trace.layers) {
    layer.bias_real.clear();
    for (float& value : layer.weights.reals) value *= factor;
    for (float& value : layer.ifmap.reals) value *= factor;
  }
  return trace;
}

// Products of about 1e-42, where fp32 has a few bits left.
TEST(Simulate, Fp32WithinItsBoundBelowItsNormalNumbers) {
  const Result result = simulate(scaled(draw_trace(20, true), 1e-21F),
                                 load_accelerator("eyeriss", {"unit.dtype=fp32", "noc.ifmap_bits=32"}), {});
  for (const LayerResult& layer : result.layers) EXPECT_TRUE(layer.verified) << layer.name;
}

TEST(Simulate, SaysWhereFp32Overflows) {
  try {
    (void)simulate(scaled(draw_trace(20, true), 1e30F),
                   load_accelerator("eyeriss", {"unit.dtype=fp32", "noc.ifmap_bits=32"}), {});
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_NE(std::string(failure.what()).find("overflows fp32"), std::string::npos) << failure.what();
  }
}

TEST(Simulate, IsDeterministicAndSurvivesItsOwnJson) {
  const Trace trace = draw_trace(3);
  const Result result = simulate(trace, load_accelerator("eyeriss"), {});
  const auto json = to_json(result);
  EXPECT_EQ(to_json(result_from_json(json)).dump(), json.dump());
}

TEST(Simulate, RefusesOperandsTooWideForTheUnit) {
  Trace trace = draw_trace(1);
  trace.layers[0].weights.dtype = Dtype::int16;
  try {
    (void)simulate(trace, load_accelerator("tpu-like"), {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("int16"), std::string::npos) << error.what();
  }
}

TEST(Accounts, ABrokenBinStopsTheProgram) {
  CycleAccount bins;
  bins.add(Bin::compute, 70);
  bins.add(Bin::idle, 29);
  EXPECT_THROW(bins.close(10, Cycles(10), "layer x"), Failure);
  bins.add(Bin::drain, 1);
  EXPECT_NO_THROW(bins.close(10, Cycles(10), "layer x"));
  bins.add(Bin::drain, -2);
  bins.add(Bin::idle, 2);
  EXPECT_THROW(bins.close(10, Cycles(10), "layer x"), Failure);
}

TEST(Accounts, AComponentOutsideTheListStopsTheProgram) {
  EnergyAccount energy;
  energy.add({"mac", "mac_int8", 3, Picojoules(0.3), Tag::derived});
  EXPECT_NO_THROW(energy.close("layer x"));
  energy.add({"magic", "free lunch", 1, Picojoules(5), Tag::estimated});
  EXPECT_THROW(energy.close("layer x"), Failure);
}

}  // namespace
}  // namespace basil
