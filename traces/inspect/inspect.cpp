#include "traces/inspect/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "core/names.h"
#include "traces/encodings/encode.h"
#include "traces/file/requantisation_file.h"
#include "traces/file/shape_json.h"
#include "traces/inspect/integers.h"

namespace basil {
namespace {

using nlohmann::ordered_json;

struct Figures {
  std::int64_t positions = 0, nonzeros = 0;
  std::int64_t encoded_bytes = 0, dense_bytes = 0;

  Figures& operator+=(const Figures& other) {
    positions += other.positions;
    nonzeros += other.nonzeros;
    encoded_bytes += other.encoded_bytes;
    dense_bytes += other.dense_bytes;
    return *this;
  }
  [[nodiscard]] double density() const {
    return positions == 0 ? 0.0 : static_cast<double>(nonzeros) / static_cast<double>(positions);
  }
};

Figures figures(const Operand& operand) {
  return {weights_held(operand), nonzeros(operand), ceil_div(encoded_bits(operand), 8),
          ceil_div(operand.extent.positions() * decoded_bits(operand), 8)};
}

std::string percent(const Figures& f) { return fmt::format("{:.1f}%", 100.0 * f.density()); }

std::string amount(std::int64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} B", bytes);
  if (bytes < 10'000'000) return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1e3);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::string ratio(const Figures& f) {
  if (f.encoded_bytes == 0) return "-";
  return fmt::format("{:.2f}x", static_cast<double>(f.dense_bytes) / static_cast<double>(f.encoded_bytes));
}

std::string millions(std::int64_t macs) { return fmt::format("{:.2f}", static_cast<double>(macs) / 1e6); }

// "64x3x3x32 on 1x35x35x32 /2": filters (K R S C/groups) on the ifmap (N H W C), then what is unusual.
std::string shape_text(const Layer& layer) {
  const LayerShape& s = layer.shape;
  std::string text =
      fmt::format("{}x{}x{}x{} on {}x{}x{}x{}", s.K, s.R, s.S, s.channels_per_group(), s.N, s.H, s.W, s.C);
  if (s.stride_y != 1 || s.stride_x != 1) {
    text += s.stride_y == s.stride_x ? fmt::format(" /{}", s.stride_y)
                                     : fmt::format(" /{}x{}", s.stride_y, s.stride_x);
  }
  if (s.dilation_y != 1 || s.dilation_x != 1)
    text += fmt::format(" dilation {}x{}", s.dilation_y, s.dilation_x);
  if (s.groups != 1) text += fmt::format(" groups {}", s.groups);
  return text;
}

using Row = std::vector<std::string>;

// Columns as wide as their widest cell, two blanks apart; those of `right` to the right.
std::string align(const std::vector<Row>& rows, const std::set<std::size_t>& right) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - row[i].size(), ' ');
      line += right.contains(i) ? blanks + row[i] : row[i] + blanks;
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

void append(Row& row, const std::string& encoding, const Figures& f) {
  row.insert(row.end(), {encoding, percent(f), amount(f.encoded_bytes), ratio(f)});
}

std::string encoding_text(const Operand& operand) {
  return fmt::format("{} {}", to_string(operand.encoding), to_string(operand.dtype));
}

std::string heading(const Trace& trace) {
  std::string text = fmt::format("{}, {} layers\n", printable(trace.name), trace.layers.size());
  const auto line = [&text](const char* label, const std::string& value) {
    if (!value.empty()) text += fmt::format("{:<12} {}\n", label, printable(value));
  };
  line("source", trace.source);
  line("licence", trace.licence);
  line("activations", trace.activations);
  line("history", trace.history);
  if (trace.synthetic()) {
    line("SYNTHETIC", fmt::format("weights and inputs are drawn, seed {}", *trace.synthetic_seed));
  }
  return text;
}

ordered_json json_of(const Figures& f) {
  return {{"density", f.density()}, {"encoded_bytes", f.encoded_bytes}, {"dense_bytes", f.dense_bytes}};
}

ordered_json json_of(const Operand& operand) {
  ordered_json json = {{"encoding", to_string(operand.encoding)}, {"dtype", to_string(operand.dtype)}};
  json.update(json_of(figures(operand)));
  if (operand.codes) {
    json["codes"] = integers_json(operand.codes->dtype, operand.scales, operand.codes->zero_points);
  } else if (!operand.is_real()) {
    json["codes"] = integers_json(operand.dtype, operand.scales, {0});
  }
  return json;
}

ordered_json json_of(const LayerShape& shape) {
  ordered_json json = shape_json(shape);
  json["P"] = shape.P();
  json["Q"] = shape.Q();
  return json;
}

struct Totals {
  Figures weights, ifmap;
  std::int64_t macs = 0;
};

Totals totals(const Trace& trace) {
  Totals sum;
  for (const Layer& layer : trace.layers) {
    if (!layer.simulated()) continue;
    sum.weights += figures(layer.weights);
    sum.ifmap += figures(layer.ifmap);
    sum.macs += layer.shape.macs();
  }
  return sum;
}

}  // namespace

std::string describe(const Trace& trace) {
  std::vector<Row> rows{{"layer", "kind", "filters on ifmap", "weights", "density", "bytes", "ratio", "ifmap",
                         "density", "bytes", "ratio", "MMAC"}};
  for (const Layer& layer : trace.layers) {
    Row row{printable(layer.name), std::string(to_string(layer.kind)), shape_text(layer)};
    if (layer.simulated()) {
      append(row, encoding_text(layer.weights), figures(layer.weights));
      append(row, encoding_text(layer.ifmap), figures(layer.ifmap));
      row.push_back(millions(layer.shape.macs()));
    }
    rows.push_back(row);
  }
  const Totals sum = totals(trace);
  Row row{"total", "", ""};
  append(row, "", sum.weights);
  append(row, "", sum.ifmap);
  row.push_back(millions(sum.macs));
  rows.push_back(row);
  return heading(trace) + "\n" + align(rows, {4, 5, 6, 8, 9, 10, 11}) + integers_table(trace);
}

ordered_json describe_json(const Trace& trace) {
  ordered_json json = {{"name", trace.name},       {"source", trace.source},
                       {"licence", trace.licence}, {"activations", trace.activations},
                       {"history", trace.history}, {"synthetic", trace.synthetic()}};
  if (trace.synthetic()) json["synthetic_seed"] = *trace.synthetic_seed;
  json["layers"] = ordered_json::array();
  for (const Layer& layer : trace.layers) {
    ordered_json entry = {
        {"name", layer.name}, {"kind", to_string(layer.kind)}, {"shape", json_of(layer.shape)}};
    if (layer.simulated()) {
      entry["weights"] = json_of(layer.weights);
      entry["ifmap"] = json_of(layer.ifmap);
      entry["output"] = output_json(layer.output);
      entry["macs"] = layer.shape.macs();
    }
    json["layers"].push_back(entry);
  }
  const Totals sum = totals(trace);
  json["total"] = {{"weights", json_of(sum.weights)}, {"ifmap", json_of(sum.ifmap)}, {"macs", sum.macs}};
  return json;
}

}  // namespace basil
