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

// Of 3,000 cycles 700 wait for b's later weights, 400 multiply in b, 350 wait for a's later weights.
TEST(Why, NamesTheThreeCostliestInWords) {
  Result result;
  result.pes = 4;
  result.layers = {layer("a", 1), layer("b", 2)};
  const std::vector<Cause> causes = costliest_causes(result);
  ASSERT_EQ(causes.size(), 3U);
  EXPECT_EQ(sentence(result, causes[0], {}),
            "b: weights from DRAM in steady state, 35 % of its cycles, 23 % of all");
  EXPECT_EQ(sentence(result, causes[1], {}), "b: multiplying, 20 % of its cycles, 13 % of all");
  EXPECT_EQ(sentence(result, causes[2], {}),
            "a: weights from DRAM in steady state, 35 % of its cycles, 12 % of all");
  EXPECT_EQ(sentence(result, causes[0], Gain{.relief = "twice the DRAM link", .refused = "", .speedup = 1.2}),
            "b: weights from DRAM in steady state, 35 % of its cycles, 23 % of all; twice the DRAM link "
            "gives 1.20x");
  EXPECT_EQ(
      sentence(result, causes[1], Gain{.relief = "twice the rows of PEs", .refused = "no", .speedup = 0}),
      "b: multiplying, 20 % of its cycles, 13 % of all; twice the rows of PEs is refused: no");
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
