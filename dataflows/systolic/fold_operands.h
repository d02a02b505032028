// Cutting a fold's slices out of the encoded operands, for the clocked grid.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/pass.h"
#include "traces/trace.h"

namespace basil {

// Operands of a fold: activations pixels x reduction, weights reduction x filters.
template <class Word>
struct FoldOperands {
  std::vector<Word> activations, weights;
};

template <class Word>
[[nodiscard]] FoldOperands<Word> cut_fold(const Layer& layer, const GemmPass& pass);

// By PE of a grid `cols` wide, which holds weights or sums: the products that neither operand makes zero.
template <class Word>
[[nodiscard]] std::vector<std::int64_t> effectual_work(const FoldOperands<Word>& operands,
                                                       const GemmPass& pass, int cols, bool holds_sums);

}  // namespace basil
