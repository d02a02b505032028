#include "models/description/dram_device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "core/error.h"
#include "memory/dram/dram_trace.h"
#include "memory/dram/memory.h"
#include "memory/dram/protocol_checker.h"
#include "memory/off_chip/memory_type.h"
#include "models/presets/embedded.h"

namespace basil {
namespace {

class ShippedDram : public ::testing::TestWithParam<std::string> {
 protected:
  DramDevice device = load_dram_device(GetParam());
  const DramTiming& t = device.timing;
  const std::int64_t burst = device.organisation.burst_clocks();
};
INSTANTIATE_TEST_SUITE_P(All, ShippedDram, ::testing::ValuesIn(embedded_names("dram_devices")),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(ShippedDram, ReadsAClosedRowInActivateLatencyAndBurst) {
  DramMemory memory(device);
  memory.enqueue(0, 0, false, 0);
  memory.finish();
  EXPECT_EQ(memory.last_done(), t.tRCD + t.CL + t.tDQSCK + burst);
}

TEST_P(ShippedDram, ReadsAnotherRowInPrechargeActivateLatencyAndBurst) {
  DramMemory memory(device);
  memory.enqueue(0, memory.map().address({.row = 1}), false, 0);
  memory.enqueue(1, memory.map().address({.row = 2}), false, 1000);
  memory.finish();
  EXPECT_EQ(memory.last_done(), 1000 + t.tRP + t.tRCD + t.CL + t.tDQSCK + burst);
}

// With the shipped mapping a linear stream of open rows keeps every data bus busy.
TEST_P(ShippedDram, StreamsARowAtThePeak) {
  device.policy.refresh = false;
  DramMemory memory(device);
  const std::int64_t bytes = device.organisation.row_bytes().value * device.organisation.channels;
  const std::int64_t bursts = bytes / device.organisation.burst_bytes().value;
  // The first round opens the rows.
  for (std::int64_t i = 0; i < 2 * bursts; ++i) {
    const auto address = static_cast<std::uint64_t>(i % bursts * device.organisation.burst_bytes().value);
    memory.enqueue(i, address, false, i < bursts ? 0 : 10'000);
  }
  memory.finish();
  const std::int64_t each = bursts / device.organisation.channels;
  EXPECT_EQ(memory.last_done(), 10'000 + (each - 1) * burst + t.CL + t.tDQSCK + burst);
}

TEST_P(ShippedDram, KeepsItsRulesUnderRandomTraffic) {
  DramMemory memory(device);
  for (DramChannel& channel : memory.channels()) channel.keep_log();
  std::uint64_t state = 1;
  for (int i = 0; i < 40'000; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    const std::uint64_t address =
        (state >> 20) % static_cast<std::uint64_t>(device.organisation.capacity().value);
    memory.enqueue(i, i % 8 < 4 ? address : address % 65536, (state >> 60) < 5, i);
  }
  memory.finish();
  for (DramChannel& channel : memory.channels()) {
    for (const DramViolation& violation : check_protocol(device, channel.log(), 3))
      ADD_FAILURE() << violation.text;
  }
}

// Of one device, by the currents of its source; energy_test.cpp has the formula.
TEST(DramDevices, HaveTheEnergiesOfTheirSources) {
  struct Expected {
    const char* name;
    double activate, read, write, refresh;
  };
  for (const Expected& expected : {Expected{"ddr4-2400", 2060.7, 780.9, 721.1, 97473},
                                   {"lpddr4-3200", 1204.7, 2168.4, 1288.4, 22386},
                                   {"hbm2", 828.0, 804.0, 1068.0, 60840}}) {
    const DramDevice device = load_dram_device(expected.name);
    const DramCommandEnergy each = command_energy(device);
    const double devices = device.organisation.devices;
    EXPECT_NEAR(each.activate.value / devices, expected.activate, expected.activate * 1e-3);
    EXPECT_NEAR(each.read.value / devices, expected.read, expected.read * 1e-3);
    EXPECT_NEAR(each.write.value / devices, expected.write, expected.write * 1e-3);
    EXPECT_NEAR(each.refresh.value / devices, expected.refresh, expected.refresh * 1e-3);
  }
}

TEST(DramDevices, TakeOverridesAndRefuseWhatCannotBe) {
  EXPECT_EQ(load_dram_device("ddr4-2400", {"timing.tRCD=20"}).timing.tRCD, 20);
  EXPECT_EQ(load_dram_device("ddr4-2400", {"timing.tRAS=45"}).timing.tRC, 45 + 17);  // follows tRAS
  EXPECT_EQ(load_dram_device("hbm2", {"controller.page=closed"}).policy.page, DramPage::closed);
  for (const auto& [device, change, said] : {std::array{"ddr4-2400", "timing.tRAS=16", "timing.tRAS: 16"},
                                             {"ddr4-2400", "organisation.banks=0", "organisation.banks: 0"},
                                             {"ddr4-2400", "timing.tRDC=17", "tRCD"},
                                             {"ddr4-2400", "timing.tRC=55", "timing.tRC: 55"},  // 39 + 17
                                             {"ddr4-2400", "timing.tRPab=16", "timing.tRPab: 16"},
                                             {"ddr4-2400", "timing.tRC=9000", "timing.tREFI: 9360"},
                                             {"ddr4-2400", "timing.tRC=long", "long"},
                                             {"ddr4-2400", "controller.page=half", "open"},
                                             {"ddr4-2400", "controller.mapping=ro-co", "controller.mapping"},
                                             {"ddr4-2400", "power.VDD.volts=0", "power.VDD.volts"},
                                             {"ddr4-2401", "timing.tRCD=17", "ddr4-2400"}}) {
    try {
      static_cast<void>(load_dram_device(device, {change}));
      ADD_FAILURE() << change;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(said), std::string::npos) << error.what();
    }
  }
}

// A row after another of its bank: ACT at 0 and at tRC, which is longer than tRAS + tRP here; RD and data
// after.
TEST(DramDevices, ATRCOfItsOwnHoldsARowBack) {
  DramMemory memory(load_dram_device("ddr4-2400", {"timing.tRC=80"}));
  for (const int row : {1, 2}) memory.enqueue(row, memory.map().address({.row = row}), false, 0);
  memory.finish();
  EXPECT_EQ(memory.last_done(), 80 + 17 + 17 + 4);  // tRC + tRCD + CL + BL/2
}

// The refresh that falls due with a row open: PREA at tREFI, REF after tRPab.
TEST(DramDevices, ATRPabOfItsOwnHoldsARefreshBack) {
  DramMemory memory(load_dram_device("ddr4-2400", {"timing.tRPab=60"}));
  memory.channels()[0].keep_log();
  memory.enqueue(0, 0, false, 0);
  memory.finish();
  memory.channels()[0].advance(9500);
  const std::vector<LoggedDramCommand>& log = memory.channels()[0].log();
  ASSERT_EQ(log.size(), 4U);  // ACT, RD, PREA, REF
  EXPECT_EQ(log[2].command, DramCommand::precharge_all);
  EXPECT_EQ(log[2].clock, 9360);
  EXPECT_EQ(log[3].clock, 9360 + 60);
}

std::string trace_file(const std::string& text) {
  const std::string file = ::testing::TempDir() + "basil-dram-trace-" +
                           ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".txt";
  std::ofstream(file) << text;
  return file;
}

TEST(DramTrace, IsReadWithCommentsAndEmptyLines) {
  const auto trace =
      read_dram_trace(trace_file("# two\n0x40 READ 0\n\n 0XfF WRITE 12 # last\r\n"), Bytes(4096));
  ASSERT_EQ(trace.size(), 2U);
  EXPECT_EQ(trace[1].address, 0xFFU);
  EXPECT_TRUE(trace[1].write);
  EXPECT_EQ(trace[1].cycle, 12);
}

TEST(DramTrace, ThatIsBadIsRefusedWithFileAndLine) {
  for (const std::string bad :
       {"40 READ 0", "0x READ 0", "0x40 read 0", "0x40 READ", "0x40 READ 0 0", "0x40 READ -1",
        "0x40 READ 99999999999999999999", "0x4G READ 0", "0x1000 READ 0", "0x40 READ 9007199254740993"}) {
    const std::string file = trace_file("0x0 READ 0\n" + bad + "\n");
    try {
      static_cast<void>(read_dram_trace(file, Bytes(4096)));
      ADD_FAILURE() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).rfind(file + ":2: ", 0), 0U) << error.what();
    }
  }
  EXPECT_THROW(static_cast<void>(read_dram_trace(trace_file("0x0 READ 9\n0x0 READ 8\n"), Bytes(64))), Error);
  EXPECT_THROW(static_cast<void>(read_dram_trace(trace_file("# nothing\n"), Bytes(64))), Error);
  EXPECT_THROW(static_cast<void>(read_dram_trace("no/such/file", Bytes(64))), Error);
}

// 100 reads far apart of 100 rows of a bank: latencies known, the row closed by the request after it.
TEST(DramTrace, CountsLatenciesHitsAndEnergy) {
  const DramDevice device = load_dram_device("ddr4-2400", {"controller.refresh=false"});
  const AddressMap map(device);
  std::vector<DramTraceRequest> trace;
  for (int i = 0; i < 100; ++i) trace.push_back({.address = map.address({.row = i / 2}), .cycle = i * 1000});
  DramMemory memory(device);
  const DramTraceResult result = run_dram_trace(memory, trace);
  const std::int64_t hit = 17 + 4, closed = 17 + hit, conflict = 17 + closed;  // CL + BL/2; + tRCD; + tRP
  EXPECT_EQ(result.cycles, 99'000 + hit);
  EXPECT_DOUBLE_EQ(result.from_request.mean, static_cast<double>(50 * hit + 49 * conflict + closed) / 100);
  EXPECT_EQ(result.from_request.p99, conflict);
  EXPECT_DOUBLE_EQ(result.row_hit_rate(), 0.5);
  EXPECT_EQ(result.activity.conflicts, 49);
  EXPECT_NEAR(result.energy.activate.value, 50 * 4 * 2060.7, 50 * 4 * 2.1);
  EXPECT_NEAR(result.gigabytes_a_second(), 100 * 64 / (99'021 * 0.83), 1e-9);
  EXPECT_EQ(to_json(result)["commands"]["activate"], 50);
  EXPECT_NE(to_text(result).find("49 conflicts"), std::string::npos);
}

// What a mapping is chosen by, of ddr4-2400 behind a chip of 200 MHz: bursts of 64 bytes in 4 clocks of 830
// ps, rows of 1024 x 64 bits, four devices whose pJ are DRAMsim3's.
TEST(DeviceMemory, TellsTheMapperItsTimesAndPrices) {
  const DramDevice device = load_dram_device("ddr4-2400");
  DramParameters pins;
  pins.core_khz = 200'000;
  const MemoryKeys none;
  const MemoryParameters parameters{.dram = pins, .device = &device, .own = none};
  const MemoryType& memory = memory_type("device", "test");
  EXPECT_EQ(memory.first_data(parameters), Cycles(7)) << "tRCD 17 + CL 17 + 4 clocks are 31.5 ns";
  EXPECT_EQ(memory.rate(parameters).bits, 64 * 8);
  EXPECT_EQ(memory.rate(parameters).khz, 1'000'000'000 / (4 * 830));
  const MemoryPrices prices = memory.prices(parameters, 200);
  const double opening = 4 * 2060.7 / 8192;
  EXPECT_NEAR(prices.read_byte_pj, 4 * 780.9 / 64 + opening, 0.05);
  EXPECT_NEAR(prices.write_byte_pj, 4 * 721.1 / 64 + opening, 0.05);
  EXPECT_NEAR(prices.cycle_pj, 4 * 1.2 * 0.83 * 47 * 5000 / 830, 1e-6);
}

}  // namespace
}  // namespace basil
