#include "traces/compress.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "traces/golden.h"
#include "traces/prune.h"

namespace basil {
namespace {

std::vector<std::size_t> named(const DenseNetwork& network, const Recipe& recipe, const RecipeStep& step) {
  std::vector<std::size_t> found;
  std::string names;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    if (!network.layers[i].simulated()) continue;
    if (fnmatch(step.layers.c_str(), network.layers[i].name.c_str(), 0) == 0) found.push_back(i);
    if (names.size() < 120) names += (names.empty() ? "" : " ") + network.layers[i].name;
  }
  if (found.empty())
    throw Error(recipe.name + ": layers", "'" + step.layers + "' names no layer", "a glob over " + names);
  return found;
}

// Weights as integers of `dtype`, symmetric about zero, a scale for each filter or one for all.
Operand quantise_weights(const DenseLayer& layer, const Quantise& step) {
  const LayerShape& s = layer.shape;
  const Extent extent{s.K, s.R, s.S, s.channels_per_group()};
  const auto size = static_cast<std::size_t>(s.reduction());
  const auto top = static_cast<float>(highest(step.dtype));
  const auto scale_of = [&](auto begin, auto end) {
    float largest = 0;
    for (auto weight = begin; weight != end; ++weight) largest = std::max(largest, std::abs(*weight));
    const float scale = largest / top;
    return std::isnormal(scale) ? scale : 1.0F;
  };
  std::vector<float> scales;
  if (step.per_channel) {
    for (std::size_t k = 0; k < static_cast<std::size_t>(s.K); ++k) {
      const auto row = layer.weights.begin() + static_cast<std::ptrdiff_t>(k * size);
      scales.push_back(scale_of(row, row + static_cast<std::ptrdiff_t>(size)));
    }
  } else {
    scales.push_back(scale_of(layer.weights.begin(), layer.weights.end()));
  }
  std::vector<std::int16_t> values;
  values.reserve(layer.weights.size());
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    const float scale = scales.size() == 1 ? scales[0] : scales[i / size];
    values.push_back(
        static_cast<std::int16_t>(std::clamp(std::nearbyint(layer.weights[i] / scale), -top, top)));
  }
  return encode(Encoding::dense, step.dtype, extent, std::move(values), std::move(scales));
}

// The layer in real numbers.
Layer real_layer(const DenseLayer& dense) {
  const LayerShape& s = dense.shape;
  Layer layer{.name = dense.name,
              .kind = dense.kind,
              .shape = s,
              .weights = {},
              .ifmap = {},
              .bias = {},
              .bias_real = dense.bias,
              .output = {}};
  layer.weights = encode_real(Encoding::dense, {s.K, s.R, s.S, s.channels_per_group()}, dense.weights);
  std::vector<float> ifmap;
  ifmap.reserve(dense.ifmap.size());
  for (const std::int16_t value : dense.ifmap)
    ifmap.push_back(static_cast<float>(value) * dense.activation_scale);
  layer.ifmap = encode_real(Encoding::dense, {s.N, s.H, s.W, s.C}, std::move(ifmap));
  layer.output = {Dtype::fp32, 1.0F, dense.relu};
  return layer;
}

Layer integer_layer(const DenseLayer& dense, const Quantise& step) {
  const LayerShape& s = dense.shape;
  Layer layer{.name = dense.name,
              .kind = dense.kind,
              .shape = s,
              .weights = quantise_weights(dense, step),
              .ifmap = {},
              .bias = {},
              .bias_real = {},
              .output = {}};
  layer.ifmap = encode(Encoding::dense, dense.activation_dtype, {s.N, s.H, s.W, s.C}, dense.ifmap,
                       {dense.activation_scale});
  for (std::size_t k = 0; k < dense.bias.size(); ++k) {
    const double scale = static_cast<double>(dense.activation_scale) *
                         static_cast<double>(layer.weights.scale(static_cast<int>(k)));
    layer.bias.push_back(static_cast<std::int64_t>(
        std::llround(std::clamp(static_cast<double>(dense.bias[k]) / scale, -0x1p52, 0x1p52))));
  }
  layer.output = {dense.activation_dtype, 1.0F, dense.relu};
  return layer;
}

// Sums as real numbers, in the order of the ofmap.
std::vector<double> real_outputs(const Layer& layer) {
  Ofmap ofmap = run_golden(layer);
  if (layer.weights.is_real()) return std::move(ofmap.reals);
  std::vector<double> outputs;
  outputs.reserve(ofmap.sums.size());
  for (std::size_t i = 0; i < ofmap.sums.size(); ++i) {
    const int k = static_cast<int>(i % static_cast<std::size_t>(ofmap.K));
    outputs.push_back(static_cast<double>(ofmap.sums[i]) * static_cast<double>(layer.ifmap.scale(0)) *
                      static_cast<double>(layer.weights.scale(k)));
  }
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
float output_scale(const Layer& layer, const std::vector<double>& outputs) {
  double largest = 0;
  for (const double output : outputs)
    largest = std::max(largest, layer.output.relu ? output : std::abs(output));
  const auto scale = static_cast<float>(largest / highest(layer.output.dtype));
  return std::isnormal(scale) ? scale : 1.0F;
}

std::int64_t scale_bytes(const Layer& layer) {
  return layer.weights.is_real() ? 0 : 4 * static_cast<std::int64_t>(layer.weights.scales.size());
}

CompressedLayer row_of(const Layer& layer, const DenseLayer& original, double error) {
  CompressedLayer row;
  row.name = layer.name;
  row.encoding = layer.weights.encoding;
  row.dtype = layer.weights.dtype;
  row.density =
      static_cast<double>(nonzeros(layer.weights)) / static_cast<double>(layer.weights.extent.positions());
  const auto bias_bytes = static_cast<std::int64_t>(4 * original.bias.size());
  row.dense = Bytes(4 * layer.weights.extent.positions() + bias_bytes);
  row.compressed = Bytes(ceil_div(encoded_bits(layer.weights), 8) + scale_bytes(layer) + bias_bytes);
  row.output_error = error;
  return row;
}

// What the recipe asks of one layer, once prunes are done.
struct Wanted {
  Quantise quantise;
  std::optional<Encoding> encoding;
};

Layer compressed_layer(const DenseLayer& dense, const Wanted& wanted) {
  Layer layer =
      wanted.quantise.dtype == Dtype::fp32 ? real_layer(dense) : integer_layer(dense, wanted.quantise);
  if (wanted.encoding) {
    layer.weights = re_encode(layer.weights, *wanted.encoding);
    return layer;
  }
  Operand bitmap = re_encode(layer.weights, Encoding::bitmap);
  if (encoded_bits(bitmap) < encoded_bits(layer.weights)) layer.weights = std::move(bitmap);
  return layer;
}

}  // namespace

Compressed compress(const DenseNetwork& network, const Recipe& recipe) {
  DenseNetwork pruned = network;
  std::vector<Wanted> wanted(network.layers.size());
  Compressed result;
  for (const RecipeStep& step : recipe.steps) {
    const std::vector<std::size_t> indices = named(network, recipe, step);
    std::vector<DenseLayer*> layers;
    for (const std::size_t i : indices) layers.push_back(&pruned.layers[i]);
    if (const auto* quantise = std::get_if<Quantise>(&step.action)) {
      for (const std::size_t i : indices) wanted[i].quantise = *quantise;
    } else if (const auto* encode = std::get_if<Encode>(&step.action)) {
      for (const std::size_t i : indices) wanted[i].encoding = encode->encoding;
    } else {
      if (const auto* magnitude = std::get_if<PruneMagnitude>(&step.action)) prune(*magnitude, layers);
      if (const auto* n_of_m = std::get_if<PruneNofM>(&step.action)) prune(*n_of_m, layers);
      if (const auto* filters = std::get_if<PruneFilters>(&step.action)) prune(*filters, layers);
    }
    result.trace.history += (result.trace.history.empty() ? "" : "; ") + step.text;
  }

  result.trace.name = network.name;
  result.trace.source = network.source;
  result.trace.licence = network.licence;
  result.trace.activations = network.activations;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const DenseLayer& original = network.layers[i];
    if (!original.simulated()) {
      Layer listed;
      listed.name = original.name;
      listed.kind = original.kind;
      listed.shape = original.shape;
      result.trace.layers.push_back(std::move(listed));
      continue;
    }
    Layer layer = compressed_layer(pruned.layers[i], wanted[i]);
    const std::vector<double> outputs = real_outputs(layer);
    if (layer.output.dtype != Dtype::fp32) layer.output.scale = output_scale(layer, outputs);
    result.rows.push_back(
        row_of(layer, original, relative_error(outputs, real_outputs(real_layer(original)))));
    result.trace.layers.push_back(std::move(layer));
  }
  check(result.trace);
  return result;
}

std::string describe(const std::vector<CompressedLayer>& rows) {
  std::size_t width = 5;
  for (const CompressedLayer& row : rows) width = std::max(width, row.name.size());
  std::string text = fmt::format("{:<{}}  {:<10} {:>5} {:>9} {:>12} {:>8} {:>13}\n", "layer", width,
                                 "encoding", "dtype", "density", "bytes", "ratio", "output error");
  Bytes dense, compressed;
  for (const CompressedLayer& row : rows) {
    text += fmt::format("{:<{}}  {:<10} {:>5} {:>7.1f} % {:>12} {:>7.1f}x {:>12.3f}%\n", row.name, width,
                        to_string(row.encoding), to_string(row.dtype), 100 * row.density,
                        row.compressed.value, row.ratio(), 100 * row.output_error);
    dense += row.dense;
    compressed += row.compressed;
  }
  const double ratio =
      static_cast<double>(dense.value) / static_cast<double>(std::max<std::int64_t>(1, compressed.value));
  return text + fmt::format("{:<{}}  {:<10} {:>5} {:>9} {:>12} {:>7.1f}x  against fp32\n", "all", width, "",
                            "", "", compressed.value, ratio);
}

nlohmann::ordered_json to_json(const std::vector<CompressedLayer>& rows) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const CompressedLayer& row : rows) {
    json.push_back({{"layer", row.name},
                    {"encoding", to_string(row.encoding)},
                    {"dtype", to_string(row.dtype)},
                    {"density", row.density},
                    {"dense_bytes", row.dense.value},
                    {"compressed_bytes", row.compressed.value},
                    {"ratio", row.ratio()},
                    {"output_error", row.output_error}});
  }
  return json;
}

}  // namespace basil
