// Encoding `binary`: one sign bit a weight, one threshold an ifmap channel.
#include <fmt/format.h>

#include "core/error.h"
#include "traces/encodings/encodings.h"
#include "traces/encodings/names.h"

namespace basil::binary {

void unpack(const Operand& from, std::vector<std::int16_t>& dense) {
  for (std::size_t i = 0; i < dense.size(); ++i)
    dense[i] = (from.bitmap[i / 64] >> (i % 64) & 1U) != 0 ? 1 : -1;
}

void check(const Operand& operand, const std::string& where) {
  const std::int64_t positions = operand.extent.positions();
  if (operand.dtype != Dtype::int16) {
    throw Error(where + ".dtype", std::string(to_string(operand.dtype)), "int16 thresholds");
  }
  if (operand.bitmap.size() != bitmap::words(positions)) {
    throw Error(where + ".bitmap", fmt::format("{} words of 64 bits", operand.bitmap.size()),
                fmt::format("{} for {} positions", bitmap::words(positions), positions));
  }
  if (positions % 64 != 0 && operand.bitmap.back() >> (positions % 64) != 0) {
    throw Error(where + ".bitmap", fmt::format("a bit set past the last of {} positions", positions),
                "zeros there");
  }
  if (payload_size(operand) != operand.extent.depth) {
    throw Error(where + ".values", fmt::format("{} thresholds", payload_size(operand)),
                fmt::format("one for each of the {} channels", operand.extent.depth));
  }
}

std::int64_t bits_before(const Operand& operand, int filter) {
  if (filter == 0) return 0;
  return operand.extent.positions() / operand.extent.outer * filter +
         payload_size(operand) * bits_of(operand.dtype);
}

}  // namespace basil::binary
