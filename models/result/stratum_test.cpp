// The spread of a sampled layer, by hand.
#include "models/result/stratum.h"

#include <gtest/gtest.h>

namespace basil {
namespace {

// Of 6 blocks 3 are computed: they take 10, 12 and 14 cycles and stand in for 2, 1 and 0 others.
Stratum three_of_six() {
  Stratum stratum;
  stratum.blocks = 6;
  for (const double cycles : {10, 12, 14}) stratum.cycles.add(cycles);
  for (const std::int64_t uses : {2, 1, 0}) stratum.stands_in_for(uses);
  for (int block = 0; block < 6; ++block) stratum.work.add(100);
  return stratum;
}

// s^2 = (4 + 0 + 4) / 2 = 4; of the sum 4 x (2^2 + 1^2 + 0 for those repeated, 3 for those never looked at).
TEST(Stratum, SpreadsByItsRepeatsAndByWhatItLeftOut) {
  const Spread spread = three_of_six().spread(three_of_six().cycles);
  EXPECT_DOUBLE_EQ(spread.variance, 4.0 * (5 + 3));
  EXPECT_DOUBLE_EQ(spread.degrees, 2);
}

// The promised work of its blocks varies by a half of its mean, the three that were drawn by a sixth: the
// mean of 12 cycles is taken to vary by 6. s^2 = 36.
TEST(Stratum, SpreadsNoLessThanItsWorkPromises) {
  Stratum stratum = three_of_six();
  stratum.work = {};
  for (const double work : {4, 8, 12}) stratum.work.add(work);
  EXPECT_DOUBLE_EQ(stratum.spread(stratum.cycles).variance, 36.0 * (5 + 3));
}

TEST(Stratum, DoesNotSpreadWhereAllOfItIsComputed) {
  Stratum stratum = three_of_six();
  stratum.blocks = 3;
  EXPECT_EQ(stratum.spread(stratum.cycles).variance, 0);
}

}  // namespace
}  // namespace basil
