#include "models/study/front/pareto.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/testing/property_check.h"

namespace basil {
namespace {

using Objectives = std::vector<std::vector<double>>;

TEST(Pareto, KeepsWhatNothingBeats) {
  EXPECT_EQ(pareto_front({{3, 1}, {1, 3}, {2, 2}, {3, 3}, {2, 3}}), (std::vector<std::size_t>{1, 2, 0}));
  EXPECT_EQ(pareto_front({{5}, {4}, {4}}), (std::vector<std::size_t>{1, 2}));  // equals stay together
  EXPECT_EQ(pareto_front({}), std::vector<std::size_t>());
}

// Against the definition, pair by pair.
TEST(Pareto, IsWhatTheDefinitionSays) {
  check_property(200, [] {
    const auto count = static_cast<std::size_t>(*anywhere_in(0, 40));
    const auto length = static_cast<std::size_t>(*anywhere_in(1, 4));
    Objectives objectives(count, std::vector<double>(length));
    for (auto& point : objectives) {
      for (double& value : point) value = *anywhere_in(0, 6);
    }
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i < count; ++i) {
      const bool beaten = std::any_of(objectives.begin(), objectives.end(), [&](const auto& other) {
        bool no_worse = true;
        for (std::size_t o = 0; o < length; ++o) no_worse = no_worse && other[o] <= objectives[i][o];
        return no_worse && other != objectives[i];
      });
      if (!beaten) expected.push_back(i);
    }
    std::vector<std::size_t> front = pareto_front(objectives);
    std::sort(front.begin(), front.end());
    RC_ASSERT(front == expected);
  });
}

}  // namespace
}  // namespace basil
