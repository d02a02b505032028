#include "traces/encodings/payload.h"

#include <algorithm>

namespace basil {
namespace {

template <class T>
std::int64_t count(const std::vector<T>& payload, std::int64_t first, std::int64_t end) {
  return std::count_if(payload.begin() + first, payload.begin() + end, [](T value) { return value != T{}; });
}

}  // namespace

std::int64_t payload_nonzeros(const Operand& operand) {
  return payload_nonzeros(operand, 0, payload_size(operand));
}

std::int64_t payload_nonzeros(const Operand& operand, std::int64_t first, std::int64_t end) {
  return operand.is_real() ? count(operand.reals, first, end) : count(operand.values, first, end);
}

}  // namespace basil
