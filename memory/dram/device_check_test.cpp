#include "memory/dram/device_check.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/error.h"
#include "memory/dram/address_map.h"
#include "memory/dram/device.h"
#include "memory/dram/test_device.h"

namespace basil {
namespace {

TEST(DramDevice, KnowsItsSizesAndPeak) {
  const DramDevice device = ddr4_for_tests();
  EXPECT_EQ(device.organisation.burst_bytes(), Bytes(16));
  EXPECT_EQ(device.organisation.row_bytes(), Bytes(2048));
  EXPECT_EQ(device.organisation.capacity(), Bytes(std::int64_t{1} << 30));  // 8 Gb
  EXPECT_NEAR(device.peak_gigabytes_a_second(), 2 * 2 / 0.83, 1e-9);        // 2 bytes twice in 0.83 ns
}

struct Impossible {
  const char* what;
  std::function<void(DramDevice&)> change;
  const char* said;
};

TEST(DramDevice, ThatCannotExistIsRefusedInOneLine) {
  const std::vector<Impossible> cases{
      {"zero banks", [](DramDevice& d) { d.organisation.banks = 0; }, "organisation.banks"},
      {"three ranks", [](DramDevice& d) { d.organisation.ranks = 3; }, "a power of two"},
      {"burst beyond the row", [](DramDevice& d) { d.organisation.columns = 4; }, "organisation.columns"},
      {"burst of 1", [](DramDevice& d) { d.organisation.burst = 1; }, "organisation.burst"},
      {"too many banks", [](DramDevice& d) { d.organisation.ranks = d.organisation.banks = 1 << 30; },
       "banks a channel"},
      {"too many pins", [](DramDevice& d) { d.organisation.width = d.organisation.devices = 1 << 30; },
       "bits"},
      {"tRAS < tRCD", [](DramDevice& d) { d.timing.tRAS = 16; }, "timing.tRAS: 16"},
      {"tRC < tRAS + tRP", [](DramDevice& d) { d.timing.tRC = 55; }, "at least tRAS + tRP, which is 56"},
      {"tRRD_L < tRRD_S", [](DramDevice& d) { d.timing.tRRD_L = 3; }, "timing.tRRD_L"},
      {"tFAW < tRRD_S", [](DramDevice& d) { d.timing.tFAW = 5; }, "timing.tFAW"},
      {"refresh without end", [](DramDevice& d) { d.timing.tREFI = 420; }, "timing.tREFI"},
      {"no clock", [](DramDevice& d) { d.timing.tCK_ps = 0; }, "timing.tCK_ps"},
      {"negative turn", [](DramDevice& d) { d.timing.tRTW = -1; }, "timing.tRTW"},
      {"no supply", [](DramDevice& d) { d.supplies.clear(); }, "no supply"},
      {"no volts", [](DramDevice& d) { d.supplies[0].volts = 0; }, "power.VDD.volts"},
      {"a read below standby", [](DramDevice& d) { d.supplies[0].IDD4R = 40; }, "IDD4R"},
      {"marks crossed", [](DramDevice& d) { d.policy.write_low = 32; }, "controller.write_low"},
      {"mark beyond the queue", [](DramDevice& d) { d.policy.write_high = 33; }, "controller.write_high"},
      {"no cap", [](DramDevice& d) { d.policy.starvation_cap = 0; }, "controller.starvation_cap"},
      {"mapping twice", [](DramDevice& d) { d.policy.mapping = "ro-ra-bg-ba-co-co"; }, "controller.mapping"},
      {"mapping short", [](DramDevice& d) { d.policy.mapping = "ro-ra"; }, "controller.mapping"},
  };
  for (const Impossible& impossible : cases) {
    DramDevice device = ddr4_for_tests();
    check(device);
    impossible.change(device);
    try {
      check(device);
      ADD_FAILURE() << impossible.what;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(impossible.said), std::string::npos) << error.what();
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  }
}

TEST(DramAddressMap, FollowsItsName) {
  DramDevice device = ddr4_for_tests();
  device.organisation.channels = 2;
  const AddressMap rows_high(device);  // ro-ra-bg-ba-co-ch, bursts of 16 bytes
  EXPECT_EQ(rows_high.place(16).channel, 1);
  EXPECT_EQ(rows_high.place(32).column, 1);
  EXPECT_EQ(rows_high.place(32 * 128).bank, 1);
  EXPECT_EQ(rows_high.place(32 * 128 * 4).group, 1);
  EXPECT_EQ(rows_high.place(32 * 128 * 4).bank, 4);  // counted through the channel
  EXPECT_EQ(rows_high.place(32 * 128 * 8).row, 1);
  device.policy.mapping = "ro-ba-ra-co-ch-bg";
  EXPECT_EQ(AddressMap(device).place(16).group, 1);
  EXPECT_EQ(AddressMap(device).place(32).channel, 1);
}

TEST(DramAddressMap, GivesEveryBurstOneAddress) {
  DramDevice device = ddr4_for_tests();
  device.organisation.channels = device.organisation.ranks = 2;
  for (const char* mapping : {"ro-ra-bg-ba-co-ch", "ch-ra-ba-bg-ro-co", "co-ro-ch-bg-ra-ba"}) {
    device.policy.mapping = mapping;
    const AddressMap map(device);
    for (std::uint64_t i = 0; i < 100'000; ++i) {
      const std::uint64_t address = i * 0x9E3779B97F4A7C15 % (std::uint64_t{1} << 32) / 16 * 16;
      ASSERT_EQ(map.address(map.place(address + i % 16)), address);
    }
  }
}

}  // namespace
}  // namespace basil
