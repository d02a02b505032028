// Streams whose time is known: every expected number is the sum of its causes, in clocks.
#include <gtest/gtest.h>

#include "memory/dram/memory.h"
#include "memory/dram/protocol_checker.h"
#include "memory/dram/test_device.h"

namespace basil {
namespace {

constexpr bool reading = false, writing = true;

// A memory of one channel, its requests given by place.
class Stream {
 public:
  explicit Stream(const DramDevice& device) : memory_(device) { memory_.channels()[0].keep_log(); }
  ~Stream() {
    for (const DramViolation& violation : check_protocol(memory_.device(), memory_.channels()[0].log()))
      ADD_FAILURE() << violation.text;
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void ask(int group, int bank, std::int64_t row, std::int64_t column, bool write, std::int64_t clock) {
    const std::uint64_t address =
        memory_.map().address({.group = group, .bank = bank, .row = row, .column = column});
    memory_.enqueue(id_++, address, write, clock);
  }
  // Clocks from `from` to the end of the last data.
  std::int64_t clocks(std::int64_t from = 0) {
    memory_.channels()[0].drain();
    return memory_.last_done() - from;
  }
  std::int64_t done(std::size_t request) {
    clocks();
    for (const DramCompletion& c : memory_.channels()[0].completions()) {
      if (c.id == static_cast<std::int64_t>(request)) return c.done;
    }
    return -1;
  }
  DramMemory& memory() { return memory_; }

 private:
  DramMemory memory_;
  std::int64_t id_ = 0;
};

class BothDevices : public ::testing::TestWithParam<DramDevice> {
 protected:
  const DramDevice device = GetParam();
  const DramTiming t = device.timing;
  const std::int64_t burst = device.organisation.burst_clocks();
  const std::int64_t rl = t.CL + t.tDQSCK, wl = t.CWL + t.tDQSS;
};
INSTANTIATE_TEST_SUITE_P(Dram, BothDevices, ::testing::Values(ddr4_for_tests(), lpddr4_for_tests()),
                         [](const auto& tested) {
                           return tested.param.name.substr(0, tested.param.name.find(' '));
                         });

TEST_P(BothDevices, AReadOfAClosedRowIsActivateLatencyAndBurst) {
  Stream stream(device);
  stream.ask(0, 0, 5, 3, reading, 100);
  EXPECT_EQ(stream.clocks(100), t.tRCD + rl + burst);
}

TEST_P(BothDevices, AReadOfAnOpenRowIsLatencyAndBurst) {
  Stream stream(device);
  stream.ask(0, 0, 5, 3, reading, 0);
  stream.ask(0, 0, 5, 9, reading, 1000);
  EXPECT_EQ(stream.clocks(1000), rl + burst);
}

TEST_P(BothDevices, AReadOfAnotherRowIsPrechargeActivateLatencyAndBurst) {
  Stream stream(device);
  stream.ask(0, 0, 5, 3, reading, 0);
  stream.ask(0, 0, 6, 3, reading, 1000);
  EXPECT_EQ(stream.clocks(1000), t.tRP + t.tRCD + rl + burst);
}

// Four bursts of one row, then one of another: the first of each row finds it closed.
TEST_P(BothDevices, ARowsLaterBurstsAreHits) {
  Stream stream(device);
  for (int column = 0; column < 4; ++column) stream.ask(0, 0, 5, column, reading, 0);
  stream.ask(0, 0, 6, 3, writing, 1000);
  stream.clocks();
  const DramActivity activity = stream.memory().channels()[0].activity(10'000);
  EXPECT_EQ(activity.reads, 4);
  EXPECT_EQ(activity.writes, 1);
  EXPECT_EQ(activity.activates, 2);
  EXPECT_EQ(activity.conflicts, 1);
  EXPECT_EQ(activity.row_hits, 3);
}

TEST_P(BothDevices, AWriteIsActivateLatencyAndBurst) {
  Stream stream(device);
  stream.ask(0, 0, 5, 3, writing, 0);
  EXPECT_EQ(stream.clocks(), t.tRCD + wl + burst);
}

// Every burst from another bank group (where there are some) and an open row: the data bus never rests.
TEST_P(BothDevices, TheOpenStreamRunsAtThePeak) {
  Stream stream(device);
  const int groups = device.organisation.bank_groups, n = 4096;
  for (int group = 0; group < groups; ++group) stream.ask(group, 0, 5, 0, reading, 0);
  for (int i = 0; i < n; ++i) stream.ask(i % groups, 0, 5, i / groups % 32, reading, 1000);
  EXPECT_EQ(t.tCCD_S, burst);
  EXPECT_EQ(stream.clocks(1000), (n - 1) * burst + rl + burst);
}

TEST_P(BothDevices, AStreamOfOneBankGroupIsLimitedByItsColumns) {
  Stream stream(device);
  const int n = 4096;
  for (int i = 0; i < n; ++i) stream.ask(0, 0, 5, i % 64, reading, 0);
  EXPECT_EQ(stream.clocks(), t.tRCD + (n - 1) * t.tCCD_L + rl + burst);
}

TEST_P(BothDevices, ARowConflictStreamTakesARowCycleEach) {
  Stream stream(device);
  const int n = 1000;
  for (int i = 0; i < n; ++i) stream.ask(0, 0, i, 0, reading, 0);
  const std::int64_t closes = std::max(t.tRAS, t.tRCD + t.tRTP);  // after its ACT
  EXPECT_EQ(closes + t.tRP, t.tRC);
  EXPECT_EQ(stream.clocks(), (n - 1) * t.tRC + t.tRCD + rl + burst);
}

TEST_P(BothDevices, ARowConflictStreamOfWritesWaitsForTheWriteRecovery) {
  Stream stream(device);
  const int n = 1000;
  for (int i = 0; i < n; ++i) stream.ask(0, 0, i, 0, writing, 0);
  const std::int64_t each = t.tRCD + wl + burst + t.tWR + t.tRP;
  EXPECT_GT(each, t.tRC);
  EXPECT_EQ(stream.clocks(), (n - 1) * each + t.tRCD + wl + burst);
}

// A burst from each bank in turn, another row each time: four activations in a window.
TEST_P(BothDevices, AStreamOfActivationsIsLimitedByTheFourActivateWindow) {
  DramDevice closing = device;
  closing.policy.page = DramPage::closed;
  Stream stream(closing);
  const int groups = device.organisation.bank_groups, n = 4000;
  for (int i = 0; i < n; ++i) stream.ask(i % groups, i / groups % (8 / groups), i / 8, 0, reading, 0);
  EXPECT_GE(t.tFAW, 4 * t.tRRD_S);
  EXPECT_GE(2 * t.tFAW, t.tRC);  // a bank comes again after two windows
  EXPECT_EQ(stream.clocks(), (n / 4 - 1) * t.tFAW + 3 * t.tRRD_S + t.tRCD + rl + burst);
}

// In order, a read and a write in turn, row open.
TEST_P(BothDevices, ATurnaroundStreamPaysBothTurns) {
  DramDevice in_order = device;
  in_order.policy.scheduler = DramScheduler::fcfs;
  Stream stream(in_order);
  const int pairs = 500;
  stream.ask(0, 0, 5, 0, reading, 0);
  for (int i = 0; i < pairs; ++i) {
    stream.ask(0, 0, 5, 1, reading, 1000);
    stream.ask(0, 0, 5, 2, writing, 1000);
  }
  const std::int64_t to_write = rl + burst + t.tRTW - t.CWL, to_read = wl + burst + t.tWTR_L;
  EXPECT_EQ(stream.clocks(1000), (pairs - 1) * (to_write + to_read) + to_write + wl + burst);
}

TEST_P(BothDevices, BetweenBankGroupsTheTurnToReadingIsShorter) {
  if (device.organisation.bank_groups == 1) GTEST_SKIP() << "no bank groups";
  DramDevice in_order = device;
  in_order.policy.scheduler = DramScheduler::fcfs;
  Stream stream(in_order);
  const int pairs = 500;
  stream.ask(0, 0, 5, 0, reading, 0);
  stream.ask(1, 0, 5, 0, reading, 0);
  for (int i = 0; i < pairs; ++i) {
    stream.ask(0, 0, 5, 1, reading, 1000);
    stream.ask(1, 0, 5, 2, writing, 1000);
  }
  const std::int64_t to_write = rl + burst + t.tRTW - t.CWL, to_read = wl + burst + t.tWTR_S;
  EXPECT_EQ(stream.clocks(1000), (pairs - 1) * (to_write + to_read) + to_write + wl + burst);
}

// A stream of one open row. A refresh that falls due stops it: precharge of all banks, tRPab, REF, tRFC, ACT,
// tRCD, and the stream goes on until the next one.
TEST_P(BothDevices, ARefreshedStreamLosesPrechargeRefreshAndActivateEachTime) {
  DramDevice refreshed = device;
  refreshed.policy.refresh = true;
  Stream stream(refreshed);
  const int n = 20000;
  for (int i = 0; i < n; ++i) stream.ask(0, 0, 5, i % 64, reading, 0);
  std::int64_t first = t.tRCD, last = 0, left = n;  // the READs between two refreshes
  for (std::int64_t due = t.tREFI;; due += t.tREFI) {
    const std::int64_t fit = (due - 1 - first) / t.tCCD_L + 1;  // those sent before it is due
    last = first + (std::min(fit, left) - 1) * t.tCCD_L;
    left -= std::min(fit, left);
    if (left == 0) break;
    const std::int64_t precharge = std::max(due, last + t.tRTP);
    first = precharge + t.tRPab + t.tRFC + t.tRCD;
  }
  EXPECT_EQ(stream.clocks(), last + rl + burst);
  EXPECT_GT(stream.memory().activity(stream.clocks()).refreshes, 10);
}

TEST_P(BothDevices, InOrderARandomStreamIsTheSumOfItsRowCycles) {
  DramDevice in_order = device;
  in_order.policy.scheduler = DramScheduler::fcfs;
  Stream stream(in_order);
  const int n = 8;  // a bank each: nothing overlaps when the next request waits for the one before
  for (int i = 0; i < n; ++i)
    stream.ask(i % device.organisation.bank_groups, i / device.organisation.bank_groups, 7, 0, reading, 0);
  EXPECT_GE(t.tRCD, t.tRRD_L);
  // The next ACT goes the clock after the READ before it.
  EXPECT_EQ(stream.clocks(), n * t.tRCD + (n - 1) * 1 + rl + burst);
}

// --- policies

TEST(DramPolicy, TheOldestRequestIsOvertakenAsOftenAsTheCapSays) {
  for (const int cap : {1, 4, 16}) {
    DramDevice device = ddr4_for_tests();
    device.policy.starvation_cap = cap;
    Stream stream(device);
    stream.ask(0, 0, 5, 0, reading, 0);
    stream.ask(0, 0, 6, 0, reading, 17);  // another row, while hits of row 5 keep coming
    for (int i = 0; i < 200; ++i) stream.ask(0, 0, 5, i % 64, reading, 17);
    stream.clocks();
    const auto& served = stream.memory().channels()[0].completions();
    EXPECT_EQ(served[static_cast<std::size_t>(cap) + 1].id, 1) << cap;
  }
}

TEST(DramPolicy, WritesWaitForTheHighMarkAndStopAtTheLowOne) {
  DramDevice device = ddr4_for_tests();
  device.policy.write_high = 10;
  device.policy.write_low = 4;
  Stream stream(device);
  for (int i = 0; i < 200; ++i) stream.ask(0, 0, 5, i % 64, reading, 0);
  for (int i = 0; i < 20; ++i) stream.ask(1, 0, 5, i, writing, 0);  // reads come first, then 20 writes
  for (int i = 0; i < 200; ++i) stream.ask(0, 0, 5, i % 64, reading, 0);
  stream.clocks();
  std::vector<int> runs;  // of writes
  bool before = false;
  for (const DramCompletion& c : stream.memory().channels()[0].completions()) {
    if (c.write && !before) runs.push_back(0);
    if (c.write) ++runs.back();
    before = c.write;
  }
  ASSERT_GE(runs.size(), 2U);
  EXPECT_GE(runs.front(), 10 - 4);
  EXPECT_EQ(runs.back(), 4);  // what the low mark kept goes when no read waits
}

// Two reads of one bank, rows 5 and 6; the second asks for an earlier clock, and is served first.
TEST(DramPolicy, RequestsEnterByTheirClocks) {
  const DramTiming t = ddr4_for_tests().timing;
  Stream stream(ddr4_for_tests());
  stream.ask(0, 0, 5, 0, reading, 100'000);
  stream.ask(0, 0, 6, 0, reading, 0);
  EXPECT_EQ(stream.done(1), t.tRCD + t.CL + 4);
  EXPECT_EQ(stream.done(0), 100'000 + t.tRP + t.tRCD + t.CL + 4);
}

// Reads and writes in turn, more than the queues hold, one open row: each batch of high - low writes, and as
// many reads, costs a turn to writing and one back beside its bursts. From 24 to 8 that is 16 of each, from
// 32 to 0 twice as many and half the turns.
std::int64_t clocks_of_half_writes(int high, int low, int pairs) {
  DramDevice device = ddr4_for_tests();
  device.policy.write_high = high;
  device.policy.write_low = low;
  Stream stream(device);
  for (int i = 0; i < pairs; ++i) {
    stream.ask(0, 0, 5, i % 32, reading, 0);
    stream.ask(0, 0, 5, 32 + i % 32, writing, 0);
  }
  return stream.clocks();
}

TEST(DramPolicy, ABatchOfWritesCostsTwoTurns) {
  const DramTiming t = ddr4_for_tests().timing;
  const int burst = 4, pairs = 3200;
  const std::int64_t to_write = t.CL + burst + t.tRTW - t.CWL, to_read = t.CWL + burst + t.tWTR_L;
  for (const auto& [high, low] : {std::pair(24, 8), std::pair(32, 16), std::pair(32, 0)}) {
    const int batch = high - low;
    const std::int64_t each = (2 * batch - 2) * t.tCCD_L + to_write + to_read;
    const double clocks = static_cast<double>(clocks_of_half_writes(high, low, pairs));
    EXPECT_NEAR(clocks, static_cast<double>(pairs / batch * each), 0.02 * clocks) << high << " to " << low;
  }
}

// A batch of writes to one bank, and a read of another bank in which another row is open: that is closed and
// the read's row opened while the writes have the data bus, so that it follows the last of them after the
// turn alone, not after a clock, tRP and tRCD.
TEST(DramPolicy, RowsAreOpenedForTheOtherDirectionAhead) {
  const DramDevice device = ddr4_for_tests();
  const DramTiming& t = device.timing;
  Stream stream(device);
  stream.ask(1, 0, 5, 0, reading, 0);
  const int writes = device.policy.write_high;
  for (int i = 0; i < writes; ++i) stream.ask(0, 0, 5, i, writing, 1000);
  stream.ask(1, 0, 6, 0, reading, 1000);
  const auto last = static_cast<std::size_t>(writes - device.policy.write_low);
  EXPECT_GT(1 + t.tRP + t.tRCD, t.CWL + 4 + t.tWTR_S);
  EXPECT_EQ(stream.done(static_cast<std::size_t>(writes) + 1), stream.done(last) + t.tWTR_S + t.CL + 4);
}

TEST(DramPolicy, AReadOfAWaitingWriteIsServedFromTheQueue) {
  Stream stream(ddr4_for_tests());
  stream.ask(0, 0, 9, 0, reading, 0);  // keeps the controller reading
  stream.ask(0, 0, 5, 7, writing, 0);
  stream.ask(0, 0, 5, 7, reading, 3);
  EXPECT_EQ(stream.done(2), 3 + 1);
  EXPECT_EQ(stream.memory().channels()[0].activity(100).forwarded, 1);
}

TEST(DramPolicy, AClosedPageHasNoRowToCloseWhenTheNextRequestComes) {
  DramDevice device = ddr4_for_tests();
  device.policy.page = DramPage::closed;
  Stream stream(device);
  stream.ask(0, 0, 5, 0, reading, 0);
  stream.ask(0, 0, 6, 0, reading, 1000);
  EXPECT_EQ(stream.clocks(1000), device.timing.tRCD + device.timing.CL + 4);
}

TEST(DramPolicy, AnIdleSecondCostsNothingAndCountsEveryRefresh) {
  DramDevice device = ddr4_for_tests();
  device.policy.refresh = true;
  const std::int64_t second = 128'720 * device.timing.tREFI + 5000;  // in clocks of 0.83 ns
  DramChannel skipping(device);
  skipping.advance(second);
  EXPECT_EQ(skipping.activity(second).refreshes, (second - 1) / device.timing.tREFI);
  EXPECT_EQ(skipping.activity(second).active_clocks, (second - 1) / device.timing.tREFI * device.timing.tRFC);

  DramChannel one_by_one(device);
  one_by_one.keep_log();
  one_by_one.advance(second / 1000);
  DramChannel at_once(device);
  at_once.advance(second / 1000);
  EXPECT_EQ(one_by_one.activity(second / 1000).refreshes, at_once.activity(second / 1000).refreshes);
  EXPECT_EQ(one_by_one.activity(second / 1000).active_clocks, at_once.activity(second / 1000).active_clocks);
}

}  // namespace
}  // namespace basil
