// Feature maps as they leave a chip in the run-length code of Eyeriss (ISCA 2016, section V).
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/units.h"

namespace basil {

// Run-length coded feature maps as Eyeriss sends them: pairs of a 5-bit run of zeros and a level, as many
// pairs as fit 64 bits with an end flag, rows coded one by one, words filled channel by channel.
struct RunLengthCode {
  int run_bits = 5;
  int level_bits = 16;

  [[nodiscard]] int pairs_a_word() const { return std::max(1, 63 / (run_bits + level_bits)); }
  [[nodiscard]] Bytes bytes(std::int64_t pairs) const { return Bytes(8 * ceil_div(pairs, pairs_a_word())); }
};

}  // namespace basil
