// Where every PE-cycle went: a column a bin.
#include <array>

#include "models/result/column_makers.h"
#include "models/result/parts.h"

namespace basil {
namespace {

constexpr std::array<const char*, bin_count> meanings{
    "that multiply",
    "spent on a zero, the multiplier frozen",
    "of PEs that are done, or have less work, while their peers go on",
    "with weights on their way from the buffer",
    "with ifmap words on their way",
    "that take in psums, or wait for them",
    "in which a bus or a buffer port is the bottleneck",
    "waiting for operands or results between chip and DRAM",
    "in which results leave the array",
    "of PEs with no work mapped to them",
};

std::vector<MetricColumn> columns() {
  std::vector<MetricColumn> columns;
  for (std::size_t i = 0; i < bin_count; ++i) {
    const Bin bin = static_cast<Bin>(i);
    MetricColumn column =
        of_layers({bin_column(bin), "PE-cycles", std::string("PE-cycles ") + meanings[i]},
                  [bin](const Result&, const LayerResult& layer) { return layer.bins[bin]; });
    column.put_in_layer = [bin](LayerResult& layer, const MetricCell& cell) {
      if (known(cell)) layer.bins.add(bin, std::get<std::int64_t>(cell) - layer.bins[bin]);
    };
    columns.push_back(summed(std::move(column)));
  }
  return columns;
}

}  // namespace

extern const ColumnGroup bins_columns;
const ColumnGroup bins_columns{
    .heading = "Where PE-cycles went: each is in one bin", .place = 30, .columns = columns};

}  // namespace basil
