#include "memory/calendar.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>

namespace basil {
namespace {

TEST(Calendar, GivesAnEarlyCycleToWhoAsksLate) {
  Calendar link;
  EXPECT_EQ(link.fill(Cycles(100'000), Cycles(50)), Cycles(100'050));
  EXPECT_EQ(link.fill(Cycles(0), Cycles(50)), Cycles(50));  // not 100 100
}

TEST(Calendar, GoesRoundWhatIsTaken) {
  Calendar link;
  link.fill(Cycles(10), Cycles(5));
  EXPECT_EQ(link.fill(Cycles(8), Cycles(4)), Cycles(17));  // 8, 9, then 15, 16
  EXPECT_EQ(link.stretches(), 1U);                         // 8 to 17 on end
  EXPECT_EQ(link.gap(Cycles(6), Cycles(2)), Cycles(6));
  EXPECT_EQ(link.gap(Cycles(6), Cycles(3)), Cycles(17));
}

// Each cycle on its own.
class Reference {
 public:
  std::int64_t fill(std::int64_t asked, std::int64_t length) {
    std::size_t at = static_cast<std::size_t>(asked);
    for (; length > 0; ++at) {
      if (!taken_.at(at)) {
        taken_.at(at) = true;
        --length;
      }
    }
    return static_cast<std::int64_t>(at);
  }
  [[nodiscard]] std::int64_t gap(std::int64_t asked, std::int64_t length) const {
    for (std::int64_t from = asked;; ++from) {
      bool free = true;
      for (std::int64_t i = 0; i < length; ++i) free = free && !taken_.at(static_cast<std::size_t>(from + i));
      if (free) return from;
    }
  }

 private:
  std::array<bool, 20'000> taken_{};
};

TEST(Calendar, IsCycleForCycleWhatABruteForceOneIs) {
  rc::check([] {
    Calendar calendar;
    Reference reference;
    std::int64_t present = 0;
    for (int i = 0; i < 60; ++i) {
      const std::int64_t asked = present + *rc::gen::inRange<std::int64_t>(0, 400);
      const std::int64_t length = *rc::gen::inRange<std::int64_t>(1, 40);
      if (*rc::gen::arbitrary<bool>()) {
        RC_ASSERT(calendar.fill(Cycles(asked), Cycles(length)).value == reference.fill(asked, length));
      } else {
        const std::int64_t from = reference.gap(asked, length);
        RC_ASSERT(calendar.gap(Cycles(asked), Cycles(length)).value == from);
        calendar.take(Cycles(from), Cycles(length));
        RC_ASSERT(reference.fill(from, length) == from + length);
      }
      if (*rc::gen::inRange(0, 8) == 0) {
        present += *rc::gen::inRange<std::int64_t>(0, 100);
        calendar.forget_before(Cycles(present));
      }
    }
  });
}

// 3 000 stretches with a free cycle after each: 1 024 are kept, the first of them counts as taken throughout.
TEST(Calendar, StaysSmall) {
  Calendar calendar;
  for (int i = 0; i < 3000; ++i) calendar.fill(Cycles(2 * i), Cycles(1));
  EXPECT_EQ(calendar.stretches(), Calendar::most);
  EXPECT_EQ(calendar.fill(Cycles(0), Cycles(1)), Cycles(2 * (3000 - 1024) + 2));
}

}  // namespace
}  // namespace basil
