// Encoding `bitmap`: one bit a position, non-zeros packed.
#include <fmt/format.h>

#include <bit>
#include <numeric>

#include "core/error.h"
#include "traces/encodings/encodings.h"

namespace basil::bitmap {

std::int64_t set_before(const std::vector<std::uint64_t>& bits, std::int64_t count) {
  std::int64_t set = 0;
  for (std::int64_t word = 0; word < count / 64; ++word)
    set += std::popcount(bits[static_cast<std::size_t>(word)]);
  if (count % 64 == 0) return set;
  return set +
         std::popcount(bits[static_cast<std::size_t>(count / 64)] & ((std::uint64_t{1} << (count % 64)) - 1));
}

template <class T>
std::vector<T> pack(const std::vector<T>& dense, Operand& to) {
  to.bitmap.assign(words(static_cast<std::int64_t>(dense.size())), 0);
  std::vector<T> payload(dense.size());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < dense.size(); ++i) {
    const bool nonzero = dense[i] != T{};
    to.bitmap[i / 64] |= std::uint64_t{nonzero} << (i % 64);
    payload[kept] = dense[i];
    kept += nonzero ? 1 : 0;
  }
  payload.resize(kept);
  payload.shrink_to_fit();
  return payload;
}

template <class T>
void unpack(const Operand& from, std::vector<T>& dense) {
  const T* next = payload_of<T>(from).data();
  for (std::size_t word = 0; word < from.bitmap.size(); ++word) {
    for (std::uint64_t bits = from.bitmap[word]; bits != 0; bits &= bits - 1) {
      dense[word * 64 + static_cast<std::size_t>(std::countr_zero(bits))] = *next++;
    }
  }
}

void check(const Operand& operand, const std::string& where) {
  const std::int64_t positions = operand.extent.positions();
  if (operand.bitmap.size() != words(positions)) {
    throw Error(where + ".bitmap", fmt::format("{} words of 64 bits", operand.bitmap.size()),
                fmt::format("{} for {} positions", words(positions), positions));
  }
  if (positions % 64 != 0 && operand.bitmap.back() >> (positions % 64) != 0) {
    throw Error(where + ".bitmap", fmt::format("a bit set past the last of {} positions", positions),
                "zeros there");
  }
  const auto set =
      std::accumulate(operand.bitmap.begin(), operand.bitmap.end(), std::int64_t{0},
                      [](std::int64_t sum, std::uint64_t bits) { return sum + std::popcount(bits); });
  if (set != payload_size(operand)) {
    throw Error(where + ".bitmap", fmt::format("{} bits set", set),
                fmt::format("one for each of the {} values", payload_size(operand)));
  }
}

template std::vector<std::int16_t> pack(const std::vector<std::int16_t>&, Operand&);
template std::vector<float> pack(const std::vector<float>&, Operand&);
template void unpack(const Operand&, std::vector<std::int16_t>&);
template void unpack(const Operand&, std::vector<float>&);

}  // namespace basil::bitmap
