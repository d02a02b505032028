// An operand's values, integers and reals alike. T is std::int16_t or float.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/encodings/operand.h"

namespace basil {

template <class T>
[[nodiscard]] inline const std::vector<T>& payload_of(const Operand& operand);
template <>
[[nodiscard]] inline const std::vector<std::int16_t>& payload_of(const Operand& operand) {
  return operand.values;
}
template <>
[[nodiscard]] inline const std::vector<float>& payload_of(const Operand& operand) {
  return operand.reals;
}

[[nodiscard]] inline std::int64_t payload_size(const Operand& operand) {
  return static_cast<std::int64_t>(operand.is_real() ? operand.reals.size() : operand.values.size());
}
[[nodiscard]] inline std::int64_t payload_bits(const Operand& operand) {
  return payload_size(operand) * bits_of(operand.dtype);
}

// Values that are not zero: of all, and from `first` on before `end`.
[[nodiscard]] std::int64_t payload_nonzeros(const Operand& operand);
[[nodiscard]] std::int64_t payload_nonzeros(const Operand& operand, std::int64_t first, std::int64_t end);

// Of filters, or of places, that hold `size` values each: these of them, in this order.
template <class T>
[[nodiscard]] std::vector<T> chosen(const std::vector<T>& from, std::size_t size,
                                    std::span<const int> which) {
  std::vector<T> to;
  to.reserve(size * which.size());
  for (const int k : which) {
    const auto first = from.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(k) * size);
    to.insert(to.end(), first, first + static_cast<std::ptrdiff_t>(size));
  }
  return to;
}

// Of values that lie `depth` by `depth`: a stretch of each.
template <class T>
[[nodiscard]] std::vector<T> stretches(const std::vector<T>& from, int depth, Range stretch) {
  std::vector<T> to;
  to.reserve(from.size() / static_cast<std::size_t>(depth) * static_cast<std::size_t>(stretch.size()));
  for (auto place = from.begin(); place != from.end(); place += depth)
    to.insert(to.end(), place + stretch.first, place + stretch.end);
  return to;
}

}  // namespace basil
