// Words and sums of a pass as a clocked array takes and gives them, in either number type.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "pe/mac/number.h"
#include "traces/encodings/slice.h"
#include "traces/golden/golden.h"
#include "traces/trace.h"

namespace basil {

// The ifmap word at (n, y, x, channel), zero on padding.
template <class Word>
[[nodiscard]] inline Word ifmap_word(const SliceReader& reader, const LayerShape& shape, int n, int y, int x,
                                     int channel) {
  Word word{};
  if (y >= 0 && y < shape.H && x >= 0 && x < shape.W)
    reader.read(reader.operand().extent.at(n, y, x, channel), 1, &word);
  return word;
}

// Words that are not zero in every `stride`th run of `run` words, of `runs` of them from `first` on.
template <class Word>
[[nodiscard]] inline std::int64_t nonzeros(std::span<const Word> words, std::int64_t first, std::int64_t run,
                                           std::int64_t stride, std::int64_t runs) {
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < runs; ++i) {
    const auto of_run =
        words.subspan(static_cast<std::size_t>(first + i * stride), static_cast<std::size_t>(run));
    count += std::count_if(of_run.begin(), of_run.end(), [](Word word) { return word != Word{}; });
  }
  return count;
}

// The layer's sum at an output, in either number type.
template <class Word>
[[nodiscard]] inline SumOf<Word> sum_at(const Ofmap& sums, std::size_t at) {
  if constexpr (std::is_floating_point_v<Word>) {
    return static_cast<float>(sums.reals[at]);
  } else {
    return sums.sums[at];
  }
}

// Replaces an output's sum, or starts it from the bias.
template <class Word>
inline void put_sum(const Layer& layer, Ofmap& sums, std::size_t at, int k, SumOf<Word> sum, bool first) {
  const auto filter = static_cast<std::size_t>(k);
  if constexpr (std::is_floating_point_v<Word>) {
    sums.reals[at] = static_cast<double>(sum) +
                     (first && !layer.bias_real.empty() ? static_cast<double>(layer.bias_real[filter]) : 0.0);
  } else {
    sums.sums[at] = sum + (first && !layer.bias.empty() ? layer.bias[filter] : 0);
  }
}

}  // namespace basil
