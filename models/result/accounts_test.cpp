// The energy account's brackets: from the technology's rows to the files that a run writes.
#include "models/result/accounts.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "models/energy/energy.h"
#include "models/report/report.h"

namespace basil {
namespace {

TEST(Accounts, ARangeHasEveryFigureAtItsLowAndAtItsHigh) {
  EnergyAccount energy;
  energy.add({"mac", "mac_int8", 3, Picojoules(2), Tag::derived, Picojoules(1), Picojoules(5)});
  energy.add({"spad", "filter spad read", 10, Picojoules(0.5), Tag::measured});  // one figure only
  EXPECT_DOUBLE_EQ(energy.total().value, 3 * 2 + 10 * 0.5);
  EXPECT_DOUBLE_EQ(energy.range().low.value, 3 * 1 + 10 * 0.5);
  EXPECT_DOUBLE_EQ(energy.range().high.value, 3 * 5 + 10 * 0.5);
  EXPECT_NO_THROW(energy.close("layer x"));
}

TEST(Accounts, AFigureOutsideItsBracketStopsTheProgram) {
  EnergyAccount energy;
  energy.add({"mac", "mac_int8", 3, Picojoules(2), Tag::derived, Picojoules(2.5), Picojoules(5)});
  EXPECT_THROW(energy.close("layer x"), Failure);
}

TEST(Accounts, BracketsAreThoseOfTheTechnologysRows) {
  const Description machine = load_accelerator("eyeriss");
  const Technology technology = Technology::load(machine.technology);
  const EnergyModel model(machine, technology);
  Activity activity;
  activity.products = 7;
  MemoryCounters memory;
  memory.dram.read = Bytes(100);
  const EnergyAccount nothing = model.account({}, {}, Cycles(0)),
                      something = model.account(activity, memory, Cycles(0));
  const CostRow &mac = technology.row("mac_int16"),
                &bit = technology.row("dram_" + machine.dram_energy + "_read_per_bit");
  ASSERT_LT(mac.low_pj, mac.high_pj);
  ASSERT_LT(bit.low_pj, bit.high_pj);
  EXPECT_NEAR(something.range().low.value - nothing.range().low.value, 7 * mac.low_pj + 100 * 8 * bit.low_pj,
              1e-9);
  EXPECT_NEAR(something.range().high.value - nothing.range().high.value,
              7 * mac.high_pj + 100 * 8 * bit.high_pj, 1e-9);
}

LayerResult layer_of(double count) {
  LayerResult layer;
  layer.name = "conv";
  layer.cycles = Cycles(10);
  layer.energy.add({"mac", "mac_int8", count, Picojoules(2), Tag::derived, Picojoules(1), Picojoules(5)});
  return layer;
}

TEST(Accounts, FilesKeepTheBrackets) {
  Result result;
  result.clock_mhz = 200;
  result.layers = {layer_of(3), layer_of(4)};
  const auto json = to_json(result);
  EXPECT_EQ(json["energy_low_pj"], 3 * 1 + 4 * 1);
  EXPECT_EQ(json["energy_high_pj"], 3 * 5 + 4 * 5);
  EXPECT_EQ(json["layers"][1]["energy_high_pj"], 4 * 5);
  const Result read = result_from_json(json);
  EXPECT_EQ(read.energy_range().low, result.energy_range().low);
  EXPECT_EQ(read.energy_range().high, result.energy_range().high);
  EXPECT_NE(to_csv(result).find(",energy_pj,energy_low_pj,energy_high_pj,"), std::string::npos);
  EXPECT_NE(to_csv(result).find(",6,3,15,"), std::string::npos);  // 3 x 2, 3 x 1, 3 x 5
}

}  // namespace
}  // namespace basil
