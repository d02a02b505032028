#include "dataflows/row_stationary/row_flow.h"

#include <memory>
#include <numeric>

#include "dataflows/row_stationary/row_flow_array.h"

namespace basil {

// In closed form where windows touch columns side by side: every mapping's price asks for it.
std::int64_t touched_columns(const RowFlowShape& shape) {
  const std::int64_t windows = shape.windows, taps = shape.taps_x;
  if (shape.dilation_x != 1 && taps > 1) return ColumnOrder(shape).columns();
  return shape.stride_x <= taps ? (windows - 1) * shape.stride_x + taps : windows * taps;
}

std::int64_t ifmap_words(const RowFlowShape& shape) {
  const std::int64_t channels =
      std::accumulate(shape.channels.begin(), shape.channels.end(), std::int64_t{0});
  return shape.n * touched_columns(shape) * std::ssize(needed_rows(shape)) * channels;
}

const RowFlow& RowFlows::of(const RowFlowShape& shape) {
  const auto known = known_.find(shape);
  if (known != known_.end()) return known->second;
  const std::unique_ptr<RowCarrier> carrier = network_ ? network_->carrier() : nullptr;
  return known_.emplace(shape, flow_of(shape, array_, carrier.get())).first->second;
}

RowFlow flow_of(const RowFlowShape& shape, const RowArray& array, RowCarrier* carrier) {
  return RowFlowArray(shape, array, carrier).run();
}

}  // namespace basil
