// Two results apart: what moved, in which order, and limits on it.
#include "models/compare/diff.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"

namespace basil {
namespace {

LayerResult layer_of(const std::string& name, std::int64_t compute, std::int64_t dram, double mac_pj,
                     double dram_pj) {
  LayerResult layer;
  layer.name = name;
  layer.bins.add(Bin::compute, compute * 10);
  layer.bins.add(Bin::dram, dram * 10);
  layer.cycles = Cycles(compute + dram);
  layer.energy.add({"mac", "mac_int8", 1, Picojoules(mac_pj), Tag::published});
  layer.energy.add({"dram", "dram_ddr4_read_per_bit", 1, Picojoules(dram_pj), Tag::published});
  return layer;
}

ResultAccount result_of(std::vector<LayerResult> layers, std::int64_t pes = 10) {
  Result result;
  result.trace = "net";
  result.accelerator = "array";
  result.clock_mhz = 100;
  result.pes = pes;
  result.layers = std::move(layers);
  return account_of(result);
}

// Of its first layer.
double& figure_of(ResultAccount& result, const std::string& column) {
  std::size_t place = 0;
  while (diff_columns().at(place)->name != column) ++place;
  return result.layers[0].figures[place];
}

TEST(Diff, SaysWhichBinsAndComponentsMoved) {
  const ResultDiff moved = diff(result_of({layer_of("a", 100, 10, 5, 50), layer_of("b", 100, 0, 5, 0)}),
                                result_of({layer_of("a", 90, 200, 5, 80), layer_of("b", 100, 0, 5, 0)}));
  ASSERT_EQ(moved.layers.size(), 2U);
  const LayerDiff& a = moved.layers[0];
  EXPECT_EQ(a.name, "a");  // the one that moved comes first
  ASSERT_EQ(a.cycles.size(), 2U);
  EXPECT_EQ(a.cycles[0].name, "dram");
  EXPECT_DOUBLE_EQ(a.cycles[0].change(), 190);
  EXPECT_DOUBLE_EQ(a.cycles[1].change(), -10);
  ASSERT_EQ(a.energy.size(), 1U);
  EXPECT_DOUBLE_EQ(a.energy[0].change(), 30);
  EXPECT_EQ(a.critical_before, "compute");
  EXPECT_EQ(a.critical_after, "dram");
  EXPECT_TRUE(moved.layers[1].cycles.empty());
  EXPECT_DOUBLE_EQ(moved.all.cycles_after - moved.all.cycles_before, 180);
}

TEST(Diff, CountsBinsInCyclesOfTheWholeArray) {
  LayerResult twice = layer_of("a", 100, 10, 5, 50);
  twice.bins += twice.bins;  // as many cycles on twice the PEs
  const ResultDiff moved = diff(result_of({layer_of("a", 100, 10, 5, 50)}), result_of({twice}, 20));
  EXPECT_TRUE(moved.all.cycles.empty());
}

TEST(Diff, LeavesOutWhatOneResultLacks) {
  const ResultDiff moved = diff(result_of({layer_of("a", 1, 1, 1, 1), layer_of("x", 1, 1, 1, 1)}),
                                result_of({layer_of("a", 1, 1, 1, 1), layer_of("y", 1, 1, 1, 1)}));
  EXPECT_EQ(moved.missing, (std::vector<std::string>{"x", "y"}));
  EXPECT_DOUBLE_EQ(moved.all.cycles_before, 2);
  EXPECT_THROW((void)diff(result_of({layer_of("a", 1, 1, 1, 1)}), result_of({layer_of("b", 1, 1, 1, 1)})),
               Error);
}

TEST(Diff, HoldsChangesAgainstLimits) {
  const ResultDiff moved =
      diff(result_of({layer_of("a", 100, 0, 5, 50)}), result_of({layer_of("a", 100, 3, 5, 50)}));
  EXPECT_TRUE(beyond(moved, parse_limit("cycles > +2%")));
  EXPECT_FALSE(beyond(moved, parse_limit("cycles > +3%")));
  EXPECT_TRUE(beyond(moved, parse_limit("cycles > 2")));
  EXPECT_FALSE(beyond(moved, parse_limit("cycles < 0")));
  EXPECT_TRUE(beyond(moved, parse_limit("dram > 50%")));  // from nothing
  EXPECT_FALSE(beyond(moved, parse_limit("energy > 0%")));
  EXPECT_FALSE(beyond(moved, parse_limit("imbalance > 0")));
}

TEST(Diff, RefusesLimitsItCannotRead) {
  const auto complaint = [](const std::string& text) -> std::string {
    try {
      (void)parse_limit(text);
    } catch (const Error& error) { return error.what(); }
    return "";
  };
  EXPECT_NE(complaint("cycles").find("not three words"), std::string::npos);
  EXPECT_NE(complaint("cycels > 2%").find("cycles"), std::string::npos);
  EXPECT_NE(complaint("cycles = 2%").find("> or <"), std::string::npos);
  EXPECT_NE(complaint("cycles > two").find("'two'"), std::string::npos);
  EXPECT_NE(complaint("cycles > 2%%").find("'2%%'"), std::string::npos);
  EXPECT_NE(complaint("cycles > nan").find("'nan'"), std::string::npos);
}

TEST(Diff, SpeaksToPeopleAndPrograms) {
  const ResultDiff moved =
      diff(result_of({layer_of("a", 100, 10, 5, 50)}), result_of({layer_of("a", 90, 200, 5, 80)}));
  const std::string text = to_text(moved);
  EXPECT_NE(text.find("compute -> dram"), std::string::npos) << text;
  EXPECT_NE(text.find("dram +190, compute -10"), std::string::npos) << text;
  EXPECT_EQ(to_json(moved)["layers"][0]["cycles_moved"][0]["name"], "dram");
}

TEST(Diff, ShowsWhereTheDescriptionsDifferAndWarnsOfOtherTraces) {
  ResultAccount before = result_of({layer_of("a", 1, 1, 1, 1)}), after = before;
  before.description = {{"array.rows", "12"}, {"pe.pipeline", "3"}, {"clock_mhz", "200"}};
  after.description = {{"array.rows", "16"}, {"clock_mhz", "200"}, {"tiles", "4"}};
  before.trace_fingerprint = "one";
  after.trace_fingerprint = "two";
  const ResultDiff moved = diff(before, after);
  ASSERT_EQ(moved.keys.size(), 3U);
  EXPECT_EQ(moved.keys[0].name + moved.keys[0].before + moved.keys[0].after, "array.rows1216");
  EXPECT_EQ(moved.keys[1].name + moved.keys[1].before + moved.keys[1].after, "pe.pipeline3-");
  EXPECT_EQ(moved.keys[2].name + moved.keys[2].before + moved.keys[2].after, "tiles-4");
  EXPECT_TRUE(moved.traces_differ);
  EXPECT_NE(to_text(moved).find("warning: the traces differ"), std::string::npos);
  after.trace_fingerprint = "one";
  EXPECT_FALSE(diff(before, after).traces_differ);
}

TEST(Diff, RefusesFiguresThatCannotBe) {
  const ResultAccount good = result_of({layer_of("a", 1, 1, 1, 1)});
  ResultAccount no_pe = good, negative = good, infinite = good, backwards = good;
  no_pe.pes = 0;
  figure_of(negative, "energy_pj") = -1;
  figure_of(infinite, "mac_pj") = INFINITY;
  figure_of(backwards, "cycles") = -1;
  for (const ResultAccount& bad : {no_pe, negative, infinite, backwards}) {
    EXPECT_THROW(static_cast<void>(diff(good, bad)), Error);
    EXPECT_THROW(static_cast<void>(diff(bad, good)), Error);
  }
}

}  // namespace
}  // namespace basil
