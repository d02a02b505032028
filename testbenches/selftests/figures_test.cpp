#include "testbenches/selftests/figures.h"

#include <gtest/gtest.h>

namespace basil {
namespace {

TEST(SelftestFigures, SayHowTheyAreHeld) {
  Figures figures;
  figures.equal("cycles", 39, 39, "7 + 8 + 8 + 15 + 1");
  figures.near("speed", 2, 4, 0.5, "half");
  figures.show("power", 103, 332, "no clock tree");
  figures.must(true, "one");
  const SelftestReport report = figures.report();
  EXPECT_TRUE(report.passed);
  const auto& lines = report.json.at("figures");
  EXPECT_EQ(lines[0].at("standing"), "asserted");
  EXPECT_EQ(lines[1].at("standing"), "within 50 %");
  EXPECT_EQ(lines[1].at("deviation_percent"), -50);
  EXPECT_EQ(lines[2].at("standing"), "shown only");
  EXPECT_NE(report.text.find("2 asserted, 1 within a band, 1 shown only: all held"), std::string::npos);
}

TEST(SelftestFigures, AMissedOneFailsTheReport) {
  const auto passed = [](auto&& add) {
    Figures figures;
    add(figures);
    return figures.report().passed;
  };
  EXPECT_FALSE(passed([](Figures& f) { f.equal("cycles", 39, 40, ""); }));
  EXPECT_TRUE(passed([](Figures& f) { f.near("speed", 3, 4, 0.25, ""); }));
  EXPECT_FALSE(passed([](Figures& f) { f.near("speed", 2.99, 4, 0.25, ""); }));
  EXPECT_FALSE(passed([](Figures& f) { f.near("speed", 5.01, 4, 0.25, ""); }));
  EXPECT_FALSE(passed([](Figures& f) { f.must(false, "other"); }));
  EXPECT_TRUE(passed([](Figures& f) { f.show("power", 1, 1000, ""); }));
}

}  // namespace
}  // namespace basil
