// Whether the values are right, how wide the sums are, and what compression cost in accuracy.
#include <algorithm>
#include <optional>

#include "models/result/column_makers.h"

namespace basil {
namespace {

bool all_verified(const Result& result) {
  return std::all_of(result.layers.begin(), result.layers.end(),
                     [](const LayerResult& layer) { return layer.verified; });
}

// Mean over the layers.
std::optional<double> mean_output_error(const Result& result) {
  double sum = 0;
  for (const LayerResult& layer : result.layers) {
    if (!layer.output_error) return std::nullopt;
    sum += *layer.output_error;
  }
  return sum / static_cast<double>(std::max<std::size_t>(1, result.layers.size()));
}

// Nothing where no sum overflowed.
std::optional<int> needed_bits(const SumStatistics& sums) {
  return sums.overflowed > 0 ? std::optional(sums.needed_bits) : std::nullopt;
}

MetricColumn needed_bits_column() {
  MetricColumn column =
      of_layers({"sums_needed_bits", "bit", "where sums overflowed: psum_bits that would hold every psum"},
                [](const Result&, const LayerResult& layer) { return needed_bits(layer.sums); });
  column.put_in_layer = [](LayerResult& layer, const MetricCell& cell) { put(cell, layer.sums.needed_bits); };
  return most(std::move(column));
}

std::vector<MetricColumn> columns() {
  return {
      with_run(in_layers(
                   {"verified", "", "values equal to the golden executor; of a run those of all layers"},
                   [](auto& layer) -> auto& { return layer.verified; }),
               all_verified),
      in_layers(
          {"counts_checked", "", "whether counts were held against the clocked array's"},
          [](auto& layer) -> auto& { return layer.counted; }),
      most(in_layers(
          {"widest_sum_bits", "bit", "of a finished sum, had nothing been narrowed; 0 of fp32"},
          [](auto& layer) -> auto& { return layer.sums.widest_bits; })),
      summed(in_layers(
          {"sum_count", "", "outputs; of a sampled layer those computed"},
          [](auto& layer) -> auto& { return layer.sums.count; })),
      summed(in_layers(
          {"sums_overflowed", "", "outputs of which some psum did not fit"},
          [](auto& layer) -> auto& { return layer.sums.overflowed; })),
      needed_bits_column(),
      with_run(rounded(in_layers(
                   {"output_error", "",
                    "of a comparison or a study: ||sums - the network's|| / ||the network's||; of a "
                    "run the mean over its layers"},
                   [](auto& layer) -> auto& { return layer.output_error; })),
               mean_output_error),
      rounded(in_runs(
          {"speedup", "", "of a comparison: geometric mean over the layers of the first's time / this one's"},
          [](auto& result) -> auto& { return result.speedup; })),
      rounded(in_runs(
          {"energy_gain", "",
           "of a comparison: geometric mean over the layers of the first's energy / this one's"},
          [](auto& result) -> auto& { return result.energy_gain; })),
  };
}

}  // namespace

extern const ColumnGroup values_columns;
const ColumnGroup values_columns{.heading = "Values", .place = 80, .columns = columns};

}  // namespace basil
