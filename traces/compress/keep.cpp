#include "traces/compress/keep.h"

#include "core/yaml.h"
#include "traces/compress/author_codes.h"
#include "traces/compress/quantise.h"
#include "traces/compress/recipe.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

Operand kept_weights(const DenseLayer& dense) {
  const WeightCodes& codes = *dense.codes;
  const auto filter = static_cast<std::size_t>(dense.shape.reduction());
  std::vector<std::int16_t> integers;
  integers.reserve(codes.values.size());
  for (std::size_t i = 0; i < codes.values.size(); ++i) {
    const bool pruned = !dense.weights.empty() && dense.weights[i] == 0;
    integers.push_back(pruned ? std::int16_t{0}
                              : static_cast<std::int16_t>(codes.values[i] - codes.zero_point(i / filter)));
  }
  const Dtype dtype = integer_dtype(codes.dtype, codes.zero_points,
                                    "layer " + dense.name + ": weights less their zero point");
  Operand weights =
      encode(&dense_encoding, dtype, weights_extent(dense.shape), std::move(integers), codes.scales);
  weights.codes = codes_beside(dtype, codes.dtype, codes.zero_points);
  return weights;
}

}  // namespace

Layer kept_layer(const DenseLayer& dense) {
  Layer layer = integer_layer(dense, kept_weights(dense));
  if (!dense.bias_sums.empty()) layer.bias = dense.bias_sums;
  if (dense.output) layer.output = *dense.output;
  layer.output.relu = layer.output.relu || dense.relu;
  return layer;
}

extern const RecipeStepType keep_step;
const RecipeStepType keep_step{
    .name = "keep",
    .summary = "the integers, scales, zero points and widths that the network came with",
    .example = "{}   # as layers that carry integers are where no other step says",
    .read = [](YamlReader&, RecipeStep& step) { step.text = "keep the network's own integers"; },
    .takes = [](const RecipeStep&, const DenseLayer& layer) { return layer.codes.has_value(); },
    .make = [](const RecipeStep&, const DenseLayer& layer) { return kept_layer(layer); },
    .own_integers = true,
    .keeps = [](const RecipeStep&, const Operand&) { return true; },
};

}  // namespace basil
