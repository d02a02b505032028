#include "core/yaml_keys.h"

#include <gtest/gtest.h>

#include "core/yaml_document.h"

namespace basil {
namespace {

constexpr const char* some_keys =
    "rows: 12\ndram: {mhz: 60.5}\nrecipe: 'prune: 0.5'\nsizes: [1, 2]\nsteps: [{n: 1}, {n: 2}]\n";

// Reads a document, some of whose keys are left out.
std::vector<YamlKey> keys_of(const std::string& document) {
  std::vector<YamlKey> keys;
  YamlReader reader = YamlDocument(document, "t.yaml").reader(&keys);
  static_cast<void>(reader.integer("rows", 1, 64));
  static_cast<void>(reader.integer("cols", 1, 64, 14));
  YamlReader dram = reader.child("dram");
  static_cast<void>(dram.real("mhz", 1, 1000));
  static_cast<void>(dram.flag("refresh", true));
  static_cast<void>(reader.text("recipe", ""));
  static_cast<void>(reader.word("kind", {"bus", "mesh"}, "bus"));
  static_cast<void>(reader.integers("sizes", 1, 8));
  for (YamlReader& step : reader.list("steps")) static_cast<void>(step.integer("n", 1, 9));
  reader.done();
  return keys;
}

TEST(YamlKeys, SayWhatEachMayBeAndIs) {
  const std::vector<YamlKey> keys = keys_of(some_keys);
  ASSERT_EQ(keys.size(), 9U);
  EXPECT_EQ(keys[0].path, "rows");
  EXPECT_EQ(to_string(keys[0].range), "a whole number from 1 to 64");
  EXPECT_EQ(keys[0].value, "12");
  EXPECT_FALSE(keys[0].otherwise);
  EXPECT_TRUE(keys[0].given);
  EXPECT_EQ(keys[1].value, "14");
  EXPECT_EQ(keys[1].otherwise, "14");
  EXPECT_FALSE(keys[1].given);
  EXPECT_EQ(keys[2].path, "dram.mhz");
  EXPECT_EQ(to_string(keys[5].range), "one of bus, mesh");
  EXPECT_EQ(keys[8].path, "steps[1].n");
}

TEST(YamlKeys, ReadAgainSayTheSame) {
  const std::vector<YamlKey> keys = keys_of(some_keys), again = keys_of(to_yaml(keys));
  ASSERT_EQ(keys.size(), again.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(keys[i].path, again[i].path);
    EXPECT_EQ(keys[i].value, again[i].value) << keys[i].path;
    EXPECT_TRUE(again[i].given) << keys[i].path;
  }
}

}  // namespace
}  // namespace basil
