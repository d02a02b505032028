#include "pe/basis_first/coefficients.h"

#include <algorithm>
#include <bit>

#include "traces/encodings/basis.h"

namespace basil::basis_first {
namespace {

// `count` (1 to 64) bits from a place on.
std::uint64_t bits_at(const std::vector<std::uint64_t>& words, std::int64_t place, int count) {
  const auto word = static_cast<std::size_t>(place / 64);
  const int offset = static_cast<int>(place % 64);
  std::uint64_t bits = words[word] >> offset;
  if (offset + count > 64) bits |= words[word + 1] << (64 - offset);
  return bits & (~std::uint64_t{0} >> (64 - count));
}

}  // namespace

CoefficientReader::CoefficientReader(const Operand& operand)
    : operand_(operand), ranks_(operand.parts<Basis>().bitmap.size() + 1) {
  for (std::size_t word = 0; word < operand.parts<Basis>().bitmap.size(); ++word) {
    ranks_[word + 1] = ranks_[word] + std::popcount(operand.parts<Basis>().bitmap[word]);
  }
}

std::int64_t CoefficientReader::nonzeros_before(std::int64_t coefficients) const {
  const std::int64_t word = coefficients / 64;
  const int rest = static_cast<int>(coefficients % 64);
  const std::int64_t before = ranks_[static_cast<std::size_t>(word)];
  return rest == 0 ? before
                   : before + std::popcount(bits_at(operand_.parts<Basis>().bitmap, word * 64, rest));
}

void CoefficientReader::read(int filter, int basis, int lanes, CoefficientRow& row) const {
  row.plus.clear();
  row.minus.clear();
  row.map.clear();
  const int depth = operand_.extent.depth;
  const std::int64_t first = (std::int64_t{filter} * operand_.parts<Basis>().bases + basis) * depth;
  std::int64_t rank = nonzeros_before(first);
  for (int channel = 0; channel < depth; channel += lanes) {
    const std::uint64_t map =
        bits_at(operand_.parts<Basis>().bitmap, first + channel, std::min(lanes, depth - channel));
    row.map.push_back(map);
    for (std::uint64_t bits = map; bits != 0; bits &= bits - 1, ++rank) {
      const bool negative =
          (operand_.parts<Basis>().signs[static_cast<std::size_t>(rank / 64)] >> (rank % 64) & 1U) != 0;
      (negative ? row.minus : row.plus).push_back(channel + std::countr_zero(bits));
    }
  }
}

}  // namespace basil::basis_first
