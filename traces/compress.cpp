#include "traces/compress.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "traces/golden.h"
#include "traces/prune.h"
#include "traces/quantise.h"

namespace basil {
namespace {

// Places of the layers that a step names.
std::vector<std::size_t> named(const DenseNetwork& network, const RecipeStep& step) {
  constexpr std::size_t longest = 120;
  std::vector<std::size_t> found;
  std::string names;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const DenseLayer& layer = network.layers[i];
    if (!layer.simulated()) continue;
    if (fnmatch(step.layers.c_str(), layer.name.c_str(), 0) == 0) found.push_back(i);
    if (names.size() < longest) names += " " + layer.name;
  }
  if (names.empty()) throw Error(network.name, "no layer with weights", "a conv, dwconv or fc layer");
  if (found.empty())
    throw Error(step.where, "'" + step.layers + "' names no layer",
                "a glob over" + names + (names.size() < longest ? "" : " ..."));
  return found;
}

// A layer on its way through the steps.
struct Work {
  DenseLayer pruned;
  Quantise quantise;
  std::optional<Encoding> encoding;
};

void take(const RecipeStep& step, const std::vector<Work*>& works) {
  std::vector<DenseLayer*> layers;
  layers.reserve(works.size());
  for (Work* work : works) layers.push_back(&work->pruned);
  const auto act = [&](const auto& action) {
    using Action = std::decay_t<decltype(action)>;
    if constexpr (std::is_same_v<Action, Quantise>) {
      for (Work* work : works) work->quantise = action;
    } else if constexpr (std::is_same_v<Action, Encode>) {
      for (Work* work : works) work->encoding = action.encoding;
    } else {
      prune(action, layers);
    }
  };
  std::visit(act, step.action);
}

Layer finished(const Work& work) {
  Layer layer = quantise(work.pruned, work.quantise);
  if (work.encoding) {
    layer.weights = re_encode(layer.weights, *work.encoding);
    return layer;
  }
  Operand bitmap = re_encode(layer.weights, Encoding::bitmap);
  if (encoded_bits(bitmap) < encoded_bits(layer.weights)) layer.weights = std::move(bitmap);
  return layer;
}

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

// The scale that spreads the outputs, after ReLU where the layer has one, over the dtype.
float output_scale(const Requantisation& output, const std::vector<double>& outputs) {
  if (output.dtype == Dtype::fp32) return 1.0F;
  double largest = 0;
  for (const double value : outputs) largest = std::max(largest, output.relu ? value : std::abs(value));
  const auto scale = static_cast<float>(largest / highest(output.dtype));
  return std::isnormal(scale) ? scale : 1.0F;
}

CompressedLayer row_of(const Layer& layer, double output_error) {
  const Operand& weights = layer.weights;
  const auto scales = weights.is_real() ? 0 : static_cast<std::int64_t>(weights.scales.size());
  const auto biases = static_cast<std::int64_t>(layer.bias.size() + layer.bias_real.size());
  CompressedLayer row;
  row.name = layer.name;
  row.encoding = weights.encoding;
  row.dtype = weights.dtype;
  row.per_channel = scales > 1;
  row.density = static_cast<double>(nonzeros(weights)) / static_cast<double>(weights.extent.positions());
  row.dense = Bytes(4 * (weights.extent.positions() + biases));
  row.compressed = Bytes(ceil_div(encoded_bits(weights), 8) + 4 * (scales + biases));
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

}  // namespace

Compressed compress(const DenseNetwork& network, const Recipe& recipe) {
  std::vector<Work> works;
  for (const DenseLayer& layer : network.layers) works.push_back({layer, {}, {}});
  Compressed result;
  Trace& trace = result.trace;
  for (const RecipeStep& step : recipe.steps) {
    std::vector<Work*> chosen;
    for (const std::size_t i : named(network, step)) chosen.push_back(&works[i]);
    take(step, chosen);
    trace.history += (trace.history.empty() ? "" : "; ") + step.text;
  }

  trace.name = network.name;
  trace.source = network.source;
  trace.licence = network.licence;
  trace.activations = network.activations;
  for (std::size_t i = 0; i < works.size(); ++i) {
    const DenseLayer& original = network.layers[i];
    if (!original.simulated()) {
      trace.layers.push_back(listed(original));
      continue;
    }
    Layer layer = finished(works[i]);
    const std::vector<double> outputs = real_outputs(layer);
    layer.output.scale = output_scale(layer.output, outputs);
    result.rows.push_back(row_of(layer, relative_error(outputs, real_outputs(real_layer(original)))));
    trace.layers.push_back(std::move(layer));
  }
  check(trace);
  return result;
}

}  // namespace basil
