#include "models/study/points.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"

namespace basil {
namespace {

const std::string head = "traces: traces/samples/lenet.npz\n";

Study study(const std::string& text) {
  return parse_study(head + text, std::string(BASIL_SOURCE_DIR) + "/study.yaml");
}

std::vector<std::string> words(const std::vector<Point>& points) {
  std::vector<std::string> words;
  for (const Point& point : points) {
    std::string word = std::to_string(point.accelerator);
    for (const std::string& value : point.overrides()) word += " " + value;
    words.push_back(word);
  }
  return words;
}

TEST(Points, AGridIsEveryCombinationTheLastParameterFastest) {
  EXPECT_EQ(words(points_of(
                study("accelerators: eyeriss\nparameters: {array.rows: [8, 12], array.cols: [7, 14]}\n"))),
            (std::vector<std::string>{"0 array.rows=8 array.cols=7", "0 array.rows=8 array.cols=14",
                                      "0 array.rows=12 array.cols=7", "0 array.rows=12 array.cols=14"}));
}

TEST(Points, RangesHoldTheirEnds) {
  const Study read = study(
      "accelerators: eyeriss\nparameters:\n  array.rows: {from: 8, to: 32, step: 8}\n  dram.link_mhz: {from: "
      "60, "
      "to: 960, factor: 2}\n  noc.pe_pitch_mm: {from: 0.1, to: 0.3, step: 0.1}\n");
  const auto& parameters = read.accelerators[0].parameters;
  EXPECT_EQ(parameters[0].values, (std::vector<std::string>{"8", "16", "24", "32"}));
  EXPECT_EQ(parameters[1].values, (std::vector<std::string>{"60", "120", "240", "480", "960"}));
  EXPECT_EQ(parameters[2].values, (std::vector<std::string>{"0.1", "0.2", "0.3"}));
}

// An accelerator's own values take the place of the common ones; a constraint on keys that it lacks does not
// bind it.
TEST(Points, AcceleratorsMayHaveTheirOwn) {
  EXPECT_EQ(words(points_of(
                study("accelerators: [eyeriss, {name: scnn, parameters: {array.rows: [4], clock_mhz: "
                      "[500]}}]\nparameters: {array.rows: [8, 16]}\nconstraints: [array.rows * array.cols "
                      "<= 112]\n"))),
            (std::vector<std::string>{"0 array.rows=8", "1 array.rows=4 clock_mhz=500"}));
}

TEST(Points, ConstraintsSeeWhatTheDescriptionSays) {
  EXPECT_EQ(
      points_of(
          study("accelerators: [eyeriss, scnn]\nconstraints: [accelerator == 'scnn' or array.rows == 12]\n"))
          .size(),
      2U);
  EXPECT_EQ(
      words(points_of(study("accelerators: [eyeriss, scnn]\nconstraints: [accelerator != 'eyeriss']\n"))),
      (std::vector<std::string>{"1"}));
}

TEST(Points, ANameInAMapIsAsGoodAsAName) {
  const std::string values = "\nparameters: {array.rows: [8, 16]}\n";
  EXPECT_EQ(words(points_of(study("accelerators: [{name: eyeriss}]" + values))),
            words(points_of(study("accelerators: eyeriss" + values))));
}

// Each of n equal strata of a parameter once: with n values, each value once.
TEST(Points, ALatinHypercubeTakesEachStratumOnce) {
  const std::string text =
      "accelerators: eyeriss\nparameters: {array.rows: {from: 1, to: 40, step: 1}, array.cols: {from: 1, to: "
      "20, "
      "step: 1}, clock_mhz: [100, 200]}\nsampling: {latin_hypercube: 40, seed: ";
  const std::vector<Point> points = points_of(study(text + "3}\n"));
  ASSERT_EQ(points.size(), 40U);
  std::map<std::string, std::map<std::string, int>> uses;
  for (const Point& point : points) {
    for (const auto& [key, value] : point.values) ++uses[key][value];
  }
  const std::map<std::string, std::pair<std::size_t, int>> expected{
      {"array.rows", {40, 1}}, {"array.cols", {20, 2}}, {"clock_mhz", {2, 20}}};
  for (const auto& [key, values_and_uses] : expected) {
    EXPECT_EQ(uses[key].size(), values_and_uses.first) << key;
    for (const auto& [value, count] : uses[key])
      EXPECT_EQ(count, values_and_uses.second) << key << " " << value;
  }
  EXPECT_EQ(words(points), words(points_of(study(text + "3}\n"))));
  EXPECT_NE(words(points), words(points_of(study(text + "4}\n"))));
}

TEST(Points, KeysTellApartWhatMatters) {
  const std::string text = "accelerators: [eyeriss, scnn]\nparameters: {clock_mhz: [100, 200]}\n";
  const Study one = study(text), unverified = study(text + "verify: false\n"),
              some = study(text + "layers: L0\n"), scaled = study(text + "multipliers: 64\n"),
              renamed = study("name: other\n" + text);
  const std::vector<Point> points = points_of(one);
  std::set<std::string> keys;
  for (const Study* other : {&one, &unverified, &some, &scaled}) {
    for (const std::string& key : keys_of(*other, points, "basil 1")) keys.insert(key);
  }
  for (const std::string& key : keys_of(one, points, "basil 2")) keys.insert(key);
  EXPECT_EQ(keys.size(), 5 * points.size());
  EXPECT_EQ(keys_of(one, points, "basil 1"), keys_of(renamed, points, "basil 1"));
}

TEST(Points, ShardsDealOutEveryPointOnce) {
  for (const int parts : {1, 2, 7}) {
    for (std::size_t point = 0; point < 50; ++point) {
      int owners = 0;
      for (int part = 1; part <= parts; ++part) owners += Shard{part, parts}.has(point) ? 1 : 0;
      EXPECT_EQ(owners, 1);
    }
  }
  EXPECT_EQ(parse_shard("3/8").part, 3);
  for (const char* text : {"", "3", "0/2", "3/2", "1/0", "-1/2", "1/2x", "a/b", "1/"})
    EXPECT_THROW(static_cast<void>(parse_shard(text)), Error) << text;
}

}  // namespace
}  // namespace basil
