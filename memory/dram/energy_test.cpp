// Energies of hand-written command sequences, counted by hand.
#include "memory/dram/energy.h"

#include <gtest/gtest.h>

#include "memory/dram/memory.h"
#include "memory/dram/test_device.h"

namespace basil {
namespace {

void expect_pj(Picojoules got, double pj) { EXPECT_NEAR(got.value, pj, pj * 1e-3); }

// V x mA x clocks x 0.83 ns.
TEST(DramEnergy, OfADdr4CommandIsTheVendorsFormula) {
  const DramCommandEnergy each = command_energy(ddr4_for_tests());
  expect_pj(each.activate, 1.2 * (80 * 56 - 47 * 39 - 34 * 17) * 0.83);  // 2060.7
  expect_pj(each.activate, 2060.7);
  expect_pj(each.read, 1.2 * (243 - 47) * 4 * 0.83);
  expect_pj(each.read, 780.9);
  expect_pj(each.write, 721.1);
  expect_pj(each.refresh, 1.2 * (280 - 47) * 420 * 0.83);
  expect_pj(each.active_clock, 56.4 * 0.83);  // mW x ns
  expect_pj(each.precharged_clock, 40.8 * 0.83);
}

// Two supplies of the core and one of the pins.
TEST(DramEnergy, OfAnLpddr4CommandIsTheSumOverItsSupplies) {
  const DramCommandEnergy each = command_energy(lpddr4_for_tests());
  expect_pj(each.activate,
            1.8 * (3.5 * 97 - 2.25 * 68 - 2 * 29) * 0.625 + 1.1 * (45 * 97 - 30 * 68 - 27 * 29) * 0.625);
  expect_pj(each.activate, 1204.7);
  expect_pj(each.read, 1.1 * (275 - 30) * 8 * 0.625 + 1.1 * (150 - 0.75) * 8 * 0.625);
  expect_pj(each.read, 2168.4);
  expect_pj(each.write, 1288.4);
  expect_pj(each.refresh, 22386);
}

// Four devices side by side take four times that.
TEST(DramEnergy, CountsEveryDeviceOfARank) {
  DramDevice device = ddr4_for_tests();
  device.organisation.devices = 4;
  expect_pj(command_energy(device).read, 4 * 780.9);
}

// ACT at 0, RD at 17, data until 38: one activation, one read, 38 clocks with an open row.
TEST(DramEnergy, OfOneReadIsActivationReadAndActiveStandby) {
  DramMemory memory(ddr4_for_tests());
  memory.enqueue(0, 0, false, 0);
  memory.finish();
  const DramEnergy energy = energy_of(memory.device(), memory.activity(memory.last_done()));
  EXPECT_EQ(memory.last_done(), 17 + 17 + 4);
  expect_pj(energy.total(), 2060.7 + 780.9 + 38 * 56.4 * 0.83);
  expect_pj(energy.active_standby, 38 * 56.4 * 0.83);
  EXPECT_EQ(energy.precharged_standby.value, 0);
}

// Two rows of a bank, closed page. ACT 0, RDA 17 closes at max(39, 17 + 9) = 39; ACT 200, WRA 217 closes at
// 217 + 12 + 4 + 18 = 251. Open for 39 + 51 of 400 clocks.
TEST(DramEnergy, OfAClosedPageHasPrechargedStandbyBetweenTheRows) {
  DramDevice device = ddr4_for_tests();
  device.policy.page = DramPage::closed;
  DramMemory memory(device);
  memory.enqueue(0, memory.map().address({.row = 3}), false, 0);
  memory.enqueue(1, memory.map().address({.row = 4}), true, 200);
  memory.finish();
  const DramActivity activity = memory.activity(400);
  EXPECT_EQ(activity.active_clocks, 39 + 51);
  const DramEnergy energy = energy_of(device, activity);
  expect_pj(energy.activate, 2 * 2060.7);
  expect_pj(energy.total(), 2 * 2060.7 + 780.9 + 721.1 + 90 * 56.4 * 0.83 + 310 * 40.8 * 0.83);
}

// Overlapping rows of two banks count once: a rank is active or it is not. ACT 0 and 7, closed at 39 and 46.
TEST(DramEnergy, StandbyIsOfTheRankNotOfItsBanks) {
  DramDevice device = ddr4_for_tests();
  device.policy.page = DramPage::closed;
  DramMemory memory(device);
  memory.enqueue(0, memory.map().address({.group = 0}), false, 0);
  memory.enqueue(1, memory.map().address({.group = 1, .bank = 0}), false, 0);
  memory.finish();
  EXPECT_EQ(memory.activity(100).active_clocks, 46);
}

// One refresh interval of nothing: REF at 9360, tRFC 420 at refresh power, the rest precharged.
TEST(DramEnergy, OfAnIdleMemoryIsRefreshAndPrechargedStandby) {
  DramDevice device = ddr4_for_tests();
  device.policy.refresh = true;
  DramChannel channel(device);
  channel.advance(10'000);
  const DramEnergy energy = energy_of(device, channel.activity(10'000));
  expect_pj(energy.refresh, 97473);
  // Both shares of tRFC together are all of IDD5.
  expect_pj(energy.refresh + energy.active_standby, 1.2 * 280 * 420 * 0.83);
  expect_pj(energy.precharged_standby, (10'000 - 420) * 40.8 * 0.83);
}

}  // namespace
}  // namespace basil
