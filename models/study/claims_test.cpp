#include "models/study/claims.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "core/testing/scratch.h"

namespace basil {
namespace {

class ClaimsOfPilots : public ::testing::Test {
 protected:
  testing::Scratch scratch_;
  std::filesystem::path folder_ = scratch_.path();
  std::size_t points_ = 20;
  std::function<std::size_t(std::size_t)> in_turn_ = [](std::size_t k) { return 19 - k; };
};

TEST_F(ClaimsOfPilots, GiveEachPointToOne) {
  Claims first(folder_, "s", points_, in_turn_), second(folder_, "s", points_, in_turn_);
  std::multiset<std::size_t> given;
  for (bool more = true; more;) {
    more = false;
    for (Claims* pilot : {&first, &second}) {
      if (const auto point = pilot->next()) {
        given.insert(*point);
        more = true;
      }
    }
  }
  std::vector<std::size_t> all(points_);
  std::iota(all.begin(), all.end(), std::size_t{0});
  EXPECT_EQ(given, std::multiset<std::size_t>(all.begin(), all.end()));
  EXPECT_FALSE(first.all_done());
}

TEST_F(ClaimsOfPilots, AreDoneWhenAllHaveEnded) {
  {
    Claims pilot(folder_, "s", points_, in_turn_);
    while (const auto point = pilot.next()) pilot.ended(*point);
    EXPECT_TRUE(pilot.all_done());
  }
  Claims later(folder_, "s", points_, in_turn_);
  EXPECT_FALSE(later.next());
  EXPECT_FALSE(Claims(folder_, "another", points_, in_turn_).all_done());
}

TEST_F(ClaimsOfPilots, PassToOthersWhenTheirOwnerIsKilled) {
  const pid_t child = ::fork();
  if (child == 0) {
    Claims doomed(folder_, "s", points_, in_turn_);
    for (int i = 0; i < 7; ++i) static_cast<void>(doomed.next());
    ::raise(SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  Claims heir(folder_, "s", points_, in_turn_);
  std::set<std::size_t> given;
  while (const auto point = heir.next()) {
    given.insert(*point);
    heir.ended(*point);
  }
  EXPECT_EQ(given.size(), points_);
  EXPECT_TRUE(heir.all_done());
}

}  // namespace
}  // namespace basil
