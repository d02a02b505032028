#include "traces/compress/compress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/names.h"
#include "traces/compress/author_codes.h"
#include "traces/compress/quantise.h"
#include "traces/compress/recipe_plan.h"
#include "traces/encodings/encode.h"
#include "traces/golden/golden.h"

namespace basil {
namespace {

// Sums in real units, in the order of the ofmap.
std::vector<double> real_outputs(const Layer& layer) {
  Ofmap ofmap = run_golden(layer);
  if (layer.weights.is_real()) return std::move(ofmap.reals);
  std::vector<double> unit;  // of a sum of filter k
  unit.reserve(static_cast<std::size_t>(ofmap.K));
  for (int k = 0; k < ofmap.K; ++k)
    unit.push_back(static_cast<double>(layer.ifmap.scale(0)) * static_cast<double>(layer.weights.scale(k)));
  std::vector<double> outputs;
  outputs.reserve(ofmap.sums.size());
  for (std::size_t i = 0; i < ofmap.sums.size(); ++i)
    outputs.push_back(static_cast<double>(ofmap.sums[i]) * unit[i % unit.size()]);
  return outputs;
}

double relative_error(const std::vector<double>& found, const std::vector<double>& original) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < original.size(); ++i) {
    difference += (found[i] - original[i]) * (found[i] - original[i]);
    norm += original[i] * original[i];
  }
  return norm > 0 ? std::sqrt(difference / norm) : std::sqrt(difference);
}

// ||decoded - original|| / ||original||. Weights that are not multiplied with the ifmap's own words are taken
// at the scale that suits them best, since theirs also stands for the size of these words; where there are
// only words made of windows, there are no weights to compare.
std::optional<double> weights_error(const Operand& weights, const std::vector<float>& original) {
  if (weights.encoding->window_words != nullptr) return {};
  const std::size_t filter = original.size() / static_cast<std::size_t>(weights.extent.outer);
  const std::vector<double> exact(original.begin(), original.end());
  std::vector<double> found;
  if (weights.is_real()) {
    const std::vector<float> reals = decode_real(weights);
    found.assign(reals.begin(), reals.end());
    return relative_error(found, exact);
  }
  const std::vector<std::int16_t> integers = decode(weights);
  for (std::size_t first = 0; first < original.size(); first += filter) {
    double scale = static_cast<double>(weights.scale(static_cast<int>(first / filter)));
    if (weights.encoding->ifmap_word != nullptr) {
      double dot = 0;
      for (std::size_t i = first; i < first + filter; ++i) dot += exact[i] * integers[i];
      scale = dot / static_cast<double>(filter);
    }
    for (std::size_t i = first; i < first + filter; ++i) found.push_back(scale * integers[i]);
  }
  return relative_error(found, exact);
}

// The scale that spreads the outputs, after ReLU where the layer has one, over the dtype.
float output_scale(const Requantisation& output, const std::vector<double>& outputs) {
  if (output.dtype == Dtype::fp32) return 1.0F;
  double largest = 0;
  for (const double value : outputs) largest = std::max(largest, output.relu ? value : std::abs(value));
  const auto scale = static_cast<float>(largest / highest(output.dtype));
  return std::isnormal(scale) ? scale : 1.0F;
}

CompressedLayer row_of(const Layer& layer, const std::vector<float>& original, double output_error) {
  const Operand& weights = layer.weights;
  const auto scales = weights.is_real() ? 0 : static_cast<std::int64_t>(weights.scales.size());
  const auto biases = static_cast<std::int64_t>(layer.bias.size() + layer.bias_real.size());
  CompressedLayer row;
  row.name = layer.name;
  row.encoding = weights.encoding;
  row.dtype = weights.dtype;
  row.per_channel = scales > 1;
  row.density = static_cast<double>(nonzeros(weights)) / static_cast<double>(weights_held(weights));
  row.dense = Bytes(4 * (weights.extent.positions() + biases));
  row.compressed = Bytes(ceil_div(encoded_bits(weights), 8) + 4 * (scales + biases));
  row.weights_error = original.empty() ? 0 : weights_error(weights, original);
  row.output_error = output_error;
  return row;
}

// Pooling and addition: what they are, and no operands.
Layer listed(const DenseLayer& dense) {
  Layer layer;
  layer.name = dense.name;
  layer.kind = dense.kind;
  layer.shape = dense.shape;
  layer.output.relu = dense.relu;
  return layer;
}

struct CompressedPair {
  Layer layer;
  CompressedLayer row;
};

CompressedPair compressed(const LayerPlan& plan, const DenseLayer& original) {
  Layer layer = carry_out(plan);
  const bool kept = keeps_integers(plan), author_says = kept && plan.layer.output;
  std::vector<double> outputs;
  if (!author_says || plan.pruned) outputs = real_outputs(layer);
  if (!author_says) layer.output.scale = output_scale(layer.output, outputs);
  if (kept && !plan.pruned) {
    CompressedLayer row = row_of(layer, {}, 0);
    row.kept = true;
    return {std::move(layer), std::move(row)};
  }
  const std::optional<DenseLayer> plain = plain_layer(original);
  const DenseLayer& reals = plain ? *plain : original;
  const double error = relative_error(outputs, real_outputs(real_layer(reals)));
  CompressedLayer row = row_of(layer, reals.weights, error);
  return {std::move(layer), std::move(row)};
}

}  // namespace

Compressed compress(const DenseNetwork& network, const Recipe& recipe, const ShowProgress& progress) {
  const Plan plan = plan_recipe(network, recipe);
  Compressed result;
  Trace& trace = result.trace;
  trace.history = plan.history;
  trace.name = network.name;
  trace.source = network.source;
  trace.licence = network.licence;
  trace.activations = network.activations;
  for (std::size_t i = 0; i < plan.layers.size(); ++i) {
    const DenseLayer& original = network.layers[i];
    if (!original.simulated()) {
      trace.layers.push_back(listed(original));
      continue;
    }
    if (progress)
      progress([&] {
        return fmt::format("layer {} of {}: {}", i + 1, plan.layers.size(), printable(original.name));
      });
    auto [layer, row] = compressed(plan.layers[i], original);
    result.rows.push_back(std::move(row));
    trace.layers.push_back(std::move(layer));
  }
  check(trace);
  return result;
}

}  // namespace basil
