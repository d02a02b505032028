#include "models/result/column_makers.h"

namespace basil {
namespace {

// Of layers' cells; nothing where none is known. Whole numbers stay whole.
MetricCell total_of(Total total, const std::vector<MetricCell>& cells) {
  MetricCell all;
  if (total == Total::none) return all;
  for (const MetricCell& cell : cells) {
    if (!known(cell)) continue;
    if (!known(all)) {
      all = cell;
    } else if (const auto* count = std::get_if<std::int64_t>(&cell)) {
      auto& so_far = std::get<std::int64_t>(all);
      so_far = total == Total::sum ? so_far + *count : std::max(so_far, *count);
    } else {
      auto& so_far = std::get<double>(all);
      const double value = number_in(cell);
      so_far = total == Total::sum ? so_far + value : std::max(so_far, value);
    }
  }
  return all;
}

MetricColumn totalled(MetricColumn column, Total total) {
  column.total = total;
  const MetricCell nothing = column.kind == MetricKind::real ? MetricCell(0.0) : MetricCell(std::int64_t{0});
  column.of_run = [total, nothing, of_layer = column.of_layer](const Result& result) {
    if (result.layers.empty()) return nothing;
    std::vector<MetricCell> cells;
    cells.reserve(result.layers.size());
    for (const LayerResult& layer : result.layers) cells.push_back(of_layer(result, layer));
    return total_of(total, cells);
  };
  return column;
}

}  // namespace

MetricColumn summed(MetricColumn column) { return totalled(std::move(column), Total::sum); }
MetricColumn most(MetricColumn column) { return totalled(std::move(column), Total::most); }

MetricColumn of_either_sign(MetricColumn column) {
  column.below_zero = true;
  return column;
}

MetricColumn rounded(MetricColumn column) {
  column.digits = 6;
  return column;
}

MetricColumn heading_rows(MetricColumn column) {
  column.heads_rows = true;
  return column;
}

}  // namespace basil
