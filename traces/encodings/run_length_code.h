// Feature maps as they leave a chip in the run-length code of Eyeriss (ISCA 2016, section V).
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/units.h"

namespace basil {

// Run-length coded feature maps as Eyeriss sends them: pairs of a 5-bit run of zeros and a level, as many
// pairs as fit 64 bits with an end flag, rows coded one by one, words filled channel by channel.
struct RunLengthCode {
  static constexpr int word_bits = 64;

  int run_bits = 5;
  int level_bits = 16;

  [[nodiscard]] constexpr int pairs_a_word() const {
    return std::max(1, (word_bits - 1) / (run_bits + level_bits));
  }
  [[nodiscard]] constexpr Bytes bytes(std::int64_t pairs) const {
    return Bytes(word_bits / 8 * ceil_div(pairs, pairs_a_word()));
  }
  // Room for pairs in so many bytes.
  [[nodiscard]] constexpr std::int64_t pairs_in(Bytes coded) const {
    return ceil_div(coded.value, word_bits / 8) * pairs_a_word();
  }
};

}  // namespace basil
