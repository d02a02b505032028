// The number types a multiply-accumulate unit works on.
#pragma once

#include <cstdint>
#include <type_traits>

namespace basil {

// What words are summed in: integers exactly in 64 bits, fp32 in fp32.
template <class Word>
using SumOf = std::conditional_t<std::is_floating_point_v<Word>, float, std::int64_t>;

template <class Word>
[[nodiscard]] constexpr SumOf<Word> multiply(Word a, Word b) {
  return static_cast<SumOf<Word>>(a) * static_cast<SumOf<Word>>(b);
}

}  // namespace basil
