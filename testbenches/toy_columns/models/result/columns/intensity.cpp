// A toy to copy: a file of columns. How much a layer computes from each byte that it moves.
#include <optional>

#include "models/result/column_makers.h"

namespace basil {
namespace {

std::optional<double> macs_per_byte(std::int64_t macs, Bytes bytes) {
  if (bytes.value == 0) return std::nullopt;
  return static_cast<double>(macs) / static_cast<double>(bytes.value);
}

std::vector<MetricColumn> columns() {
  return {with_run(
      of_layers(
          {"macs_per_dram_byte", "1/B", "multiply-accumulates per byte between chip and DRAM"},
          [](const Result&, const LayerResult& layer) { return macs_per_byte(layer.macs, layer.dram()); }),
      [](const Result& result) {
        std::int64_t macs = 0;
        Bytes bytes;
        for (const LayerResult& layer : result.layers) {
          macs += layer.macs;
          bytes += layer.dram();
        }
        return macs_per_byte(macs, bytes);
      })};
}

}  // namespace

extern const ColumnGroup intensity_columns;
const ColumnGroup intensity_columns{.heading = "Intensity", .columns = columns};

}  // namespace basil
