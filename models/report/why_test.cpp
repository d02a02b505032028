// Causes by hand: where the cycles of made-up layers go, and where those of real runs do.
#include "models/report/why.h"

#include <gtest/gtest.h>

#include <numeric>

namespace basil {
namespace {

double of(const std::vector<double>& cycles, CauseKind kind) {
  return cycles[static_cast<std::size_t>(kind)];
}

// Four PEs for 1,000 cycles. The array waits 600 of them: 100 for the first weights, 350 for later ones, 50
// for ifmap, 100 for the last results. In the other 400, of 1,600 PE-cycles 800 multiply (200 cycles of all
// four), 240 take weights in (60), 160 end early (40), and the rest, 100 cycles' worth, have no work.
LayerResult layer(const std::string& name, std::int64_t times) {
  LayerResult result;
  result.name = name;
  result.cycles = Cycles(1000 * times);
  result.processing = Cycles(400 * times);
  result.dram_stall = Cycles(600 * times);
  result.dram_waits = {.weights = {Cycles(100 * times), Cycles(350 * times)},
                       .ifmap = {Cycles(0), Cycles(50 * times)},
                       .ofmap = {Cycles(100 * times), Cycles(0)}};
  result.bins.add(Bin::compute, 800 * times);
  result.bins.add(Bin::wait_weights, 240 * times);
  result.bins.add(Bin::imbalance, 160 * times);
  result.bins.add(Bin::dram, 2000 * times);  // three of four PEs had work that waited, and more
  result.bins.add(Bin::idle, 800 * times);
  return result;
}

TEST(Why, LeavesNoCycleWithoutACause) {
  const std::vector<double> cycles = cause_cycles(layer("a", 1), 4);
  EXPECT_EQ(of(cycles, CauseKind::weights_first), 100);
  EXPECT_EQ(of(cycles, CauseKind::weights_steady), 350);
  EXPECT_EQ(of(cycles, CauseKind::ifmap_steady), 50);
  EXPECT_EQ(of(cycles, CauseKind::ofmap_last), 100);
  EXPECT_EQ(of(cycles, CauseKind::multiplying), 200);
  EXPECT_EQ(of(cycles, CauseKind::wait_weights), 60);
  EXPECT_EQ(of(cycles, CauseKind::imbalance), 40);
  EXPECT_EQ(of(cycles, CauseKind::idle), 100);
  EXPECT_EQ(std::accumulate(cycles.begin(), cycles.end(), 0.0), 1000);
}

// Of 3,000 cycles 1,050 wait for later weights, 350 in a and 700 in b; 600 multiply, 200 and 400; 300 wait
// for the first weights, as many as for the last results and for the idle, and come first.
TEST(Why, NamesTheThreeCostliestInWords) {
  Result result;
  result.pes = 4;
  result.layers = {layer("a", 1), layer("b", 2)};
  const std::vector<Cause> causes = costliest_causes(result);
  ASSERT_EQ(causes.size(), 3U);
  EXPECT_EQ(causes[0].cycles, 350 + 700);
  EXPECT_EQ(sentence(result, causes[0], {}),
            "weights from DRAM in steady state, 35 % of all cycles, worst in b (35 % of its own)");
  EXPECT_EQ(sentence(result, causes[1], {}), "multiplying, 20 % of all cycles, worst in b (20 % of its own)");
  EXPECT_EQ(sentence(result, causes[2], {}),
            "weights from DRAM at the first load, 10 % of all cycles, worst in b (10 % of its own)");
  EXPECT_EQ(sentence(result, causes[0], Gain{.relief = "twice the DRAM link", .refused = "", .speedup = 1.2}),
            "weights from DRAM in steady state, 35 % of all cycles, worst in b (35 % of its own); twice the "
            "DRAM link gives 1.20x");
  EXPECT_EQ(
      sentence(result, causes[1], Gain{.relief = "twice the rows of PEs", .refused = "no", .speedup = 0}),
      "multiplying, 20 % of all cycles, worst in b (20 % of its own); twice the rows of PEs is refused: no");
}

TEST(Why, NamesNoLayerWhereThereIsOne) {
  Result result;
  result.pes = 4;
  result.layers = {layer("a", 1)};
  EXPECT_EQ(sentence(result, costliest_causes(result)[0], {}),
            "weights from DRAM in steady state, 35 % of all cycles");
}

// One layer waits 300 of its 1,000 cycles for ifmap; each of 50 waits 40 of 1,000 for psums, 2,000 together.
// The rest multiply: 700 and 50 times 960.
TEST(Why, CountsWhatManyLayersLoseALittleBy) {
  Result result;
  result.pes = 1;
  LayerResult alone;
  alone.name = "alone";
  alone.cycles = Cycles(1000);
  alone.bins.add(Bin::wait_activations, 300);
  alone.bins.add(Bin::compute, 700);
  result.layers = {alone};
  for (int i = 0; i < 50; ++i) {
    LayerResult one;
    one.name = "l" + std::to_string(i);
    one.cycles = Cycles(1000);
    one.bins.add(Bin::wait_psums, 40);
    one.bins.add(Bin::compute, 960);
    result.layers.push_back(one);
  }
  const std::vector<Cause> causes = costliest_causes(result);
  ASSERT_EQ(causes.size(), 3U);
  EXPECT_EQ(causes[0].cycles, 700 + 50 * 960);
  EXPECT_EQ(causes[1].kind, CauseKind::wait_psums);
  EXPECT_EQ(causes[1].cycles, 50 * 40);
  EXPECT_EQ(causes[1].layers, 50U);
  EXPECT_EQ(causes[2].kind, CauseKind::wait_activations);
  EXPECT_EQ(sentence(result, causes[1], {}),
            "psums to the PEs, 4 % of all cycles, worst in l0 (4 % of its own)");
  EXPECT_EQ(sentence(result, causes[2], {}),
            "ifmap from the buffer to the PEs, <1 % of all cycles, all in alone (30 % of its own)");
}

TEST(Why, RelievesWhatItNames) {
  const Description eyeriss =
      load_accelerator("eyeriss");  // a link of 60 MHz, 12 rows, a filter bus of 64 bits
  EXPECT_EQ(relief_of(CauseKind::ifmap_first, eyeriss)->overrides,
            std::vector<std::string>{"dram.link_mhz=120"});
  EXPECT_EQ(relief_of(CauseKind::multiplying, eyeriss)->overrides, std::vector<std::string>{"array.rows=24"});
  EXPECT_EQ(relief_of(CauseKind::wait_weights, eyeriss)->overrides,
            (std::vector<std::string>{"noc.filter_bits=128", "buffers.filters.port_bits=128"}));
  EXPECT_FALSE(relief_of(CauseKind::idle, eyeriss).has_value());
  const Description mesh = load_accelerator("eyeriss", {"noc.kind=mesh"});
  EXPECT_EQ(relief_of(CauseKind::drain, mesh)->overrides,
            std::vector<std::string>{"noc.routers.flit_bits=128"});
}

}  // namespace
}  // namespace basil
