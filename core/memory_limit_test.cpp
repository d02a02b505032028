#include "core/memory_limit.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace basil {
namespace {

TEST(MemoryLimit, ReadsAmounts) {
  EXPECT_EQ(parse_memory("8G"), 8'000'000'000);
  EXPECT_EQ(parse_memory("1.5GB"), 1'500'000'000);
  EXPECT_EQ(parse_memory("500M"), 500'000'000);
  EXPECT_EQ(parse_memory("2000000"), 2'000'000);
  for (const char* bad : {"", "8X", "G", "-8G", "nan", "inf", "1e40G", "1k", "0", "8 G", "8GG"})
    EXPECT_THROW(static_cast<void>(parse_memory(bad)), Error) << bad;
}

TEST(MemoryLimit, RefusesWhatDoesNotFitAndSaysHowMuch) {
  EXPECT_NO_THROW(check_memory(1e6, "layer a", "sums"));
  try {
    check_memory(1e18, "layer a", "sums");
    FAIL();
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_TRUE(text.starts_with("layer a: sums of about 1000000000.0 GB, expected at most ")) << text;
    EXPECT_NE(text.find("set_memory_limit()"), std::string::npos);
  }
}

TEST(MemoryLimit, IsThreeQuartersOfTheMachine) {
  EXPECT_GT(default_memory_limit(), 100'000'000);
  EXPECT_LT(default_memory_limit(), std::int64_t{1} << 50);
}

}  // namespace
}  // namespace basil
