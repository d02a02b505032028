// Encoding `comparator`: taps compared with a pivot, then a pointwise stage of signed powers of two.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "core/error.h"
#include "traces/encodings/encodings.h"
#include "traces/encodings/names.h"

namespace basil::comparator {

void unpack(const Operand& from, std::vector<std::int16_t>& dense) {
  const Extent& e = from.extent;
  const int places = from.taps + 1;
  for (int k = 0; k < e.outer; ++k) {
    for (int c = 0; c < e.depth; ++c) {
      const int pivot = from.offsets[static_cast<std::size_t>(c * places)];
      dense[static_cast<std::size_t>(e.at(k, pivot / e.cols, pivot % e.cols, c))] = static_cast<std::int16_t>(
          power_of_two::value_of(from.values[static_cast<std::size_t>(k * e.depth + c)]));
    }
  }
}

void check(const Operand& operand, const std::string& where) {
  const Extent& e = operand.extent;
  const std::int64_t window = std::int64_t{e.rows} * e.cols;
  if (operand.dtype != Dtype::int4) {
    throw Error(where + ".dtype", std::string(to_string(operand.dtype)), "int4: a sign and a 3-bit exponent");
  }
  if (window > 256)
    throw Error(where + ".extent", fmt::format("a window of {}", window), "at most 256 places");
  const std::int64_t most = std::min<std::int64_t>(greatest_taps, window - 1);
  if (operand.taps < 1 || operand.taps > most) {
    throw Error(where + ".taps", std::to_string(operand.taps),
                most < 1 ? "a window of at least two places" : fmt::format("1 to {}", most));
  }
  if (operand.offsets.size() !=
      static_cast<std::size_t>(e.depth) * static_cast<std::size_t>(operand.taps + 1)) {
    throw Error(where + ".offsets", fmt::format("{} offsets", operand.offsets.size()),
                fmt::format("{} for each of {} channels", operand.taps + 1, e.depth));
  }
  const auto outside = std::find_if(operand.offsets.begin(), operand.offsets.end(),
                                    [=](std::uint8_t offset) { return offset >= window; });
  if (outside != operand.offsets.end()) {
    throw Error(where + ".offsets", fmt::format("{} at {}", *outside, outside - operand.offsets.begin()),
                fmt::format("0 to {}, places of the window", window - 1));
  }
  if (payload_size(operand) != std::int64_t{e.outer} * e.depth) {
    throw Error(where + ".values", fmt::format("{} codes", payload_size(operand)),
                fmt::format("{} x {} of the pointwise stage", e.outer, e.depth));
  }
  const auto low = std::find(operand.values.begin(), operand.values.end(), -power_of_two::greatest_code - 1);
  if (low != operand.values.end()) {
    throw Error(where + ".values", fmt::format("code {} at {}", *low, low - operand.values.begin()),
                "-7 to 7");
  }
}

std::int64_t bits_before(const Operand& operand, int filter) {
  if (filter == 0) return 0;
  const Extent& e = operand.extent;
  const auto offset_bits =
      static_cast<std::int64_t>(std::bit_width(static_cast<unsigned>(e.rows * e.cols - 1)));
  return static_cast<std::int64_t>(operand.offsets.size()) * offset_bits +
         std::int64_t{filter} * e.depth * power_of_two::bits_a_term;
}

}  // namespace basil::comparator
