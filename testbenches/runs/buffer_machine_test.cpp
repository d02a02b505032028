// Banks and halves of buffers in whole machines: values verified, both accounts closed, waits in their bins.
#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "models/layer/schedules.h"
#include "models/processes/jobs.h"
#include "models/report/report.h"
#include "traces/synth/synth.h"

namespace basil {
namespace {

Trace two_layers() {
  return synthesise(parse_synth(R"(
name: two
source: drawn
seed: 1
batch: 1
bits: 8
layers:
  - {name: CONV, C: 24, H: 13, K: 40, R: 3, pad: 1, density: {ifmap: 0.6, ofmap: 0.5}}
  - {name: NARROW, C: 40, H: 9, K: 300, R: 1, density: {ifmap: 0.5, ofmap: 0.5}}
)",
                                "two.yaml"),
                    {});
}

Result run(const std::string& accelerator, std::vector<std::string> overrides,
           Fidelity fidelity = Fidelity::transaction) {
  Options options;
  options.fidelity = fidelity;
  const Description machine = load_accelerator(accelerator, overrides);
  Result result = simulate_in_children(two_layers(), machine, options, 1);
  for (const LayerResult& layer : result.layers) {
    EXPECT_TRUE(layer.verified) << layer.name;
    EXPECT_EQ(layer.bins.total(), result.pes * layer.cycles.value) << layer.name;
  }
  return result;
}

std::int64_t waited(const Result& result) {
  return std::accumulate(
      result.layers.begin(), result.layers.end(), std::int64_t{0},
      [](std::int64_t sum, const LayerResult& layer) { return sum + layer.bank_conflicts.total(); });
}

std::int64_t bin(const Result& result, Bin bin) {
  return std::accumulate(result.layers.begin(), result.layers.end(), std::int64_t{0},
                         [bin](std::int64_t sum, const LayerResult& layer) { return sum + layer.bins[bin]; });
}

TEST(BufferMachine, EnoughBanksMakeLayoutsEqual) {
  const Result kept = run("eyeriss", {});
  const Result interleaved = run("eyeriss", {"buffers.fmaps.layout=interleaved"});
  EXPECT_EQ(waited(kept), 0);
  EXPECT_GT(waited(interleaved), 0) << "streams that start together meet";
  // Eyeriss' buses leave each stream more time than it loses.
  EXPECT_NEAR(static_cast<double>(interleaved.cycles().value), static_cast<double>(kept.cycles().value),
              0.01 * static_cast<double>(kept.cycles().value));
}

TEST(BufferMachine, WaitsForABankAreNetworkCyclesOfTheArray) {
  const std::vector<std::string> narrow{"buffers.fmaps.layout=interleaved", "buffers.fmaps.port_bits=16"};
  std::vector<std::string> one_bank = narrow;
  one_bank.emplace_back("buffers.fmaps.banks=1");
  for (const Fidelity fidelity : {Fidelity::transaction, Fidelity::cycle}) {
    const Result many = run("eyeriss", narrow, fidelity), one = run("eyeriss", one_bank, fidelity);
    EXPECT_GT(waited(one), waited(many));
    EXPECT_GT(one.cycles(), many.cycles());
    EXPECT_GT(bin(one, Bin::noc), bin(many, Bin::noc));
  }
}

TEST(BufferMachine, ADoubleFilterBufferLoadsWhileTheArrayDraws) {
  // A narrow link makes every cycle of an earlier start one less of waiting for weights.
  const std::vector<std::string> single{"dram.link_mhz=20"};
  std::vector<std::string> doubled = single;
  doubled.insert(doubled.end(), {"buffers.filters.bytes=16384", "buffers.filters.double=true"});
  const Result one = run("eyeriss", single), two = run("eyeriss", doubled);
  ASSERT_EQ(one.layers[0].mapping, two.layers[0].mapping);  // 8192 bytes for a pass's filters in both
  EXPECT_LT(two.cycles(), one.cycles());
  EXPECT_LT(bin(two, Bin::dram), bin(one, Bin::dram));
}

TEST(BufferMachine, EveryLayoutRunsVerified) {
  for (const std::string machine : {"eyeriss", "tpu-like", "sparten"}) {
    for (const std::string ports : {"1", "2"}) {
      run(machine,
          {"buffers.fmaps.layout=interleaved", "buffers.fmaps.arbitration=priority", "buffers.fmaps.banks=2",
           "buffers.fmaps.double=true", "buffers.fmaps.ports=" + ports, "buffers.filters.double=true",
           "buffers.filters.layout=interleaved", "buffers.filters.ports=" + ports});
    }
  }
}

TEST(BufferMachine, AHalfThatHoldsNoRowTakesItInPieces) {
  const std::vector<std::string> halves{"buffers.fmaps.double=true", "buffers.fmaps.bytes=600"};
  const Description machine = load_accelerator("sparten", halves);
  const auto error = lacking(two_layers().layers[0], machine, Mapper(machine));
  ASSERT_TRUE(error);
  EXPECT_NE(std::string(error->what()).find("in half of a double buffer: buffers.fmaps.bytes: 300, expected"),
            std::string::npos)
      << error->what();
  const Result result = run("sparten", halves);
  EXPECT_NE(result.layers[0].mapping.find("columns="), std::string::npos) << result.layers[0].mapping;
}

TEST(BufferMachine, WaitsAreReported) {
  const Result result =
      run("tpu-like", {"buffers.accumulators.layout=interleaved", "buffers.accumulators.banks=1"});
  ASSERT_GT(waited(result), 0);
  EXPECT_NE(to_text(result).find("cycles waited for banks: accumulators of psums "), std::string::npos)
      << to_text(result);
  EXPECT_EQ(waited(result_from_json(to_json(result))), waited(result));
}

}  // namespace
}  // namespace basil
