// Encoding `dense`: a value for every position.

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/vectorised.h"
#include "traces/encodings/bits.h"
#include "traces/encodings/payload.h"
#include "traces/encodings/slice.h"

namespace basil {
namespace {

class DenseSlices final : public EncodedSlices {
 public:
  explicit DenseSlices(const Operand& operand) : operand_(operand) {}

  void read(std::int64_t first, std::int64_t count, std::int16_t* out) const override {
    std::copy_n(operand_.values.begin() + first, count, out);
  }
  void read(std::int64_t first, std::int64_t count, float* out) const override {
    std::copy_n(operand_.reals.begin() + first, count, out);
  }
  [[nodiscard]] std::int64_t nonzeros(std::int64_t first, std::int64_t count) const override {
    return payload_nonzeros(operand_, first, first + count);
  }
  [[nodiscard]] std::int64_t encoded_bits(std::int64_t, std::int64_t count) const override {
    return count * bits_of(operand_.dtype);
  }

 private:
  const Operand& operand_;
};

template <class T>
std::vector<T> pack(std::vector<T> dense, Operand& to) {
  to.own = {};
  return dense;
}

void check_values(const Operand& operand, const std::string& where) {
  if (!operand.own.empty()) refuse_parts(operand.encoding);
  if (payload_size(operand) == operand.extent.positions()) return;
  throw Error(where + ".values", fmt::format("{} values", payload_size(operand)),
              fmt::format("{}, one a position", operand.extent.positions()));
}

BASIL_VECTORISED
void map_values(const std::int16_t* values, std::int64_t count, std::uint64_t* map) {
  constexpr std::int64_t word_bits = 64;
  for (std::int64_t first = 0; first < count; first += word_bits) {
    const std::int64_t bits = std::min(word_bits, count - first);
    std::uint64_t word = 0;
    for (std::int64_t bit = 0; bit < bits; ++bit) word |= std::uint64_t{values[first + bit] != 0} << bit;
    map[first / word_bits] = word;
  }
}

const std::uint64_t* nonzero_map(const Operand& operand, std::vector<std::uint64_t>& packed) {
  const std::int64_t positions = operand.extent.positions();
  packed.assign(bits::words(positions), 0);
  map_values(operand.values.data(), positions, packed.data());
  return packed.data();
}

}  // namespace

const EncodingType dense_encoding{
    .name = "dense",
    .summary = "every value, int4/8/16 or fp32",
    .tensor = true,
    .pack = pack<std::int16_t>,
    .pack_reals = pack<float>,
    .check = check_values,
    .bits = payload_bits,
    .nonzeros = payload_nonzeros,
    .slices = [](const Operand& operand) -> std::unique_ptr<const EncodedSlices> {
      return std::make_unique<const DenseSlices>(operand);
    },
    .nonzero_map = nonzero_map,
    .bits_by_count = [](std::int64_t positions, std::int64_t,
                        int value_bits) { return positions * value_bits; },
    .values_implied = [](const Operand& operand) { return operand.extent.positions(); },
};

}  // namespace basil
