// A recipe's step is one file: recipes read the toy, and networks are compressed by it.
#include <gtest/gtest.h>

#include "core/error.h"
#include "traces/compress/compress.h"

namespace basil {
namespace {

// 4 filters of 8 weights: k, k, ... k.
DenseNetwork network() {
  DenseLayer layer{
      .name = "fc", .kind = Kind::fc, .shape = {}, .relu = false, .weights = {}, .bias = {}, .ifmap = {}};
  layer.shape.C = 8;
  layer.shape.K = 4;
  layer.activation_dtype = Dtype::int8;
  layer.activation_scale = 1.0F;
  for (int k = 0; k < 4; ++k) layer.weights.insert(layer.weights.end(), 8, static_cast<float>(k + 1));
  layer.ifmap.assign(8, 1);
  return {.name = "net", .source = "", .licence = "", .activations = "", .layers = {layer}};
}

TEST(ToyStep, ZeroesTheSmallestBlocks) {
  const Recipe recipe = parse_recipe("steps: [{prune_blocks: {ratio: 0.5}}, {encode: dense}]", "r.yaml");
  const Compressed made = compress(network(), recipe);
  std::vector<std::int16_t> expected(16, 0);
  expected.insert(expected.end(), 16, 127);  // of each filter its greatest
  EXPECT_EQ(made.trace.layers[0].weights.values, expected);
  EXPECT_EQ(made.trace.history, "zero 0.5 of the blocks of 8; encode as dense");
}

TEST(ToyStep, IsRefusedLikeAnyOther) {
  try {
    (void)parse_recipe("steps: [{encode: dense}, {prune_blocks: {ratio: 0.5}}]", "r.yaml");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(
        error.what(),
        "r.yaml:1:26: steps[1]: 'zero 0.5 of the blocks of 8' after 'encode as dense', expected every "
        "prune first and every encode last");
  }
}

}  // namespace
}  // namespace basil
