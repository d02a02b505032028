#include "core/systemc/cycle_time.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/error.h"

namespace basil {
namespace {

using sc_core::SC_PS;
using sc_core::sc_time;

TEST(CycleTime, IsRealTimeAtTheCoreClock) {
  EXPECT_EQ(to_time(Cycles(3)), sc_time(3000, SC_PS));  // 1 GHz until said
  set_core_clock(200'000);
  EXPECT_EQ(to_time(Cycles(3)), sc_time(15'000, SC_PS));
  EXPECT_EQ(to_cycles(sc_time(15'000, SC_PS)), Cycles(3));
  EXPECT_EQ(to_cycles(sc_time(15'001, SC_PS)), Cycles(4));  // seen at the next edge
}

// 600 MHz: 5 cycles are 25/3 ns. Cycle 10^9 is 5/3 s, within half a picosecond.
TEST(CycleTime, RoundsAPeriodOnceAndNeverDrifts) {
  set_core_clock(600'000);
  EXPECT_EQ(to_time(Cycles(1)), sc_time(1667, SC_PS));
  EXPECT_EQ(to_time(Cycles(5)), sc_time(8333, SC_PS));
  EXPECT_EQ(to_time(Cycles(1'000'000'000)), sc_time(1'666'666'666'667.0, SC_PS));
  EXPECT_EQ(to_cycles(to_time(Cycles(1'000'000'000))), Cycles(1'000'000'000));
}

TEST(CycleTime, ComesBackFromEveryCycleOfEveryClock) {
  rc::check([] {
    set_core_clock(*rc::gen::inRange<std::int64_t>(1'000, 5'000'000));
    const Cycles cycle(*rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 40));
    RC_ASSERT(to_cycles(to_time(cycle)) == cycle);
    RC_ASSERT(to_cycles(to_time(cycle) + sc_time(1, SC_PS)) == cycle + Cycles(1));
  });
}

TEST(CycleTime, RefusesAClockThatTheKernelCannotTellApart) {
  EXPECT_THROW(set_core_clock(0), Error);
  EXPECT_THROW(set_core_clock(1'000'000'001), Error);
  EXPECT_EQ(core_clock_khz(), 1'000'000);
}

}  // namespace
}  // namespace basil
