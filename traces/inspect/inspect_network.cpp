// What a network before compression holds, layer by layer.
#include <fmt/format.h>

#include <algorithm>

#include "core/names.h"
#include "traces/file/requantisation_file.h"
#include "traces/file/shape_json.h"
#include "traces/inspect/inspect.h"
#include "traces/inspect/integers.h"

namespace basil {
namespace {

template <class Value>
double density(const std::vector<Value>& values) {
  const auto zeros = std::count(values.begin(), values.end(), Value{});
  return values.empty() ? 0 : 1 - static_cast<double>(zeros) / static_cast<double>(values.size());
}

// Weights that are not zero.
double weight_density(const DenseLayer& layer) {
  if (!layer.codes) return density(layer.weights);
  const WeightCodes& codes = *layer.codes;
  const auto filter = static_cast<std::size_t>(layer.shape.reduction());
  std::size_t zeros = 0;
  for (std::size_t i = 0; i < codes.values.size(); ++i)
    zeros += codes.values[i] == codes.zero_point(i / filter) ? 1 : 0;
  return 1 - static_cast<double>(zeros) / static_cast<double>(codes.values.size());
}

std::size_t weight_count(const DenseLayer& layer) {
  return layer.codes ? layer.codes->values.size() : layer.weights.size();
}

double ifmap_density(const DenseLayer& layer) {
  const auto zeros = std::ranges::count(layer.ifmap, layer.activation_zero_point);
  return 1 - static_cast<double>(zeros) / static_cast<double>(std::max<std::size_t>(1, layer.ifmap.size()));
}

std::string shape_text(const LayerShape& s) {
  return fmt::format("{}x{}x{}x{} on {}x{}x{}x{}", s.K, s.R, s.S, s.channels_per_group(), s.N, s.H, s.W, s.C);
}

std::string row(const DenseLayer& layer, std::size_t width) {
  std::string text = fmt::format("{:<{}}  {:<9}", printable(layer.name), width, to_string(layer.kind));
  if (layer.simulated())
    text += fmt::format("  {:<28}  {:>9}  {:>5.1f} %  {:>5} {:>5.1f} %  {:>9.2f}", shape_text(layer.shape),
                        weight_count(layer), 100 * weight_density(layer), to_string(layer.activation_dtype),
                        100 * ifmap_density(layer), static_cast<double>(layer.shape.macs()) * 1e-6);
  return text + (layer.relu ? "  relu" : "") + "\n";
}

}  // namespace

std::string describe(const DenseNetwork& network) {
  std::size_t width = 5;
  for (const DenseLayer& layer : network.layers) width = std::max(width, printable(layer.name).size());
  std::string text =
      fmt::format("{}, {} layers, a network before compression: 'basil compress' makes a trace of it\n",
                  printable(network.name), network.layers.size());
  for (const auto& [label, value] :
       {std::pair{"source", network.source}, {"licence", network.licence}, {"inputs", network.activations}}) {
    if (!value.empty()) text += fmt::format("{:<12} {}\n", label, printable(value));
  }
  text += fmt::format("\n{:<{}}  {:<9}  {:<28}  {:>9}  {:>7}  {:>13}  {:>9}\n", "layer", width, "kind",
                      "filters on ifmap", "weights", "density", "ifmap", "MMAC");
  for (const DenseLayer& layer : network.layers) text += row(layer, width);
  return text + integers_table(network);
}

nlohmann::ordered_json describe_json(const DenseNetwork& network) {
  nlohmann::ordered_json json = {
      {"name", network.name},          {"schema", dense_network_schema},
      {"source", network.source},      {"licence", network.licence},
      {"inputs", network.activations}, {"layers", nlohmann::ordered_json::array()}};
  for (const DenseLayer& layer : network.layers) {
    nlohmann::ordered_json own = {
        {"name", layer.name}, {"kind", to_string(layer.kind)}, {"relu", layer.relu}};
    if (layer.simulated()) {
      own["shape"] = shape_json(layer.shape);
      own["weights"] = {{"values", weight_count(layer)}, {"density", weight_density(layer)}};
      if (layer.codes)
        own["weights"].update(
            integers_json(layer.codes->dtype, layer.codes->scales, layer.codes->zero_points));
      own["ifmap"] =
          integers_json(layer.activation_dtype, {layer.activation_scale}, {layer.activation_zero_point});
      own["ifmap"]["density"] = ifmap_density(layer);
      if (layer.output) own["output"] = output_json(*layer.output);
      own["macs"] = layer.shape.macs();
    }
    json["layers"].push_back(std::move(own));
  }
  return json;
}

}  // namespace basil
