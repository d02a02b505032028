#include "models/study/subset.h"

#include <gtest/gtest.h>

namespace basil {
namespace {

TEST(Subset, KnowsItsMembersAndTheirPlaces) {
  Subset thirds;
  for (std::size_t i = 0; i < 1000; ++i) thirds.add(i % 3 == 1);
  ASSERT_EQ(thirds.size(), 333U);
  for (std::size_t place = 0; place < thirds.size(); ++place) {
    const std::size_t number = 3 * place + 1;
    EXPECT_EQ(thirds.at(place), number);
    EXPECT_EQ(thirds.below(number), place);
    EXPECT_TRUE(thirds.has(number));
    EXPECT_FALSE(thirds.has(number + 1));
  }
}

// Words without a member, and one that has them all.
TEST(Subset, MayHaveGapsOfWholeWords) {
  Subset ends;
  for (std::size_t i = 0; i < 640; ++i) ends.add(i < 64 || i == 639);
  ASSERT_EQ(ends.size(), 65U);
  EXPECT_EQ(ends.at(63), 63U);
  EXPECT_EQ(ends.at(64), 639U);
  EXPECT_EQ(ends.below(639), 64U);
  EXPECT_EQ(ends.below(300), 64U);
}

}  // namespace
}  // namespace basil
