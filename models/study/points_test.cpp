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

std::vector<std::string> words(const Study& study) {
  std::vector<std::string> words;
  const Points points(study);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point point = points[i];
    std::string word = std::to_string(point.accelerator);
    for (const std::string& value : point.overrides()) word += " " + value;
    words.push_back(word);
  }
  return words;
}

TEST(Points, AGridIsEveryCombinationTheLastParameterFastest) {
  EXPECT_EQ(words(study("accelerators: eyeriss\nparameters: {array.rows: [8, 12], array.cols: [7, 14]}\n")),
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
  EXPECT_EQ(words(study("accelerators: [eyeriss, {name: scnn, parameters: {array.rows: [4], clock_mhz: "
                        "[500]}}]\nparameters: {array.rows: [8, 16]}\nconstraints: [array.rows * array.cols "
                        "<= 112]\n")),
            (std::vector<std::string>{"0 array.rows=8", "1 array.rows=4 clock_mhz=500"}));
}

TEST(Points, ConstraintsSeeWhatTheDescriptionSays) {
  EXPECT_EQ(words(study("accelerators: [eyeriss, scnn]\nconstraints: [accelerator == 'scnn' or array.rows == "
                        "12]\n")),
            (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(words(study("accelerators: [eyeriss, scnn]\nconstraints: [accelerator != 'eyeriss']\n")),
            (std::vector<std::string>{"1"}));
}

TEST(Points, ANameInAMapIsAsGoodAsAName) {
  const std::string values = "\nparameters: {array.rows: [8, 16]}\n";
  EXPECT_EQ(words(study("accelerators: [{name: eyeriss}]" + values)),
            words(study("accelerators: eyeriss" + values)));
}

// Each of n equal strata of a parameter once: with n values, each value once.
TEST(Points, ALatinHypercubeTakesEachStratumOnce) {
  const std::string text =
      "accelerators: eyeriss\nparameters: {array.rows: {from: 1, to: 40, step: 1}, array.cols: {from: 1, to: "
      "20, "
      "step: 1}, clock_mhz: [100, 200]}\nsampling: {latin_hypercube: 40, seed: ";
  const Study drawn = study(text + "3}\n");
  const Points points(drawn);
  ASSERT_EQ(points.size(), 40U);
  std::map<std::string, std::map<std::string, int>> uses;
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (const auto& [key, value] : points[i].values) ++uses[key][value];
  }
  const std::map<std::string, std::pair<std::size_t, int>> expected{
      {"array.rows", {40, 1}}, {"array.cols", {20, 2}}, {"clock_mhz", {2, 20}}};
  for (const auto& [key, values_and_uses] : expected) {
    EXPECT_EQ(uses[key].size(), values_and_uses.first) << key;
    for (const auto& [value, count] : uses[key])
      EXPECT_EQ(count, values_and_uses.second) << key << " " << value;
  }
  EXPECT_EQ(words(drawn), words(study(text + "3}\n")));
  EXPECT_NE(words(drawn), words(study(text + "4}\n")));
}

// Of a hundred drawn from eight combinations there are eight; the first of each stays where it was.
TEST(Points, SamplesOfTheSameValuesAreOne) {
  const Study drawn = study(
      "accelerators: eyeriss\nparameters: {array.rows: [6, 12], clock_mhz: [100, 200, 300, 400]}\n"
      "sampling: {latin_hypercube: 100, seed: 1}\n");
  const std::vector<std::string> all = words(drawn);
  EXPECT_EQ(all.size(), 8U);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 8U);
}

// The layers of a tile array follow from its rows, not from its clock: all clocks of one size come together.
// Of a grid, of samples, and of what constraints leave of either.
TEST(Points, RunThoseOfTheSameLayersBehindEachOther) {
  const std::string grid =
      "accelerators: [scnn, sparten]\nparameters: {clock_mhz: [100, 200, 300], array.rows: [4, 8]}\n";
  for (const std::string rest : {"", "constraints: [clock_mhz + 100 * array.rows != 700]\n",
                                 "sampling: {latin_hypercube: 9, seed: 2}\n"}) {
    const Study read = study(grid + rest);
    const Points points(read);
    std::set<std::size_t> seen;
    std::vector<std::string> layers;  // of one point after another, each once in a row
    for (std::size_t k = 0; k < points.size(); ++k) {
      const std::size_t number = points.in_turn(k);
      ASSERT_LT(number, points.size());
      seen.insert(number);
      const std::string own =
          std::to_string(points[number].accelerator) + *value_at(read, points[number], "array.rows");
      if (layers.empty() || layers.back() != own) layers.push_back(own);
    }
    EXPECT_EQ(seen.size(), points.size()) << rest;
    EXPECT_EQ(layers, (std::vector<std::string>{"04", "08", "14", "18"})) << rest;
  }
}

std::vector<std::string> keys_of(const Study& study, const std::string& program) {
  std::vector<std::string> keys;
  const Points points(study);
  PointKeys key_of(study, program);
  for (std::size_t i = 0; i < points.size(); ++i) keys.push_back(key_of(points[i]));
  return keys;
}

TEST(Points, KeysTellApartWhatMatters) {
  const std::string text = "accelerators: [eyeriss, scnn]\nparameters: {clock_mhz: [100, 200]}\n";
  const Study one = study(text), unverified = study(text + "verify: false\n"),
              some = study(text + "layers: L0\n"), scaled = study(text + "multipliers: 64\n"),
              renamed = study("name: other\n" + text);
  std::set<std::string> keys;
  for (const Study* other : {&one, &unverified, &some, &scaled}) {
    for (const std::string& key : keys_of(*other, "basil 1")) keys.insert(key);
  }
  for (const std::string& key : keys_of(one, "basil 2")) keys.insert(key);
  EXPECT_EQ(keys.size(), 5 * 4U);
  EXPECT_EQ(keys_of(one, "basil 1"), keys_of(renamed, "basil 1"));
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
  for (std::size_t points = 0; points < 20; ++points) {
    for (int part = 1; part <= 8; ++part) {
      const Shard shard{.part = part, .of = 8};
      std::size_t own = 0;
      for (std::size_t i = 0; i < points; ++i) own += shard.has(i) ? 1 : 0;
      EXPECT_EQ(shard.count(points), own) << part << " of " << points;
    }
  }
  for (const char* text : {"", "3", "0/2", "3/2", "1/0", "-1/2", "1/2x", "a/b", "1/"})
    EXPECT_THROW(static_cast<void>(parse_shard(text)), Error) << text;
}

}  // namespace
}  // namespace basil
