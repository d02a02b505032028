// Samples by hand: 10 cycles each.
#include "models/waveform/sampled_mean.h"

#include <gtest/gtest.h>

#include <vector>

namespace basil {
namespace {

using Shown = std::vector<std::pair<std::int64_t, double>>;

// 30 in [4, 14): 3 a cycle, 6 cycles of it in the first sample; then 8 in [14, 16). Nothing in [20, 40).
TEST(SampledMean, IsTheWorkOfEachSampleOverItsCycles) {
  Shown shown;
  SampledMean mean(Cycles(10), [&](Cycles from, double value) { shown.emplace_back(from.value, value); });
  mean.add(Cycles(4), Cycles(14), 30);
  mean.add(Cycles(14), Cycles(16), 8);
  EXPECT_EQ(shown, (Shown{{0, 1.8}}));
  EXPECT_EQ(mean.start(), Cycles(10));
  mean.pass(Cycles(43));
  EXPECT_EQ(shown, (Shown{{0, 1.8}, {10, 2.0}, {20, 0}, {30, 0}}));
  mean.add(Cycles(43), Cycles(45), 5);
  mean.end(Cycles(45));  // a sample of five cycles
  EXPECT_EQ(shown.back(), (std::pair<std::int64_t, double>(40, 1.0)));
  EXPECT_EQ(mean.start(), Cycles(45));
}

TEST(SampledMean, HoldsAStretchOfManySamples) {
  Shown shown;
  SampledMean mean(Cycles(10), [&](Cycles from, double value) { shown.emplace_back(from.value, value); });
  mean.add(Cycles(5), Cycles(35), 60);
  EXPECT_EQ(shown, (Shown{{0, 1.0}, {10, 2.0}, {20, 2.0}}));
}

}  // namespace
}  // namespace basil
