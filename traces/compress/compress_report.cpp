// What compression gained and lost, as a table and as JSON.
#include <fmt/format.h>

#include <algorithm>

#include "core/names.h"
#include "traces/compress/compress.h"

namespace basil {
namespace {

using nlohmann::ordered_json;

// Of a value, or what states a weight where that is something else.
int bits_of(const CompressedLayer& row) {
  return row.encoding->stated_bits > 0 ? row.encoding->stated_bits : bits_of(row.dtype);
}

std::string error_text(const CompressedLayer& row, std::optional<double> error) {
  if (row.kept) return "kept";
  return error ? fmt::format("{:.3f} %", 100 * *error) : "-";
}

// What is shared over channels costs more than what it stands for where there are few of them.
std::string remark(const CompressedLayer& row) {
  const std::int64_t as_int8 = row.dense.value / 4;
  const std::string_view shared = row.encoding->shared;
  if (shared.empty() || row.compressed.value <= as_int8) return "";
  return fmt::format("warning: {}: {} bytes as {}, {} as plain int8: too few channels to gain\n",
                     printable(row.name), row.compressed.value, shared, as_int8);
}

double ratio_of(Bytes dense, Bytes compressed) {
  return static_cast<double>(dense.value) / static_cast<double>(std::max<std::int64_t>(1, compressed.value));
}

}  // namespace

double CompressedLayer::ratio() const { return ratio_of(dense, compressed); }

std::string describe(const std::vector<CompressedLayer>& rows) {
  std::size_t width = 5;
  for (const CompressedLayer& row : rows) width = std::max(width, printable(row.name).size());
  std::string text = fmt::format("{:<{}}  {:<12}  {:>4} {:<7}  {:>7}  {:>10}  {:>7}  {:>13}  {:>12}\n",
                                 "layer", width, "encoding", "bits", "scales", "density", "bytes", "smaller",
                                 "weights error", "output error");
  Bytes dense, compressed;
  for (const CompressedLayer& row : rows) {
    const bool real = row.dtype == Dtype::fp32;
    text += fmt::format("{:<{}}  {:<12}  {:>4} {:<7}  {:>5.1f} %  {:>10}  {:>5.1f} x  {:>13}  {:>12}\n",
                        printable(row.name), width, to_string(row.encoding),
                        real ? "fp32" : std::to_string(bits_of(row)),
                        real              ? "-"
                        : row.per_channel ? "channel"
                                          : "layer",
                        100 * row.density, row.compressed.value, row.ratio(),
                        error_text(row, row.weights_error), error_text(row, row.output_error));
    dense += row.dense;
    compressed += row.compressed;
  }
  text += fmt::format("{:<{}}  {:<12}  {:>4} {:<7}  {:>7}  {:>10}  {:>5.1f} x  against fp32\n", "all", width,
                      "", "", "", "", compressed.value, ratio_of(dense, compressed));
  for (const CompressedLayer& row : rows) text += remark(row);
  return text;
}

nlohmann::ordered_json to_json(const std::vector<CompressedLayer>& rows) {
  ordered_json json = ordered_json::array();
  for (const CompressedLayer& row : rows) {
    json.push_back({{"layer", row.name},
                    {"encoding", to_string(row.encoding)},
                    {"dtype", to_string(row.dtype)},
                    {"bits", bits_of(row)},
                    {"per", row.per_channel ? "channel" : "layer"},
                    {"kept", row.kept},
                    {"density", row.density},
                    {"dense_bytes", row.dense.value},
                    {"compressed_bytes", row.compressed.value},
                    {"ratio", row.ratio()},
                    {"weights_error", row.weights_error ? ordered_json(*row.weights_error) : ordered_json()},
                    {"output_error", row.output_error}});
  }
  return json;
}

}  // namespace basil
