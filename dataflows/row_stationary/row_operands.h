// Cutting a pass's slices out of the encoded operands, for the clocked array.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dataflows/row_stationary/row_block.h"
#include "pe/pass.h"
#include "traces/golden/golden.h"
#include "traces/trace.h"

namespace basil {

// Operands of a row-stationary pass in the orders that RowBlock states; `slots` of each of the layer's
// filters, or none for one each.
template <class Word>
struct RowOperands {
  RowBlockShape shape;
  std::vector<Word> weights, ifmap;
  std::vector<SumOf<Word>> psums;
};

template <class Word>
[[nodiscard]] RowOperands<Word> cut_rows(const Layer& layer, const RowPass& pass, const Ofmap& sums,
                                         std::span<const int> slots);

// By PE, numbered as the clocked array does, a measure of the products that neither operand makes zero: the
// ifmap words that reach it and are not zero, times such weights.
template <class Word>
[[nodiscard]] std::vector<std::int64_t> effectual_work(const RowOperands<Word>& operands);

}  // namespace basil
