// Encoding `basis`: M shared basis kernels and ternary coefficients.
#include <fmt/format.h>

#include <bit>

#include "core/error.h"
#include "traces/encodings/encodings.h"
#include "traces/encodings/limits.h"
#include "traces/encodings/names.h"

namespace basil::basis {
namespace {

bool tail_is_clear(const std::vector<std::uint64_t>& bits, std::int64_t count) {
  return count % 64 == 0 || bits.back() >> (count % 64) == 0;
}

}  // namespace

std::vector<std::int16_t> coefficients(const Operand& operand) {
  std::vector<std::int16_t> all(static_cast<std::size_t>(coefficient_count(operand)));
  std::size_t rank = 0;
  for (std::size_t word = 0; word < operand.bitmap.size(); ++word) {
    for (std::uint64_t bits = operand.bitmap[word]; bits != 0; bits &= bits - 1, ++rank) {
      const bool negative = (operand.signs[rank / 64] >> (rank % 64) & 1U) != 0;
      all[word * 64 + static_cast<std::size_t>(std::countr_zero(bits))] = negative ? -1 : 1;
    }
  }
  return all;
}

void unpack(const Operand& from, std::vector<std::int16_t>& dense) {
  const std::vector<std::int16_t> ternary = coefficients(from);
  const Extent& e = from.extent;
  const std::int64_t kernel = std::int64_t{e.rows} * e.cols;
  const std::int16_t* row = ternary.data();
  for (int k = 0; k < e.outer; ++k) {
    for (int m = 0; m < from.bases; ++m, row += e.depth) {
      for (std::int64_t tap = 0; tap < kernel; ++tap) {
        const std::int16_t weight = from.values[static_cast<std::size_t>(m * kernel + tap)];
        std::int16_t* out = dense.data() + (k * kernel + tap) * e.depth;
        for (int c = 0; c < e.depth; ++c) out[c] = static_cast<std::int16_t>(out[c] + row[c] * weight);
      }
    }
  }
}

void check(const Operand& operand, const std::string& where) {
  const Extent& e = operand.extent;
  if (operand.bases < 1 || operand.bases > greatest_bases) {
    throw Error(where + ".bases", std::to_string(operand.bases), fmt::format("1 to {}", greatest_bases));
  }
  if (operand.dtype != Dtype::int8) {
    throw Error(where + ".dtype", std::string(to_string(operand.dtype)), "int8 basis kernels");
  }
  check_positions({e.outer, operand.bases, e.depth}, where + ".bases");
  if (payload_size(operand) != std::int64_t{operand.bases} * e.rows * e.cols) {
    throw Error(where + ".values", fmt::format("{} values", payload_size(operand)),
                fmt::format("{} kernels of {} x {}", operand.bases, e.rows, e.cols));
  }
  const std::int64_t count = coefficient_count(operand);
  if (operand.bitmap.size() != bitmap::words(count)) {
    throw Error(where + ".bitmap", fmt::format("{} words of 64 bits", operand.bitmap.size()),
                fmt::format("{} for {} coefficients", bitmap::words(count), count));
  }
  if (!tail_is_clear(operand.bitmap, count)) {
    throw Error(where + ".bitmap", fmt::format("a bit set past the last of {} coefficients", count),
                "zeros there");
  }
  const std::int64_t set = bitmap::set_before(operand.bitmap, count);
  if (operand.signs.size() != bitmap::words(set) || !tail_is_clear(operand.signs, set)) {
    throw Error(where + ".signs",
                fmt::format("{} words of 64 bits, or bits past the last", operand.signs.size()),
                fmt::format("one bit for each of the {} coefficients set", set));
  }
}

std::int64_t bits_before(const Operand& operand, int filter) {
  if (filter == 0) return 0;
  const std::int64_t maps = std::int64_t{filter} * operand.bases * operand.extent.depth;
  return payload_size(operand) * bits_of(operand.dtype) + maps + bitmap::set_before(operand.bitmap, maps);
}

}  // namespace basil::basis
