// Cutting a pass's slices out of the encoded operands, for the clocked arrays.
#pragma once

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

// Operands of a fold: activations pixels x reduction, weights reduction x filters.
template <class Word>
struct FoldOperands {
  std::vector<Word> activations, weights;
};

template <class Word>
[[nodiscard]] FoldOperands<Word> cut_fold(const Layer& layer, const GemmPass& pass);

// The layer's sum at an output, in either number type.
template <class Word>
[[nodiscard]] inline SumOf<Word> sum_at(const Ofmap& sums, std::size_t at) {
  if constexpr (std::is_floating_point_v<Word>) {
    return static_cast<float>(sums.reals[at]);
  } else {
    return sums.sums[at];
  }
}

}  // namespace basil
