// Word-interleaved banks: each count stated as the sum of its causes, and the clocked twin agrees.
#include "memory/bank_calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

#include "core/testing/property_check.h"
#include "memory/buffer/clocked_banks.h"

namespace basil {
namespace {

BankStream linear(std::int64_t start, std::int64_t accesses, int bank = 0, std::int64_t pace = 1) {
  return {.start = start, .accesses = accesses, .pace = pace, .bank = bank};
}

TEST(BankCalendar, AloneAStreamTakesItsPace) {
  BankCalendar banks({.banks = 4});
  EXPECT_EQ(banks.offer(linear(10, 7)).end, 10 + 7);
  EXPECT_EQ(banks.offer(linear(100, 7, 3, 5)).end, 100 + 6 * 5 + 1);
  EXPECT_EQ(banks.offer({.start = 200, .accesses = 7, .lanes = 4}).end, 200 + 7);
  EXPECT_EQ(banks.waited(), (ConflictCycles{}));
}

TEST(BankCalendar, StreamsOfOnePaceMeetOnceAndThenFollowEachOther) {
  BankCalendar banks({.banks = 4});
  EXPECT_EQ(banks.offer(linear(0, 1000)).end, 1000);
  EXPECT_EQ(banks.offer(linear(0, 1000)).end, 1000 + 1);
  EXPECT_EQ(banks.offer(linear(0, 1000)).end, 1000 + 2);  // behind the first, then behind the second
  EXPECT_EQ(banks.offer(linear(0, 1000)).end, 1000 + 3);
  // A fifth finds all four banks taken until the first stream ends; it has the first's place, 1000 cycles
  // later.
  EXPECT_EQ(banks.offer(linear(0, 1000)).waited, 1000);
}

TEST(BankCalendar, AStreamInAnotherPhaseMeetsNobody) {
  BankCalendar banks({.banks = 4});
  banks.offer(linear(0, 1000));
  EXPECT_EQ(banks.offer(linear(0, 1000, 2)).waited, 0);
}

TEST(BankCalendar, OneBankServesOneAccessACycle) {
  BankCalendar banks({.banks = 1});
  EXPECT_EQ(banks.offer(linear(0, 100, 0, 2)).end, 99 * 2 + 1);  // every other cycle
  EXPECT_EQ(banks.offer(linear(0, 50)).end, 2 * 50);             // the cycles between
  EXPECT_EQ(banks.offer(linear(0, 10)).end, 2 * 50 + 2 * 10);    // the cycles between after those
}

TEST(BankCalendar, ASlowStreamMakesUpForItsWait) {
  BankCalendar banks({.banks = 1});
  banks.offer(linear(0, 7));
  // Accesses due in 0 3 6 9 12: the first three go in 7 8 9, the fourth in 10, the last in its own cycle.
  const ServedStream late = banks.offer(linear(0, 5, 0, 3));
  EXPECT_EQ(late.waited, 7);
  EXPECT_EQ(late.end, 4 * 3 + 1);
}

TEST(BankCalendar, AWideStreamTakesItsBanksTogether) {
  BankCalendar banks({.banks = 8});
  banks.offer({.start = 0, .accesses = 100, .lanes = 4});
  // Banks 4 to 7 and 0 to 3 in turn: the halves never meet.
  EXPECT_EQ(banks.offer({.start = 0, .accesses = 100, .bank = 4, .lanes = 4}).end, 100);
  // The last waits for both to end.
  EXPECT_EQ(banks.offer({.start = 0, .accesses = 3}).end, 100 + 3);
}

TEST(BankCalendar, TwoPortsAreForAReadAndAWrite) {
  BankCalendar banks({.banks = 1, .ports = 2});
  banks.offer({.accesses = 100});
  EXPECT_EQ(banks.offer({.accesses = 100, .write = true}).end, 100);
  EXPECT_EQ(banks.offer({.accesses = 100}).end, 100 + 100);
  EXPECT_EQ(banks.offer({.accesses = 100, .write = true}).end, 100 + 100);
}

TEST(BankCalendar, AMoreUrgentStreamTakesItsBanksFromOneThatWasFirst) {
  BankCalendar banks({.banks = 1, .arbitration = Arbitration::priority});
  EXPECT_EQ(banks.offer({.start = 0, .accesses = 100, .kind = StreamKind::dram}).end, 100);
  EXPECT_EQ(banks.offer({.start = 40, .accesses = 50, .kind = StreamKind::psums}).end, 40 + 50);
  EXPECT_EQ(banks.served().front().end, 100 + 50);  // though it was told 100
  EXPECT_EQ(banks.waited(), (ConflictCycles{0, 0, 0, 50}));
}

struct Work {
  BankParameters parameters;
  std::vector<BankStream> streams;
};

// Up to `most` streams with starts, paces and lengths that overlap.
Work draw_work(int most) {
  Work work;
  work.parameters.banks = *anywhere_in(1, 12);
  work.parameters.ports = *anywhere_in(1, 3);
  const int count = *anywhere_in(1, most + 1);
  for (int i = 0; i < count; ++i) {
    work.streams.push_back({.start = *anywhere_in(0, 150),
                            .accesses = *anywhere_in(1, 200),
                            .pace = *rc::gen::element<std::int64_t>(1, 1, 1, 2, 3, 4, 7),
                            .bank = *anywhere_in(0, work.parameters.banks),
                            .lanes = *rc::gen::element(1, 1, 1, 1 + work.parameters.banks / 3),
                            .kind = static_cast<StreamKind>(*anywhere_in(0, 4)),
                            .write = *anywhere_in(0, 2) == 1});
  }
  return work;
}

std::vector<ServedStream> clocked(const Work& work, bool round_robin = false) {
  ClockedBanks banks(work.parameters, round_robin);
  for (const BankStream& stream : work.streams) banks.offer(stream);
  return banks.run();
}

void expect_equal(const std::vector<ServedStream>& a, const std::vector<ServedStream>& b) {
  RC_ASSERT(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    RC_ASSERT(a[i].end == b[i].end);
    RC_ASSERT(a[i].waited == b[i].waited);
  }
}

TEST(BankCalendar, IsTheClockedArbiterFirstComeFirstServed) {
  check_property(2000, [] {
    const Work work = draw_work(6);
    BankCalendar banks(work.parameters);
    std::vector<ServedStream> told;
    for (const BankStream& stream : work.streams) told.push_back(banks.offer(stream));
    expect_equal(told, clocked(work));
  });
}

TEST(BankCalendar, IsTheClockedArbiterByPriority) {
  check_property(2000, [] {
    Work work = draw_work(6);
    work.parameters.arbitration = Arbitration::priority;
    BankCalendar banks(work.parameters);
    for (const BankStream& stream : work.streams) banks.offer(stream);
    const std::vector<ServedStream> expected = clocked(work);
    expect_equal(banks.served(), expected);
    ConflictCycles waited{};
    for (std::size_t i = 0; i < expected.size(); ++i)
      waited[static_cast<std::size_t>(work.streams[i].kind)] += expected[i].waited;
    RC_ASSERT(banks.waited() == waited);
  });
}

TEST(BankCalendar, ForgetsOnlyWhatIsOver) {
  check_property(300, [] {
    Work work = draw_work(8);
    std::sort(work.streams.begin(), work.streams.end(),
              [](const BankStream& a, const BankStream& b) { return a.start < b.start; });
    BankCalendar banks(work.parameters);
    std::vector<ServedStream> told;
    for (const BankStream& stream : work.streams) {
      banks.forget_before(stream.start);
      told.push_back(banks.offer(stream));
    }
    expect_equal(told, clocked(work));
  });
}

// What an initiator is told against what another arbiter would do: ends of streams, as a share of their
// lengths, and the end of all of them.
struct Deviation {
  double streams = 0, worst_stream = 0, all = 0, worst_all = 0;
  std::int64_t of_streams = 0, works = 0;

  void add(const Work& work, const std::vector<ServedStream>& told, const std::vector<ServedStream>& real) {
    std::int64_t told_end = 0, real_end = 0, first = work.streams.front().start;
    for (std::size_t i = 0; i < told.size(); ++i) {
      const std::int64_t start = work.streams[i].start;
      const double off =
          std::abs(static_cast<double>(told[i].end - real[i].end)) / static_cast<double>(real[i].end - start);
      streams += off;
      worst_stream = std::max(worst_stream, off);
      told_end = std::max(told_end, told[i].end);
      real_end = std::max(real_end, real[i].end);
      first = std::min(first, start);
    }
    const double off =
        std::abs(static_cast<double>(told_end - real_end)) / static_cast<double>(real_end - first);
    all += off;
    worst_all = std::max(worst_all, off);
    of_streams += static_cast<std::int64_t>(told.size());
    ++works;
  }
  [[nodiscard]] double mean_stream() const { return streams / static_cast<double>(of_streams); }
  [[nodiscard]] double mean_all() const { return all / static_cast<double>(works); }
  void print(const std::string& what) const {
    std::cout << fmt::format(
        "{}: a stream's length off by {:.2f} % in the mean ({:.1f} % at worst), all of them by {:.2f} % "
        "({:.1f} "
        "%)\n",
        what, 100 * mean_stream(), 100 * worst_stream, 100 * mean_all(), 100 * worst_all);
  }
};

// Banks that the streams would keep busy if nobody ever waited.
double load(const Work& work) {
  double banks = 0;
  for (const BankStream& stream : work.streams)
    banks += static_cast<double>(stream.lanes) / static_cast<double>(stream.pace);
  return banks / work.parameters.banks;
}

TEST(BankCalendar, WhatItLeavesOutIsMeasured) {
  Deviation round_robin_below, round_robin, priority_below, priority;
  check_property(4000, [&] {
    Work work = draw_work(4);
    const bool below = load(work) <= 0.8;
    for (const Arbitration arbitration : {Arbitration::first_come, Arbitration::priority}) {
      work.parameters.arbitration = arbitration;
      BankCalendar banks(work.parameters);
      std::vector<ServedStream> told;
      for (const BankStream& stream : work.streams) told.push_back(banks.offer(stream));
      if (arbitration == Arbitration::first_come) {
        (below ? round_robin_below : round_robin).add(work, told, clocked(work, true));
      } else {
        (below ? priority_below : priority).add(work, told, clocked(work));
      }
    }
  });
  round_robin_below.print("first_come for round robin, load up to 0.8");
  round_robin.print("first_come for round robin, more load      ");
  priority_below.print("priority as told, load up to 0.8           ");
  priority.print("priority as told, more load                ");
  // Measured over six seeds: 2.3 to 2.6 % and 0.3 %; 0.7 to 0.8 % and 0.2 %; 0.6 to 0.9 %; 0.8 to 1.3 %. The
  // bounds leave about half as much again.
  EXPECT_LE(round_robin_below.mean_stream(), 0.04);
  EXPECT_LE(round_robin_below.mean_all(), 0.006);
  EXPECT_LE(priority_below.mean_stream(), 0.011);
  EXPECT_LE(priority_below.mean_all(), 0.003);
  EXPECT_LE(round_robin.mean_all(), 0.014);
  EXPECT_LE(priority.mean_all(), 0.02);
}

}  // namespace
}  // namespace basil
