#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <random>

#include "core/error.h"
#include "core/yaml_document.h"

namespace basil {
namespace {

constexpr const char* machine =
    "name: toy  # rows in [1, 64)\n"
    "clock_mhz: 200.5\n"
    "gating: true\n"
    "array:\n"
    "  rows: 12\n"
    "  order: [2, 0, 1]\n"
    "levels:\n"
    "  - {bytes: 64}\n"
    "  - {bytes: 128}\n";

// What reading `text` in this way complains of.
std::string complaint(const std::string& text, const std::function<void(YamlReader&)>& read) {
  try {
    YamlReader reader = YamlReader::parse(text, "m.yaml");
    read(reader);
  } catch (const Error& error) { return error.what(); }
  return "none";
}
std::string complaint(const std::string& text) {
  return complaint(text, [](YamlReader&) {});
}

TEST(Yaml, ReadsEveryKindOfValue) {
  YamlReader root = YamlReader::parse(machine, "m.yaml");
  EXPECT_EQ(root.text("name"), "toy");
  EXPECT_EQ(root.word("name", {"real", "toy"}), "toy");
  EXPECT_EQ(root.real("clock_mhz", 1, 1000), 200.5);
  EXPECT_TRUE(root.flag("gating"));
  EXPECT_TRUE(root.is_map("array"));
  YamlReader array = root.child("array");
  EXPECT_EQ(array.integer("rows", 12, 12), 12);  // bounds are inclusive
  EXPECT_EQ(array.integers("order", 0, 2), (std::vector<std::int64_t>{2, 0, 1}));
  array.done();
  std::vector<YamlReader> levels = root.list("levels");
  ASSERT_EQ(levels.size(), 2U);
  EXPECT_EQ(levels[1].integer("bytes", 1, 1 << 20), 128);
  root.done();
  EXPECT_EQ(root.keys(), (std::vector<std::string>{"name", "clock_mhz", "gating", "array", "levels"}));
}

TEST(Yaml, TakesDefaultsForWhatIsAbsent) {
  YamlReader root = YamlReader::parse("a: 1\n", "m.yaml");
  EXPECT_EQ(root.integer("b", 0, 9, 7), 7);
  EXPECT_EQ(root.real("c", 0, 9, 0.5), 0.5);
  EXPECT_FALSE(root.flag("d", false));
  EXPECT_EQ(root.text("e", "x"), "x");
  EXPECT_FALSE(root.maybe_child("f"));
  EXPECT_FALSE(root.has("g"));
  EXPECT_TRUE(root.has("a"));
  root.done();
}

TEST(Yaml, ErrorsSayWhereWhatAndWhatInstead) {
  EXPECT_EQ(complaint(machine, [](YamlReader& r) { (void)r.child("array").integer("rows", 1, 8); }),
            "m.yaml:5:9: array.rows: '12', expected a whole number from 1 to 8");
  EXPECT_EQ(complaint("a: 1.5", [](YamlReader& r) { (void)r.integer("a", 0, 9); }),
            "m.yaml:1:4: a: '1.5', expected a whole number from 0 to 9");
  EXPECT_EQ(complaint("a: .inf", [](YamlReader& r) { (void)r.real("a", 0, 9); }),
            "m.yaml:1:4: a: '.inf', expected a number from 0 to 9");
  EXPECT_EQ(complaint("a: maybe", [](YamlReader& r) { (void)r.flag("a"); }),
            "m.yaml:1:4: a: 'maybe', expected true or false");
  EXPECT_EQ(complaint("a: [1, x]", [](YamlReader& r) { (void)r.integers("a", 0, 9); }),
            "m.yaml:1:8: a: 'x', expected a whole number from 0 to 9");
  EXPECT_EQ(complaint("a: 3", [](YamlReader& r) { (void)r.child("a"); }),
            "m.yaml:1:4: a: '3', expected a map of keys and values");
  EXPECT_EQ(complaint("a: [3]", [](YamlReader& r) { (void)r.list("a"); }),
            "m.yaml:1:5: a[0]: '3', expected a map of keys and values");
  EXPECT_EQ(complaint("a: bitmpa",
                      [](YamlReader& r) {
                        (void)r.word("a", {"dense", "bitmap"});
                      }),
            "m.yaml:1:4: a: 'bitmpa', expected 'bitmap'");
}

TEST(Yaml, PointsAtAKeyWithoutAValue) {
  EXPECT_EQ(complaint("a: 1\nb:\n\nc: 2\n", [](YamlReader& r) { (void)r.integer("b", 0, 9); }),
            "m.yaml:2:1: b: nothing, expected a whole number from 0 to 9");
}

TEST(Yaml, RefusesWhatNobodyAskedFor) {
  EXPECT_EQ(complaint("rows: 1\ncolms: 2\n",
                      [](YamlReader& r) {
                        (void)r.has("rows");
                        (void)r.has("cols");
                        r.done();
                      }),
            "m.yaml:2:1: colms: unknown key, expected 'cols'");
}

TEST(Yaml, RefusesKeysThatAreNotOnceAWord) {
  EXPECT_EQ(complaint("a: 1\na: 2\n"), "m.yaml:2:1: a: the key a second time, expected each key once");
  EXPECT_EQ(complaint("[1, 2]: 3\n"), "m.yaml:1:1: a list as a key, expected a plain word");
  EXPECT_EQ(complaint("just text"), "m.yaml:1:1: 'just text', expected a map of keys and values");
}

TEST(Yaml, ReadsWholeNumbersInDecimalOnly) {
  const auto number = [](const std::string& text) {
    return complaint("a: " + text, [](YamlReader& r) { EXPECT_EQ(r.integer("a", -99, 99), 10); });
  };
  for (const char* ten : {"10", "010", "+10", "'10'"}) EXPECT_EQ(number(ten), "none");
  for (const std::string no : {"0x10", "1e1", "10.0", "1_0", "+", "+-10", "10 10", "99999999999999999999"}) {
    EXPECT_EQ(number(no), "m.yaml:1:4: a: '" + no + "', expected a whole number from -99 to 99");
  }
}

TEST(Yaml, RefusesDepthAndSize) {
  const std::string too_deep = ": nested deeper than 64, expected a flatter file";
  EXPECT_EQ(complaint("a: 1\nb: " + std::string(63, '[') + std::string(63, ']')), "none");  // 64 with the map
  EXPECT_EQ(complaint("a: 1\nb: " + std::string(64, '[') + std::string(64, ']')), "m.yaml:2:67" + too_deep);
  EXPECT_NE(complaint("a: " + std::string(100000, '[')), "none");
  EXPECT_EQ(complaint("a:\n  " + std::string(63, '-')), "none");  // a word
  std::string dashes, questions, blocks;
  for (int i = 0; i < 1000; ++i) dashes += "- ", questions += "? ";
  for (std::size_t i = 0; i < 1000; ++i) blocks += std::string(i, ' ') + "a:\n";
  EXPECT_EQ(complaint(dashes), "m.yaml:1:129" + too_deep);
  EXPECT_EQ(complaint(questions), "m.yaml:1:129" + too_deep);
  EXPECT_EQ(complaint(blocks), "m.yaml:65:65" + too_deep);
  EXPECT_EQ(complaint(std::string((1 << 20) + 1, ' ')),
            "m.yaml: 1048577 bytes, expected at most 1 MB of YAML");
}

TEST(Yaml, BracketsInCommentsAndTextsAreNoNesting) {
  const std::string opened(100, '['), closed(1000, ']');
  EXPECT_EQ(complaint("a: x  # " + opened + "\nb: '" + opened + "'\nc: x#" + opened), "none");
  EXPECT_EQ(complaint("# " + closed + "\na: " + opened +
                      std::string(100, ']')),  // those closed before do not count
            "m.yaml:2:67: nested deeper than 64, expected a flatter file");
}

TEST(Yaml, RefusesASecondDocument) {
  EXPECT_EQ(complaint("---\na: 1\n...\n"), "none");
  EXPECT_EQ(complaint("a: 1\n---\nb: 2\n"), "m.yaml:2:1: a second document, expected one document a file");
}

// Nodes that hold themselves are read as far as somebody asks; nodes shared many times over stay shared.
TEST(Yaml, AliasesAreNotExpanded) {
  EXPECT_EQ(complaint("&x {a: *x, b: 1}",
                      [](YamlReader& r) { EXPECT_EQ(r.child("a").child("a").integer("b", 1, 1), 1); }),
            "none");
  YamlDocument round("a: &x {b: *x, c: 1}", "m.yaml");
  round.set("a.c=2");
  EXPECT_EQ(round.reader().child("a").child("b").child("b").integer("c", 1, 2), 2);
  std::string laughs = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 60; ++i) laughs += fmt::format("a{0}: &a{0} [*a{1}, *a{1}]\n", i, i - 1);
  EXPECT_EQ(complaint(laughs), "none");
  YamlDocument laughing(laughs + "z: 1\n", "m.yaml");
  laughing.set("z=2");
  EXPECT_EQ(laughing.reader().integer("z", 2, 2), 2);
}

TEST(Yaml, OverridesReplaceAnExistingValue) {
  YamlDocument document(machine, "m.yaml");
  document.set("array.rows=16");
  document.set("name=other");
  YamlReader root = document.reader();
  EXPECT_EQ(root.text("name"), "other");
  EXPECT_EQ(root.child("array").integer("rows", 1, 64), 16);
  EXPECT_EQ(root.child("array").integers("order", 0, 2).size(), 3U);
}

TEST(Yaml, OverridesGiveAKeyThatMayBeLeftOut) {
  const auto rows_of = [](const std::string& text) {
    YamlDocument document(text, "m.yaml");
    document.set("array.rows=16", {"array.rows"});
    return document.reader().child("array").integer("rows", 1, 64);
  };
  EXPECT_EQ(rows_of("array: {cols: 4}"), 16);
  EXPECT_EQ(rows_of("array: {cols: 4, rows: 8}"), 16);
  for (const std::string text : {"other: 1", "array: 3", "array: [1, 2]", "3", ""})
    EXPECT_THROW(static_cast<void>(rows_of(text)), Error) << text;
}

TEST(Yaml, OverridesNameTheNearestKey) {
  const auto refused = [](const std::string& override_text) {
    try {
      YamlDocument(machine, "m.yaml").set(override_text);
    } catch (const Error& error) { return std::string(error.what()); }
    return std::string("none");
  };
  EXPECT_EQ(refused("array.row=16"), "--set array.row=16: unknown key 'row' in m.yaml, expected 'rows'");
  EXPECT_EQ(refused("array"), "--set array: no '=', expected key.path=value");
  EXPECT_EQ(refused("name.x=1"),
            "--set name.x=1: 'x' lies inside a plain value of m.yaml, expected a key of a map");
  EXPECT_EQ(refused("array=1"), "--set array=1: 'array' holds a map, expected a key with a plain value");
}

TEST(Yaml, ErrorsNameWhereAValueCameFrom) {
  const std::string own = "based_on: b.yaml\nname: mine\nrows: many\n",
                    base = "name: b\n\narray: {cols: x, step: y}\n";
  YamlDocument document(own, "m.yaml");
  document.put_over(YamlDocument(base, "b.yaml"), "based_on");
  document.set("array.step=fast");
  const auto refused = [&](const std::function<void(YamlReader&)>& read) {
    YamlReader reader = document.reader();
    try {
      read(reader);
    } catch (const Error& error) { return std::string(error.what()); }
    return std::string("none");
  };
  const auto whole = [](YamlReader reader, const char* key) { (void)reader.integer(key, 1, 9); };
  EXPECT_EQ(refused([&](YamlReader& root) { whole(root, "rows"); }),
            "m.yaml:3:7: rows: 'many', expected a whole number from 1 to 9");
  EXPECT_EQ(refused([&](YamlReader& root) { whole(root.child("array"), "cols"); }),
            "b.yaml:3:15: array.cols: 'x', expected a whole number from 1 to 9");
  EXPECT_EQ(refused([&](YamlReader& root) { whole(root.child("array"), "step"); }),
            "m.yaml: --set array.step: 'fast', expected a whole number from 1 to 9");
  EXPECT_EQ(refused([&](YamlReader& root) { root.done(); }).find("m.yaml:2:1: name: unknown key"), 0U);
  EXPECT_EQ(document.reader().text("name"), "mine");
  EXPECT_FALSE(document.reader().has("based_on"));
}

TEST(Yaml, NamesAFileThatCannotBeRead) {
  EXPECT_THROW((void)YamlReader::read("/nowhere/m.yaml"), Error);
  EXPECT_THROW((void)YamlReader::read("/"), Error);
}

// Every text is either read or refused with an Error.
TEST(Yaml, MutatedTextsAreReadOrRefused) {
  std::mt19937_64 random(11);
  const std::string marks = "[]{}:,-?&*!|>'\"%@`# \n\t~<0a";
  int refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = machine;
    for (std::uint64_t edits = 1 + random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      const std::string copied = text.substr(at, random() % 12);
      switch (random() % 4) {
        case 0:
          text[at] = marks[random() % marks.size()];
          break;
        case 1:
          text.insert(at, 1 + random() % 3, marks[random() % marks.size()]);
          break;
        case 2:
          text.insert(random() % text.size(), copied);
          break;
        default:
          text.erase(at, 1 + random() % 6);
          if (text.empty()) text = "a";
      }
    }
    const auto read_all = [](YamlReader& root) {
      (void)root.text("name");
      (void)root.real("clock_mhz", 0, 1e6);
      (void)root.flag("gating");
      YamlReader array = root.child("array");
      (void)array.integer("rows", 1, 64);
      (void)array.integers("order", 0, 2);
      array.done();
      for (YamlReader& level : root.list("levels")) (void)level.integer("bytes", 1, 1 << 20);
      root.done();
      (void)root.where("levels");
    };
    refused += complaint(text, read_all) == "none" ? 0 : 1;
    try {
      YamlDocument document(text, "m.yaml");
      document.set("array.rows=16");
      (void)document.reader().child("array").integer("rows", 16, 16);
    } catch (const Error&) { ++refused; }
  }
  EXPECT_GT(refused, 10000);
}

}  // namespace
}  // namespace basil
