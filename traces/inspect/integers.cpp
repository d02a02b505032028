#include "traces/inspect/integers.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/names.h"

namespace basil {
namespace {

using nlohmann::ordered_json;

// Codes of one operand.
struct Integers {
  Dtype dtype = Dtype::int8;
  std::vector<float> scales;
  std::vector<std::int32_t> zero_points;
};

Integers integers_of(const Operand& operand) {
  if (operand.codes) return {operand.codes->dtype, operand.scales, operand.codes->zero_points};
  return {operand.dtype, operand.scales, {0}};
}

// The least and the greatest, where they differ.
template <class T>
std::string range_text(const std::vector<T>& values) {
  const auto [least, greatest] = std::ranges::minmax(values);
  return least == greatest
             ? fmt::format("{:.4g}", static_cast<double>(least))
             : fmt::format("{:.4g}..{:.4g}", static_cast<double>(least), static_cast<double>(greatest));
}

std::string columns(const Integers& integers) {
  return fmt::format("  {:<6} {:>21} {:>8}", to_string(integers.dtype), range_text(integers.scales),
                     range_text(integers.zero_points));
}

std::string columns(const std::optional<Requantisation>& output) {
  if (!output) return "  as compressed";
  const auto [least, greatest] = output->codes();
  return columns(Integers{output->dtype, {output->scale}, {output->zero_point}}) +
         fmt::format("  {:<6}  {}..{}", to_string(output->rule), least, greatest);
}

class Table {
 public:
  void add(const std::string& name, const Integers& weights, const Integers& ifmap,
           const std::optional<Requantisation>& output) {
    rows_.push_back({printable(name), columns(weights) + columns(ifmap) + columns(output)});
  }

  [[nodiscard]] std::string text() const {
    if (rows_.empty()) return "";
    std::size_t width = 5;
    for (const auto& [name, rest] : rows_) width = std::max(width, name.size());
    const std::string of_operand = fmt::format("{:>21} {:>8}", "scale", "zero");
    std::string text = fmt::format(
        "\nThe network's own integers: real = (integer - zero) x scale\n{:<{}}  {:<6} {}  {:<6} {}  {:<6} {} "
        " {:<6}  {}\n",
        "layer", width, "weights", of_operand.substr(1), "ifmap", of_operand, "output", of_operand, "rule",
        "from..to");
    for (const auto& [name, rest] : rows_) text += fmt::format("{:<{}}{}\n", name, width, rest);
    return text;
  }

 private:
  std::vector<std::pair<std::string, std::string>> rows_;
};

bool has_own_integers(const Layer& layer) {
  return layer.simulated() && !layer.weights.is_real() &&
         (layer.weights.codes || layer.ifmap.codes || layer.output.rule != RequantisationRule::real);
}

template <class T>
ordered_json range_json(const std::vector<T>& values) {
  const auto [least, greatest] = std::ranges::minmax(values);
  if (values.size() == 1) return least;
  return {least, greatest};
}

}  // namespace

std::string integers_table(const Trace& trace) {
  Table table;
  for (const Layer& layer : trace.layers) {
    if (has_own_integers(layer))
      table.add(layer.name, integers_of(layer.weights), integers_of(layer.ifmap), layer.output);
  }
  return table.text();
}

std::string integers_table(const DenseNetwork& network) {
  Table table;
  for (const DenseLayer& layer : network.layers) {
    if (!layer.codes) continue;
    const WeightCodes& codes = *layer.codes;
    table.add(layer.name, {codes.dtype, codes.scales, codes.zero_points},
              {layer.activation_dtype, {layer.activation_scale}, {layer.activation_zero_point}},
              layer.output);
  }
  return table.text();
}

ordered_json integers_json(Dtype dtype, const std::vector<float>& scales,
                           const std::vector<std::int32_t>& zero_points) {
  return {{"dtype", to_string(dtype)},
          {"bits", bits_of(dtype)},
          {"scale", range_json(scales)},
          {"zero_point", range_json(zero_points)}};
}

}  // namespace basil
