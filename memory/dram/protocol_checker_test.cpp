// The checker itself: for each rule a log that just keeps it, and the same log a clock too early.
#include "memory/dram/protocol_checker.h"

#include <gtest/gtest.h>

#include <string>

#include "memory/dram/test_device.h"

namespace basil {
namespace {

using enum DramCommand;

DramDevice two_ranks() {
  DramDevice device = ddr4_for_tests();  // a rank: 2 groups of 4 banks
  device.organisation.ranks = 2;
  device.policy.refresh = true;
  device.timing.tRPab = 20;
  device.timing.tPPD = 2;
  device.timing.tRTRS = 10;
  return device;
}

LoggedDramCommand of_bank(std::int64_t clock, DramCommand command, int bank, std::int64_t row = 1) {
  return {.clock = clock,
          .command = command,
          .rank = bank / 8,
          .group = bank / 4,
          .bank = bank,
          .row = row,
          .column = 0};
}
LoggedDramCommand of_rank(std::int64_t clock, DramCommand command, int rank = 0) {
  return {.clock = clock, .command = command, .rank = rank};
}

struct Broken {
  std::string rule;
  std::vector<LoggedDramCommand> log;  // legal; its last command a clock earlier breaks the rule
};

// In clocks: RCD 17, RP 17, RAS 39, RC 56, CCD 4/6, RRD 7/8, FAW 36, WR 18, WTR 3/9, RTP 9, RTRS 10, CL 17,
// CWL 12, burst 4.
std::vector<Broken> broken_logs() {
  const std::int64_t write_end = 12 + 4, turn = 17 + 4 + 1 - 12;
  return {
      {"tRCD", {of_bank(0, activate, 0), of_bank(17, read, 0)}},
      {"tRCD", {of_bank(0, activate, 0), of_bank(17, write, 0)}},
      {"tRAS", {of_bank(0, activate, 0), of_bank(39, precharge, 0)}},
      {"tRAS", {of_bank(0, activate, 0), of_rank(39, precharge_all)}},
      {"tRP", {of_bank(0, activate, 0), of_bank(60, precharge, 0), of_bank(77, activate, 0)}},
      {"tRP", {of_bank(0, activate, 0), of_bank(60, precharge, 0), of_rank(77, refresh)}},
      {"tRPab", {of_bank(0, activate, 0), of_rank(60, precharge_all), of_bank(80, activate, 3)}},
      {"tRPab", {of_bank(0, activate, 0), of_rank(60, precharge_all), of_rank(80, refresh)}},
      {"tPPD",
       {of_bank(0, activate, 0), of_bank(9, activate, 1), of_bank(60, precharge, 0),
        of_bank(62, precharge, 1)}},
      // RDA at 17 closes at max(39, 26), so only tRC and tRP together keep the next ACT away.
      {"tRC", {of_bank(0, activate, 0), of_bank(17, read_precharge, 0), of_bank(56, activate, 0)}},
      {"tRP", {of_bank(0, activate, 0), of_bank(60, read_precharge, 0), of_bank(60 + 9 + 17, activate, 0)}},
      {"tRP",
       {of_bank(0, activate, 0), of_bank(60, write_precharge, 0),
        of_bank(60 + write_end + 18 + 17, activate, 0)}},
      {"tRRD_S", {of_bank(0, activate, 0), of_bank(7, activate, 4)}},
      {"tRRD_L", {of_bank(0, activate, 0), of_bank(8, activate, 1)}},
      {"tFAW",
       {of_bank(0, activate, 0), of_bank(7, activate, 4), of_bank(14, activate, 1), of_bank(21, activate, 5),
        of_bank(36, activate, 2)}},
      {"tCCD_L", {of_bank(0, activate, 0), of_bank(17, read, 0), of_bank(23, read, 0)}},
      {"tCCD_L", {of_bank(0, activate, 0), of_bank(17, write, 0), of_bank(23, write, 0)}},
      {"tCCD_S",
       {of_bank(0, activate, 0), of_bank(7, activate, 4), of_bank(30, read, 0), of_bank(34, read, 4)}},
      {"tCCD_S",
       {of_bank(0, activate, 0), of_bank(7, activate, 4), of_bank(30, write, 0), of_bank(34, write, 4)}},
      {"data bus",
       {of_bank(0, activate, 0), of_bank(7, activate, 4), of_bank(30, read, 0), of_bank(34, read, 4)}},
      {"tRTP", {of_bank(0, activate, 0), of_bank(50, read, 0), of_bank(59, precharge, 0)}},
      {"tRTP", {of_bank(0, activate, 0), of_bank(50, read, 0), of_rank(59, precharge_all)}},
      {"tWR", {of_bank(0, activate, 0), of_bank(50, write, 0), of_bank(50 + write_end + 18, precharge, 0)}},
      {"tWR", {of_bank(0, activate, 0), of_bank(50, write, 0), of_rank(50 + write_end + 18, precharge_all)}},
      {"tWTR_L", {of_bank(0, activate, 0), of_bank(17, write, 0), of_bank(17 + write_end + 9, read, 0)}},
      {"tWTR_S",
       {of_bank(0, activate, 0), of_bank(7, activate, 4), of_bank(30, write, 0),
        of_bank(30 + write_end + 3, read, 4)}},
      {"tRTW", {of_bank(0, activate, 0), of_bank(17, read, 0), of_bank(17 + turn, write, 0)}},
      {"tRTRS",
       {of_bank(0, activate, 0), of_bank(1, activate, 8), of_bank(30, read, 0),
        of_bank(30 + 4 + 10, read, 8)}},
      {"tRTRS",
       {of_bank(0, activate, 0), of_bank(1, activate, 8), of_bank(30, write, 0),
        of_bank(30 + 4 + 10, write, 8)}},
      {"tRTRS",
       {of_bank(0, activate, 0), of_bank(1, activate, 8), of_bank(30, read, 0),
        of_bank(30 + 17 + 4 + 10 - 12, write, 8)}},
      {"tRTRS",
       {of_bank(0, activate, 0), of_bank(1, activate, 8), of_bank(30, write, 0),
        of_bank(30 + write_end + 10 - 17, read, 8)}},
      {"command bus", {of_bank(0, activate, 0), of_bank(1, activate, 8)}},
      {"tRFC", {of_rank(0, refresh), of_bank(420, activate, 0)}},
      {"tRFC", {of_rank(0, refresh), of_rank(420, refresh)}},
      {"tRC", {of_bank(0, activate, 0), of_bank(17, read_precharge, 0), of_rank(56, refresh)}},
  };
}

bool names(const std::vector<DramViolation>& found, const std::string& rule) {
  for (const DramViolation& violation : found) {
    if (violation.rule == rule) return true;
  }
  return false;
}

TEST(DramProtocolChecker, CatchesEveryRuleAClockTooEarly) {
  const DramDevice device = two_ranks();
  for (const Broken& broken : broken_logs()) {
    std::vector<LoggedDramCommand> log = broken.log;
    for (const DramViolation& violation : check_protocol(device, log))
      ADD_FAILURE() << broken.rule << ": " << violation.text;
    --log.back().clock;
    const auto found = check_protocol(device, log);
    EXPECT_TRUE(names(found, broken.rule)) << broken.rule;
    for (const DramViolation& violation : found)
      EXPECT_EQ(violation.command, log.size() - 1) << violation.text;
  }
}

TEST(DramProtocolChecker, CatchesRowsThatAreNotAsTheCommandNeeds) {
  const DramDevice device = two_ranks();
  const std::vector<std::vector<LoggedDramCommand>> logs{
      {of_bank(0, read, 0)},                                                            // closed
      {of_bank(0, activate, 0, 5), of_bank(50, read, 0, 6)},                            // another row
      {of_bank(0, activate, 0), of_bank(100, activate, 0, 2)},                          // not precharged
      {of_bank(0, activate, 0), of_rank(100, refresh)},                                 // not precharged
      {of_bank(0, activate, 0), of_bank(17, read_precharge, 0), of_bank(30, read, 0)},  // closed by itself
      {of_bank(0, activate, 0), of_rank(50, precharge_all), of_bank(90, write, 0)},
  };
  for (const auto& log : logs) EXPECT_TRUE(names(check_protocol(device, log), "row"));
}

TEST(DramProtocolChecker, CatchesAMissingRefreshAndAWrongPlace) {
  const DramDevice device = two_ranks();
  EXPECT_TRUE(check_protocol(device, std::vector{of_rank(9 * 9360, refresh)}).empty());
  EXPECT_TRUE(names(check_protocol(device, std::vector{of_rank(9 * 9360 + 1, refresh)}), "tREFI"));
  LoggedDramCommand astray = of_bank(0, activate, 9);
  astray.rank = 0;
  EXPECT_TRUE(names(check_protocol(device, std::vector{astray}), "place"));
}

}  // namespace
}  // namespace basil
