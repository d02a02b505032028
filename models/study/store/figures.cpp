#include "models/study/store/figures.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "traces/trace.h"

namespace basil {
namespace {

inline constexpr std::array tags{Tag::measured, Tag::published, Tag::derived, Tag::estimated};

std::string column_word(std::string_view word) {
  std::string text(word);
  std::replace(text.begin(), text.end(), '-', '_');
  std::replace(text.begin(), text.end(), ' ', '_');
  return text;
}

std::vector<Column> make_layer_columns() {
  std::vector<Column> columns{{"layer_name", "TEXT"},
                              {"kind", "TEXT"},
                              {"cycles", "INTEGER"},
                              {"seconds", "REAL"},
                              {"processing_cycles", "INTEGER"},
                              {"dram_stall_cycles", "INTEGER"},
                              {"macs", "INTEGER"},
                              {"gated_macs", "INTEGER"},
                              {"utilisation", "REAL"}};
  for (std::size_t i = 0; i < bin_count; ++i) columns.push_back({bin_column(static_cast<Bin>(i)), "INTEGER"});
  columns.push_back({"energy_pj", "REAL"});
  for (const std::string_view component : energy_components)
    columns.push_back({component_column(component), "REAL"});
  for (const Tag tag : tags) columns.push_back({"tagged_" + column_word(to_string(tag)) + "_pj", "REAL"});
  for (const char* bytes : {"dram_weights_bytes", "dram_ifmap_bytes", "dram_ofmap_bytes", "buffer_read_bytes",
                            "buffer_written_bytes", "bound_effectual_macs", "bound_bytes", "bound_cycles"})
    columns.push_back({bytes, "INTEGER"});
  columns.push_back({"bound_by", "TEXT"});
  columns.push_back({"output_error", "REAL"});
  columns.push_back({"verified", "INTEGER"});
  return columns;
}

std::vector<Datum> layer_cells(const LayerResult& layer, const Result& result, double output_error) {
  std::vector<Datum> cells{layer.name,
                           to_string(layer.kind),
                           layer.cycles.value,
                           result.seconds(layer.cycles),
                           layer.processing.value,
                           layer.dram_stall.value,
                           layer.macs,
                           layer.gated,
                           layer.utilisation};
  for (std::size_t i = 0; i < bin_count; ++i) cells.emplace_back(layer.bins[static_cast<Bin>(i)]);
  cells.emplace_back(layer.energy.total().value);
  for (const std::string_view component : energy_components)
    cells.emplace_back(layer.energy.of(component).value);
  for (const Tag tag : tags) cells.emplace_back(layer.energy.of(tag).value);
  for (const std::int64_t count :
       {layer.dram_weights.value, layer.dram_ifmap.value, layer.dram_ofmap.value, layer.buffer_read.value,
        layer.buffer_written.value, layer.bound.effectual_macs, layer.bound.bytes.value,
        layer.bound.cycles.value})
    cells.emplace_back(count);
  cells.emplace_back(layer.bound.by_memory ? "memory" : "compute");
  cells.emplace_back(output_error);
  cells.emplace_back(layer.verified ? 1 : 0);
  return cells;
}

inline constexpr std::array<std::string_view, 3> status_words{"done", "refused", "failed"};

}  // namespace

const std::vector<PointColumn>& point_columns() {
  static const std::vector<PointColumn> columns{{{"cycles", "INTEGER"}, "cycles"},
                                                {{"seconds", "REAL"}, "seconds"},
                                                {{"energy_pj", "REAL"}, "energy"},
                                                {{"edp_js", "REAL"}, "edp"},
                                                {{"area_mm2", "REAL"}, "area"},
                                                {{"output_error", "REAL"}, "output_error"},
                                                {{"utilisation", "REAL"}, "utilisation"},
                                                {{"dram_bytes", "INTEGER"}, "dram"},
                                                {{"pes", "INTEGER"}, "pes"},

                                                {{"verified", "INTEGER"}, "verified"}};
  return columns;
}

const std::vector<Column>& layer_columns() {
  static const std::vector<Column> columns = make_layer_columns();
  return columns;
}

std::string bin_column(Bin bin) { return "bin_" + column_word(to_string(bin)); }
std::string component_column(std::string_view component) { return column_word(component) + "_pj"; }

std::string_view to_string(PointStatus status) { return status_words[static_cast<std::size_t>(status)]; }

PointStatus parse_status(std::string_view word) {
  const auto found = std::find(status_words.begin(), status_words.end(), word);
  return static_cast<PointStatus>(std::min<std::ptrdiff_t>(found - status_words.begin(), 2));
}

PointResult point_result(const Result& result, const std::vector<double>& output_error) {
  PointResult point{.status = PointStatus::done, .error = {}, .figures = {}, .layers = {}};
  double busy = 0;  // PE-cycles
  std::int64_t dram = 0;
  bool verified = true;
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    const LayerResult& layer = result.layers[i];
    busy += layer.utilisation * static_cast<double>(layer.cycles.value);
    dram += layer.dram().value;
    verified = verified && layer.verified;
    point.layers.push_back(layer_cells(layer, result, output_error[i]));
  }
  const double cycles = static_cast<double>(result.cycles().value);
  const double seconds = result.seconds(result.cycles()), joules = result.energy().value * 1e-12;
  const double layers = static_cast<double>(std::max<std::size_t>(1, result.layers.size()));
  point.figures = {result.cycles().value,
                   seconds,
                   result.energy().value,
                   seconds * joules,
                   result.area_mm2,
                   std::accumulate(output_error.begin(), output_error.end(), 0.0) / layers,
                   cycles == 0 ? 0.0 : busy / cycles,
                   dram,
                   result.pes,
                   verified ? 1 : 0};
  return point;
}

PointResult unfinished(PointStatus status, const std::string& error) {
  return {
      .status = status, .error = error, .figures = std::vector<Datum>(point_columns().size()), .layers = {}};
}

std::string pack(const PointResult& result) {
  const nlohmann::json all{{"status", to_string(result.status)},
                           {"error", result.error},
                           {"figures", result.figures},
                           {"layers", result.layers},
                           {"scaling", result.scaling}};
  const std::vector<std::uint8_t> bytes = nlohmann::json::to_cbor(all);
  return {bytes.begin(), bytes.end()};
}

PointResult unpack(std::string_view bytes) {
  const nlohmann::json all = nlohmann::json::from_cbor(bytes.begin(), bytes.end());
  return {.status = parse_status(all.at("status").get<std::string>()),
          .error = all.at("error"),
          .figures = all.at("figures"),
          .layers = all.at("layers"),
          .scaling = all.at("scaling")};
}

}  // namespace basil
