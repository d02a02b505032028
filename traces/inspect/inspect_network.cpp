// What a network before compression holds, layer by layer.
#include <fmt/format.h>

#include <algorithm>

#include "core/names.h"
#include "traces/file/shape_json.h"
#include "traces/inspect/inspect.h"

namespace basil {
namespace {

template <class Value>
double density(const std::vector<Value>& values) {
  const auto zeros = std::count(values.begin(), values.end(), Value{});
  return values.empty() ? 0 : 1 - static_cast<double>(zeros) / static_cast<double>(values.size());
}

std::string shape_text(const LayerShape& s) {
  return fmt::format("{}x{}x{}x{} on {}x{}x{}x{}", s.K, s.R, s.S, s.channels_per_group(), s.N, s.H, s.W, s.C);
}

std::string row(const DenseLayer& layer, std::size_t width) {
  std::string text = fmt::format("{:<{}}  {:<9}", printable(layer.name), width, to_string(layer.kind));
  if (layer.simulated())
    text += fmt::format("  {:<28}  {:>9}  {:>5.1f} %  {:>5} {:>5.1f} %  {:>9.2f}", shape_text(layer.shape),
                        layer.weights.size(), 100 * density(layer.weights), to_string(layer.activation_dtype),
                        100 * density(layer.ifmap), static_cast<double>(layer.shape.macs()) * 1e-6);
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
  return text;
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
      own["weights"] = {{"values", layer.weights.size()}, {"density", density(layer.weights)}};
      own["ifmap"] = {{"dtype", to_string(layer.activation_dtype)}, {"density", density(layer.ifmap)}};
      own["macs"] = layer.shape.macs();
    }
    json["layers"].push_back(std::move(own));
  }
  return json;
}

}  // namespace basil
