// When the words of one row-stationary pass move: the ifmap bus held up by full FIFOs, psums climbing the
// columns, the psum buses shared between columns. Values aside, so data never matters.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "dataflows/row_stationary/row_flow_shape.h"
#include "dataflows/row_stationary/row_mapping.h"

namespace basil {

// Distinct ifmap columns that the windows read, and words on the ifmap bus, padding included.
[[nodiscard]] std::int64_t touched_columns(const RowFlowShape& shape);
[[nodiscard]] std::int64_t ifmap_words(const RowFlowShape& shape);

// The pass on the array: the cycles, bins and beats of the clocked array
// (dataflows/row_stationary/row_array.h), from the times of events in place of registers; with operands ready
// in their buffers all of them are the same. Only PEs that something happens to are visited: a word enters
// its spad, a word's slots begin, a psum is taken in. Behind a feed a chunk takes its buffer's cycles, and
// the carrier's.
[[nodiscard]] RowFlow flow_of(const RowFlowShape& shape, const RowArray& array,
                              RowCarrier* carrier = nullptr);

// Passes of the same shape on one array take the same time: each is followed once.
class RowFlows {
 public:
  explicit RowFlows(const RowArray& array, const std::optional<RowNetwork>& network = {})
      : array_(array), network_(network) {}
  [[nodiscard]] const RowFlow& of(const RowFlowShape& shape);

 private:
  RowArray array_;
  std::optional<RowNetwork> network_;
  std::map<RowFlowShape, RowFlow> known_;
};

}  // namespace basil
