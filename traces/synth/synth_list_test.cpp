#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/random_stream.h"
#include "traces/synth/synth.h"

namespace basil {
namespace {

std::string complaint(const std::string& text) {
  try {
    (void)parse_synth(text, "bad.yaml");
  } catch (const Error& error) { return error.what(); }
  return "none";
}

// A list of one layer with this text in its map.
std::string with_layer(const std::string& layer) { return "name: n\nlayers:\n  - {" + layer + "}\n"; }

TEST(SynthList, FillsInWhatAListLeavesOut) {
  const SynthList list = parse_synth(with_layer("name: a, C: 4, H: 9, K: 6, R: 3"), "a.yaml");
  EXPECT_EQ(list.seed, 1U);
  EXPECT_EQ(list.batch, 1);
  EXPECT_EQ(list.bits, 8);
  LayerShape expected;
  expected.C = 4;
  expected.H = expected.W = 9;
  expected.K = 6;
  expected.R = expected.S = 3;
  ASSERT_EQ(list.layers.size(), 1U);
  EXPECT_EQ(list.layers[0].shape, expected);
  EXPECT_EQ(list.layers[0].kind, &conv_kind);
  EXPECT_EQ(list.layers[0].density.weights, 1);
  EXPECT_EQ(list.layers[0].density.ifmap, 1);
  EXPECT_FALSE(list.layers[0].density.ofmap);
}

TEST(SynthList, ADepthwiseLayerHasAGroupForEveryChannel) {
  const SynthList list = parse_synth(with_layer("name: a, kind: depthwise, C: 4, H: 9, R: 3"), "a.yaml");
  EXPECT_EQ(list.layers[0].shape.K, 4);
  EXPECT_EQ(list.layers[0].shape.groups, 4);
}

TEST(SynthList, ALayersDensityKeepsWhatItDoesNotName) {
  const SynthList list = parse_synth(
      "name: n\n"
      "density: {weights: 0.25, ofmap: 0.5}\n"
      "layers:\n"
      "  - {name: a, C: 4, H: 9, K: 6, R: 3}\n"
      "  - {name: b, C: 4, H: 9, K: 6, R: 3, density: {ifmap: 0.75}}\n",
      "n.yaml");
  EXPECT_EQ(list.layers[0].density.weights, 0.25);
  EXPECT_EQ(list.layers[0].density.ifmap, 1);
  EXPECT_EQ(list.layers[1].density.weights, 0.25);
  EXPECT_EQ(list.layers[1].density.ifmap, 0.75);
  EXPECT_EQ(list.layers[1].density.ofmap, 0.5);
}

struct Bad {
  std::string text, says;  // says: what the one line must hold
};

TEST(SynthList, EveryBadListGetsOneClearLine) {
  const std::string fine = "name: a, C: 4, H: 9, K: 6, R: 3";
  const Bad lists[] = {
      {"", "bad.yaml"},
      {"[1, 2]", "a map"},
      {"name: [\n", "not valid YAML"},
      {"layers: []", "name: missing"},
      {"name: n", "layers: missing"},
      {"name: n\nlayers: []", "at least one layer"},
      {"name: n\nlayers: {}", "a list"},
      {"name: n\nlayers: [3]", "layers[0]"},
      {"name: n\nlayer: []\nlayers: [{" + fine + "}]", "bad.yaml:2:1: layer: unknown key, expected 'layers'"},
      {"name: n\nsede: 1\nlayers: [{" + fine + "}]", "expected 'seed'"},
      {"name: n\nseed: -1\nlayers: [{" + fine + "}]", "bad.yaml:2:7: seed: '-1'"},
      {"name: n\nbatch: 0\nlayers: [{" + fine + "}]", "batch: '0'"},
      {"name: n\nbits: 5\nlayers: [{" + fine + "}]", "bits: 5, expected 4, 8 or 16"},
      {"name: n\ndensity: 0.5\nlayers: [{" + fine + "}]", "density: '0.5'"},
      {"name: n\ndensity: {weight: 0.5}\nlayers: [{" + fine + "}]", "expected 'weights'"},
      {"name: n\ndensity: {weights: 1.5}\nlayers: [{" + fine + "}]", "density.weights: '1.5'"},
      {"name: n\nlayers:\n  - {" + fine + "}\n  - {" + fine + "}",
       "bad.yaml:4:12: layers[1].name: 'a' a second"},
      {with_layer(fine + ", strid: 2"), "bad.yaml:3:39: layers[0].strid: unknown key, expected 'stride'"},
      {with_layer(fine + ", stride: 0"), "layers[0].stride: '0', expected a whole number from 1 to"},
      {with_layer(fine + ", pad: -1"), "layers[0].pad: '-1'"},
      {with_layer(fine + ", pad: 1.5"), "layers[0].pad: '1.5'"},
      {with_layer(fine + ", dilation: 9"), "3 filter rows, dilation 9"},
      {with_layer(fine + ", groups: 4"), "groups: 4, expected a divisor of C 4 and K 6"},
      {with_layer(fine + ", S: 10"), "10 filter columns"},
      {with_layer(fine + ", density: {ofmap: .nan}"), "density.ofmap"},
      {with_layer(fine + ", kind: pool"), "layers[0].kind: 'pool'"},
      {with_layer("name: a, C: 4, H: 9, K: 6"), "layers[0].R: missing"},
      {with_layer("name: a, C: 4, H: 9, R: 3"), "layers[0].K: missing"},
      {with_layer("name: a, C: 4, H: 9, H: 9, K: 6, R: 3"), "a second time"},
      {with_layer("name: a/b, C: 4, H: 9, K: 6, R: 3"), "no slash"},
      {with_layer("name: a, kind: fc, C: 4, K: 6, H: 9"), "layers[0].H: unknown key"},
      {with_layer("name: a, kind: depthwise, C: 4, H: 9, R: 3, groups: 2"),
       "C 4 in a layer of kind depthwise"},
      {with_layer("name: a, kind: depthwise, C: 4, K: 6, H: 9, R: 3"), "a divisor of C 4 and K 6"},
      {with_layer("name: a, C: 1048576, H: 1048576, K: 1, R: 1"), "ifmap: a tensor too large"},
      {with_layer("name: a, C: 1048577, H: 1, K: 1, R: 1"), "C: '1048577'"},
      {with_layer("name: a, C: 1, H: 1048576, W: 1, K: 1, R: 1, pad: 1048576"), "ofmap: a tensor too large"},
  };
  for (const Bad& bad : lists) {
    const std::string said = complaint(bad.text);
    EXPECT_NE(said.find(bad.says), std::string::npos) << bad.text << "\nsaid: " << said;
    EXPECT_EQ(said.find("bad.yaml"), 0U) << said;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  }
}

TEST(SynthList, AMissingFileIsNamed) {
  try {
    (void)read_synth("/nowhere/list.yaml");
    FAIL() << "read";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("/nowhere/list.yaml"), std::string::npos);
  }
}

// Flips a byte, cuts, doubles or ends the text somewhere: mostly no YAML any more.
void break_bytes(std::string& text, RandomStream& random) {
  const auto at = static_cast<std::size_t>(random.below(std::ssize(text) + 1));
  const auto length = static_cast<std::size_t>(1 + random.below(12));
  switch (random.below(4)) {
    case 0:
      if (at < text.size()) text[at] = static_cast<char>(random.below(256));
      break;
    case 1:
      text.erase(at, length);
      break;
    case 2:
      text.insert(at, text.substr(at, 8 * length));
      break;
    default:
      text.resize(at);
  }
}

// Puts another word in the place of a key or a value: mostly still YAML, so that the list's own rules judge
// it.
void replace_word(std::string& text, RandomStream& random) {
  static const std::vector<std::string> words = {
      "-1",        "0",       "1",       "2",          "3",
      "7",         "16",      "1048576", "2147483648", "99999999999999999999",
      "0.25",      "1e9",     ".inf",    "~",          "[]",
      "{}",        "{a: 1}",  "!x",      "*a",         "fc",
      "conv",      "name",    "a",       "K",          "depth",
      "depthwise", "density", "ofmap",   "''",         "a/b"};
  const auto in_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.'; };
  const auto from = text.begin() + static_cast<std::ptrdiff_t>(random.below(std::ssize(text) + 1));
  const auto first = std::find_if(from, text.end(), in_word);
  const auto last = std::find_if_not(first, text.end(), in_word);
  const bool number = first != text.end() && std::isdigit(static_cast<unsigned char>(*first)) != 0;
  if (number && random.below(2) == 0) {
    text.replace(first, last, std::to_string(random.below(20)));
    return;
  }
  text.replace(first, last, words[static_cast<std::size_t>(random.below(std::ssize(words)))]);
}

// Small enough to draw in a moment.
bool small(const SynthList& list) {
  return std::all_of(list.layers.begin(), list.layers.end(), [&](const SynthLayer& layer) {
    return layer.shape.macs() < 1'000'000 &&
           std::int64_t{layer.shape.H} * layer.shape.W * layer.shape.C < 100'000;
  });
}

// P and Q by hand: (H + pads - dilation (R - 1) - 1) / stride + 1.
TEST(SynthList, TakesStridePadAndDilationByAxis) {
  const auto shape = [](const std::string& rest) {
    return parse_synth("name: l\nlayers:\n  - {name: a, K: 4, " + rest + "}\n", "l.yaml").layers.at(0).shape;
  };
  const auto pixels = [](const LayerShape& of) { return std::pair(of.P(), of.Q()); };
  const LayerShape strided = shape("C: 3, H: 9, W: 17, R: 3, S: 5, stride: [2, 1]");
  EXPECT_EQ(pixels(strided), std::pair(4, 13));
  EXPECT_EQ(strided.macs(), 4 * 13 * 4 * 3 * 15);
  EXPECT_EQ(pixels(shape("C: 3, H: 9, W: 17, R: 3, S: 5, pad: [1, 2]")), std::pair(9, 17));
  EXPECT_EQ(pixels(shape("C: 3, H: 9, W: 17, R: 3, S: 5, dilation: [3, 2]")), std::pair(3, 9));
  EXPECT_EQ(shape("C: 3, H: 8, R: 3, stride: 2, pad_tblr: [0, 1, 0, 1]").macs(), 4 * 4 * 4 * 27);
  const LayerShape uneven = shape("C: 3, H: 8, R: 3, pad_tblr: [1, 2, 3, 4]");
  EXPECT_EQ(pixels(uneven), std::pair(8 + 3 - 2, 8 + 7 - 2));
  EXPECT_EQ((std::vector{uneven.pad_top, uneven.pad_bottom, uneven.pad_left, uneven.pad_right}),
            (std::vector{1, 2, 3, 4}));
}

TEST(SynthList, GivesALayerOfOneRowItsNumbersAlongTheRow) {
  const auto of = [](const std::string& rest) {
    return parse_synth(
               "name: l\nlayers:\n  - {name: a, C: 4, H: 1, W: 100, K: 8, R: 1, S: 3, " + rest + "}\n",
               "l.yaml")
        .layers.at(0)
        .shape;
  };
  EXPECT_EQ(of("pad: 1").macs(), 1 * 100 * 8 * 12);
  EXPECT_EQ(of("pad: 1").P(), 1);
  EXPECT_EQ(of("stride: 2, dilation: 2").Q(), (100 - 4 - 1) / 2 + 1);
  EXPECT_EQ(of("pad: [1, 0]").P(), 3);  // said by axis, it is so
}

TEST(SynthList, RefusesListsOfOtherLengths) {
  const auto complaint = [](const std::string& rest) -> std::string {
    try {
      static_cast<void>(
          parse_synth("name: l\nlayers:\n  - {name: a, C: 1, H: 9, K: 1, R: 3, " + rest + "}\n", "l.yaml"));
    } catch (const Error& error) { return error.what(); }
    return {};
  };
  EXPECT_EQ(complaint("pad: [1]"),
            "l.yaml:3:44: layers[0].pad: a list of 1, expected one number, or two: [y, x]");
  EXPECT_NE(complaint("stride: [1, 1, 1]").find("a list of 3, expected one number, or two: [y, x]"),
            std::string::npos);
  EXPECT_NE(complaint("pad_tblr: [1, 1]").find("a list of 2, expected four: [top, bottom, left, right]"),
            std::string::npos);
  EXPECT_NE(complaint("pad: 1, pad_tblr: [1, 1, 1, 1]").find("pad as well, expected one of the two"),
            std::string::npos);
  EXPECT_NE(complaint("stride: [0, 1]").find("stride"), std::string::npos);
}

TEST(SynthList, TenThousandMutatedListsAreReadOrRefused) {
  const std::string sound =
      "# a list\n"
      "name: sound\n"
      "source: nowhere\n"
      "seed: 3\n"
      "bits: 4\n"
      "density: {weights: 0.5, ifmap: 0.5}\n"
      "layers:\n"
      "  - {name: a, C: 3, H: 9, W: 7, K: 8, R: 3, S: 1, stride: [2, 1], pad_tblr: [1, 0, 1, 1]}\n"
      "  - {name: b, kind: depthwise, C: 8, H: 5, R: 3, pad: 1, density: {ofmap: 0.3}}\n"
      "  - {name: c, C: 8, H: 5, K: 4, R: 3, pad: 2, dilation: 2, groups: 2}\n"
      "  - {name: d, kind: fc, C: 10, K: 10}\n";
  RandomStream random(1, "mutations");
  int read = 0, refused_by_rule = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::string text = sound;
    for (auto rounds = 1 + random.below(3); rounds > 0; --rounds)
      random.below(8) == 0 ? break_bytes(text, random) : replace_word(text, random);
    try {
      const SynthList list = parse_synth(text, "mutated.yaml");
      ++read;
      if (list.batch <= 4 && small(list)) check(synthesise(list, {}));
    } catch (const Error& error) {
      if (std::string(error.what()).find("not valid YAML") == std::string::npos) ++refused_by_rule;
      ASSERT_EQ(std::string(error.what()).find("mutated.yaml"), 0U) << error.what() << "\n" << text;
      ASSERT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what() << "\n" << text;
    }
  }
  // Both sides were reached often (the draws are fixed: 707 and 7552 when this was written).
  EXPECT_GT(read, 500);
  EXPECT_GT(refused_by_rule, 1000);
}

}  // namespace
}  // namespace basil
