#include "traces/compress/recipe.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "traces/compress/basis.h"
#include "traces/compress/comparator.h"
#include "traces/compress/power_of_two.h"
#include "traces/compress/prune.h"
#include "traces/compress/quantise.h"
#include "traces/encodings/basis.h"
#include "traces/encodings/binary.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/power_of_two.h"
#include "traces/encodings/run_length.h"
#include "traces/testing/mutator.h"

namespace basil {
namespace {

// What a person is told about a recipe.
std::string refusal(const std::string& text) {
  try {
    (void)parse_recipe(text, "r.yaml");
  } catch (const Error& error) { return error.what(); }
  return "accepted";
}

TEST(Recipe, KeepsEveryStep) {
  const Recipe recipe = parse_recipe(R"(
steps:
  - prune: {method: magnitude, ratio: 0.7, layers: "conv*", scope: global}
  - prune: {method: n:m, n: 2, m: 4}
  - prune: {method: filters, ratio: 0.25}
  - quantise: {bits: 4, per: layer, layers: "fc?"}
  - quantise: {bits: fp32}
  - encode: bitmap
  - encode: {as: run_length, layers: "fc[12]"}
)",
                                     "r.yaml");
  ASSERT_EQ(recipe.steps.size(), 7U);
  const auto& magnitude = recipe.steps[0].as<PruneMagnitude>();
  EXPECT_EQ(magnitude.ratio, 0.7);
  EXPECT_TRUE(magnitude.global);
  EXPECT_EQ(recipe.steps[0].layers, "conv*");
  EXPECT_EQ(recipe.steps[0].where, "r.yaml:3:52: steps[0].prune.layers");
  EXPECT_EQ(recipe.steps[1].as<PruneNofM>().n, 2);
  EXPECT_EQ(recipe.steps[1].as<PruneNofM>().m, 4);
  EXPECT_EQ(recipe.steps[2].as<PruneFilters>().ratio, 0.25);
  EXPECT_EQ(recipe.steps[3].as<Quantise>().dtype, Dtype::int4);
  EXPECT_FALSE(recipe.steps[3].as<Quantise>().per_channel);
  EXPECT_EQ(recipe.steps[4].as<Quantise>().dtype, Dtype::fp32);
  EXPECT_EQ(recipe.steps[5].as<Encoding>(), &bitmap_encoding);
  EXPECT_EQ(recipe.steps[5].layers, "*");
  EXPECT_EQ(recipe.steps[6].as<Encoding>(), &run_length_encoding);
  EXPECT_EQ(recipe.steps[6].layers, "fc[12]");
}

TEST(Recipe, KeepsTheStepsThatFit) {
  const Recipe recipe = parse_recipe(R"(
steps:
  - power_of_two: {terms: 1, bits: 4, per: layer, layers: "conv*"}
  - power_of_two: {threshold: 0.1}
  - power_of_two: {mean_terms: 1.4}
  - basis: {bases: 4, density: 0.25, iterations: 3}
  - basis: {sparsity: 0.5}
  - comparator: {taps: 7, seed: 9}
  - comparator: {}
  - binary: {layers: fc}
  - encode: bitmap
)",
                                     "r.yaml");
  ASSERT_EQ(recipe.steps.size(), 9U);
  EXPECT_EQ(recipe.steps[0].as<FitPowerOfTwo>().terms, 1);
  EXPECT_FALSE(recipe.steps[0].as<FitPowerOfTwo>().per_channel);
  EXPECT_EQ(recipe.steps[1].as<FitPowerOfTwo>().threshold, 0.1);
  EXPECT_EQ(recipe.steps[2].as<FitPowerOfTwo>().mean_terms, 1.4);
  EXPECT_TRUE(recipe.steps[2].as<FitPowerOfTwo>().per_channel);
  const auto& basis = recipe.steps[3].as<FitBasis>();
  EXPECT_EQ(basis.bases, 4);
  EXPECT_EQ(basis.density, 0.25);
  EXPECT_EQ(basis.iterations, 3);
  EXPECT_EQ(basis.where, "r.yaml:6:20: steps[3].basis.bases");
  EXPECT_EQ(recipe.steps[4].as<FitBasis>().sparsity, 0.5);
  EXPECT_FALSE(recipe.steps[4].as<FitBasis>().bases.has_value());
  EXPECT_EQ(recipe.steps[5].as<FitComparator>().taps, 7);
  EXPECT_EQ(recipe.steps[5].as<FitComparator>().seed, 9U);
  EXPECT_FALSE(recipe.steps[6].as<FitComparator>().taps.has_value());
  EXPECT_TRUE(recipe.steps[7].type->makes == &binary_encoding);
  const char* const texts[] = {"powers of two, 1 term, scale a layer (conv*)",
                               "powers of two, 1 term, or 2 above an error of 0.1, scale a channel",
                               "powers of two, 1.4 terms on average, scale a channel",
                               "4 basis kernels, 0.25 of the coefficients",
                               "basis kernels, sparsity 0.5",
                               "comparators of 7 taps",
                               "comparators",
                               "binary weights and ifmap (fc)",
                               "encode as bitmap"};
  for (std::size_t i = 0; i < recipe.steps.size(); ++i) EXPECT_EQ(recipe.steps[i].text, texts[i]);
}

TEST(Recipe, HasADefaultForEveryEncoding) {
  const auto text = [](const Recipe& recipe) { return recipe.steps[0].text; };
  EXPECT_EQ(text(default_recipe_for(&power_of_two_encoding)), "powers of two, 2 terms, scale a channel");
  EXPECT_EQ(text(default_recipe_for(&basis_encoding)), "basis kernels, 0.3 of the coefficients");
  EXPECT_EQ(text(default_recipe_for(&comparator_encoding)), "comparators");
  EXPECT_EQ(text(default_recipe_for(&binary_encoding)), "binary weights and ifmap");
  EXPECT_EQ(text(default_recipe_for(&dense_encoding, Dtype::int16)), "quantise to int16 a channel");
  EXPECT_EQ(text(default_recipe_for(&dense_encoding, Dtype::fp32)), "leave in fp32");
  EXPECT_EQ(default_recipe_for(&run_length_encoding).steps[1].text, "encode as run_length");
}

TEST(Recipe, IsInt8AChannelByDefault) {
  const Recipe recipe = default_recipe();
  ASSERT_EQ(recipe.steps.size(), 1U);
  EXPECT_EQ(recipe.steps[0].as<Quantise>().dtype, Dtype::int8);
  EXPECT_TRUE(recipe.steps[0].as<Quantise>().per_channel);
}

TEST(Recipe, RefusesWhatItDoesNotKnow) {
  const std::pair<const char*, const char*> refused[] = {
      {"step: []", "r.yaml:1:1: step: unknown key, expected 'steps'"},
      {"{}", "r.yaml:1:1: steps: missing, expected this key"},
      {"steps: 3", "r.yaml:1:8: steps: '3', expected a list"},
      {"steps: [7]", "r.yaml:1:9: steps[0]: '7', expected a map of keys and values"},
      {"steps: [{}]",
       "r.yaml:1:9: steps[0]: an empty entry, expected one of prune, basis, binary, comparator, keep, "
       "power_of_two, quantise, encode"},
      {"steps: [{prun: {}}]", "r.yaml:1:10: steps[0].prun: unknown key, expected 'prune'"},
      {"steps: [{quantize: {bits: 8}}]", "r.yaml:1:10: steps[0].quantize: unknown key, expected 'quantise'"},
      {"steps: [{quantise: {bits: 8}, encode: dense}]",
       "r.yaml:1:9: steps[0]: several steps in one entry, expected one of prune, basis, binary, comparator, "
       "keep, "
       "power_of_two, quantise, encode"},
      {"steps: []\nmore: 1", "r.yaml:2:1: more: unknown key, expected one of steps"},
      {"steps: [{prune: {method: magnitud, ratio: 0}}]",
       "r.yaml:1:26: steps[0].prune.method: 'magnitud', expected 'magnitude'"},
      {"steps: [{prune: {method: magnitude}}]",
       "r.yaml:1:17: steps[0].prune.ratio: missing, expected this key"},
      {"steps: [{prune: {method: magnitude, ration: 0.7}}]",
       "r.yaml:1:37: steps[0].prune.ration: unknown key, expected 'ratio'"},
      {"steps: [{prune: {method: magnitude, ratio: 1.5}}]",
       "r.yaml:1:44: steps[0].prune.ratio: '1.5', expected a number from 0 to 1"},
      {"steps: [{prune: {method: filters, ratio: nan}}]",
       "r.yaml:1:42: steps[0].prune.ratio: 'nan', expected a number from 0 to 1"},
      {"steps: [{prune: {method: filters, ratio: 0.5, scope: global}}]",
       "r.yaml:1:47: steps[0].prune.scope: unknown key, expected one of layers, method, ratio"},
      {"steps: [{prune: {method: 'n:m', n: 5, m: 4}}]",
       "r.yaml:1:36: steps[0].prune.n: '5', expected a whole number from 0 to 4"},
      {"steps: [{quantise: {bits: 5}}]",
       "r.yaml:1:27: steps[0].quantise.bits: '5', expected one of 4, 8, 16, fp32"},
      {"steps: [{quantise: {bits: 8, per: chanel}}]",
       "r.yaml:1:35: steps[0].quantise.per: 'chanel', expected 'channel'"},
      {"steps: [{quantise: {bits: 8, layer: L0}}]",
       "r.yaml:1:30: steps[0].quantise.layer: unknown key, expected 'layers'"},
      {"steps: [{encode: bitmp}]", "r.yaml:1:18: steps[0].encode: 'bitmp', expected 'bitmap'"},
      {"steps: [{encode: {as: dens}}]", "r.yaml:1:23: steps[0].encode.as: 'dens', expected 'dense'"},
      {"steps: [{encode: {layers: L0}}]", "r.yaml:1:18: steps[0].encode.as: missing, expected this key"},
      {"steps: [{encode: [bitmap]}]",
       "r.yaml:1:18: steps[0].encode: a list, expected a word or a quoted text"},
      {"steps: [{power_of_two: {terms: 0}}]",
       "r.yaml:1:32: steps[0].power_of_two.terms: '0', expected a whole number from 1 to 2"},
      {"steps: [{power_of_two: {terms: 3}}]",
       "r.yaml:1:32: steps[0].power_of_two.terms: '3', expected a whole number from 1 to 2"},
      {"steps: [{power_of_two: {terms: 2, bits: 1}}]",
       "r.yaml:1:41: steps[0].power_of_two.bits: '1', expected one of 4"},
      {"steps: [{power_of_two: {terms: 2, threshold: 0.1}}]",
       "r.yaml:1:24: steps[0].power_of_two: several ways to choose the terms, expected one of terms, "
       "threshold, mean_terms"},
      {"steps: [{power_of_two: {mean_terms: 2.5}}]",
       "r.yaml:1:37: steps[0].power_of_two.mean_terms: '2.5', expected a number from 1 to 2"},
      {"steps: [{power_of_two: {term: 2}}]",
       "r.yaml:1:25: steps[0].power_of_two.term: unknown key, expected 'terms'"},
      {"steps: [{basis: {bases: 0}}]",
       "r.yaml:1:25: steps[0].basis.bases: '0', expected a whole number from 1 to 64"},
      {"steps: [{basis: {density: 0.1, sparsity: 1}}]",
       "r.yaml:1:17: steps[0].basis: both density and sparsity, expected one of them"},
      {"steps: [{basis: {density: 1.1}}]",
       "r.yaml:1:27: steps[0].basis.density: '1.1', expected a number from 0 to 1"},
      {"steps: [{basis: {iterations: 0}}]",
       "r.yaml:1:30: steps[0].basis.iterations: '0', expected a whole number from 1 to 1000"},
      {"steps: [{basis: 6}]", "r.yaml:1:17: steps[0].basis: '6', expected a map of keys and values"},
      {"steps: [{comparator: {taps: 8}}]",
       "r.yaml:1:29: steps[0].comparator.taps: '8', expected a whole number from 1 to 7"},
      {"steps: [{comparator: {tap: 3}}]",
       "r.yaml:1:23: steps[0].comparator.tap: unknown key, expected 'taps'"},
      {"steps: [{binary: {threshold: 3}}]",
       "r.yaml:1:19: steps[0].binary.threshold: unknown key, expected one of layers"},
      {"steps: [{binari: {}}]", "r.yaml:1:10: steps[0].binari: unknown key, expected 'binary'"},
  };
  for (const auto& [text, message] : refused) EXPECT_EQ(refusal(text), message) << text;
}

TEST(Recipe, PrunesBeforeItQuantisesBeforeItEncodes) {
  EXPECT_EQ(refusal("steps: [{encode: dense}, {quantise: {bits: 8}}]"),
            "r.yaml:1:26: steps[1]: 'quantise to int8 a channel' after 'encode as dense', expected every "
            "prune first and every encode last");
  EXPECT_EQ(
      refusal("steps: [{quantise: {bits: 8}}, {prune: {method: filters, ratio: 0.5}}]"),
      "r.yaml:1:32: steps[1]: 'zero 0.5 of the filters' after 'quantise to int8 a channel', expected every "
      "prune first and every encode last");
}

TEST(Recipe, SaysWhichFileCannotBeRead) {
  EXPECT_THROW((void)read_recipe("no-such-recipe.yaml"), Error);
  EXPECT_THROW((void)read_recipe("/"), Error);
}

const std::string whole = R"(
steps:
  - prune: {method: magnitude, ratio: 0.7, layers: "conv*", scope: global}
  - prune: {method: "n:m", n: 2, m: 4}
  - prune: {method: filters, ratio: 0.25}
  - quantise: {bits: 8, per: channel}
  - power_of_two: {mean_terms: 1.4, layers: "conv[12]"}
  - basis: {bases: 6, density: 0.3, iterations: 10}
  - comparator: {taps: 4, seed: 3}
  - binary: {layers: "conv9"}
  - encode: bitmap
  - encode: {as: run_length, layers: "fc*"}
)";

// One word of the recipe becomes another one.
void exchange_word(std::string& text, testing::Mutator& mutator) {
  static const std::string words[] = {
      "steps",   "prune",   "quantise", "encode",     "method",       "ratio",     "n:m",   "'n:m'", "m",
      "layers",  "scope",   "global",   "bits",       "per",          "as",        "basis", "terms", "bases",
      "density", "taps",    "binary",   "comparator", "power_of_two", "threshold", "fp32",  "0",     "1e-9",
      "-1",      "1048577", "nan",      "~",          "{}",           "[",         "]",     "{",     "}",
      "- ",      "&a",      "*a",       "<<",         "!!map"};
  const char* const limits = " {},:\n";
  const std::size_t begin = text.find_first_not_of(limits, mutator.below(text.size()));
  if (begin == std::string::npos) return;
  const std::size_t end = std::min(text.find_first_of(limits, begin), text.size());
  text.replace(begin, end - begin, words[mutator.below(std::size(words))]);
}

class MutatedRecipe : public ::testing::TestWithParam<int> {};

TEST_P(MutatedRecipe, IsRefusedOnOneLineOrValid) {
  constexpr int rounds = 1000;
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    testing::Mutator mutator(static_cast<std::uint64_t>(GetParam() * rounds + round));
    std::string text = whole;
    for (std::size_t times = mutator.below(3) + 1; times > 0; --times) {
      if (mutator.below(2) == 0) {
        mutator.bytes(text);
      } else {
        exchange_word(text, mutator);
      }
    }
    try {
      for (const RecipeStep& step : parse_recipe(text, "r.yaml").steps) EXPECT_FALSE(step.text.empty());
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(std::string(error.what()).rfind("r.yaml", 0), 0U) << error.what();
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  }
  EXPECT_GT(refused, rounds / 2);
  EXPECT_LT(refused, rounds);
}

INSTANTIATE_TEST_SUITE_P(Seeds, MutatedRecipe, ::testing::Range(0, 4));

}  // namespace
}  // namespace basil
