#include "traces/encodings/slice.h"

#include <algorithm>

#include "core/error.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

// What any encoding can do: the whole decoded once. Bits are the stretch's share of all.
class DecodedSlices final : public EncodedSlices {
 public:
  explicit DecodedSlices(const Operand& operand) : operand_(operand) {
    if (operand.is_real())
      reals_ = decode_real(operand);
    else
      values_ = decode(operand);
  }

  void read(std::int64_t first, std::int64_t count, std::int16_t* out) const override {
    std::copy_n(values_.begin() + first, count, out);
  }
  void read(std::int64_t first, std::int64_t count, float* out) const override {
    std::copy_n(reals_.begin() + first, count, out);
  }
  [[nodiscard]] std::int64_t nonzeros(std::int64_t first, std::int64_t count) const override {
    const auto of = [&](const auto& dense) {
      return count - std::count(dense.begin() + first, dense.begin() + first + count, 0);
    };
    return operand_.is_real() ? of(reals_) : of(values_);
  }
  [[nodiscard]] std::int64_t encoded_bits(std::int64_t, std::int64_t count) const override {
    return ceil_div(basil::encoded_bits(operand_) * count, operand_.extent.positions());
  }

 private:
  const Operand& operand_;
  std::vector<std::int16_t> values_;
  std::vector<float> reals_;
};

std::shared_ptr<const EncodedSlices> slices_of(const Operand& operand) {
  if (operand.encoding->slices != nullptr) return operand.encoding->slices(operand);
  if (operand.encoding->only_weights) return std::make_shared<const FilterSlices>(operand);
  return std::make_shared<const DecodedSlices>(operand);
}

}  // namespace

void EncodedSlices::read_terms(std::int64_t, std::int64_t, int, int, std::int16_t*) const {
  throw Error("slice", "an encoding without terms", "one whose weights are sums of terms");
}

void FilterSlices::refuse() const {
  throw Error("slice", std::string(to_string(operand_.encoding)) + " encoding",
              "one that holds position after position");
}

void FilterSlices::read(std::int64_t, std::int64_t, std::int16_t*) const { refuse(); }
void FilterSlices::read(std::int64_t, std::int64_t, float*) const { refuse(); }
std::int64_t FilterSlices::nonzeros(std::int64_t, std::int64_t) const { refuse(); }

std::int64_t FilterSlices::filter_bits(int filter) const {
  const auto before = operand_.encoding->bits_before;
  return before(operand_, filter + 1) - before(operand_, filter);
}

std::int64_t FilterSlices::encoded_bits(std::int64_t first, std::int64_t count) const {
  const std::int64_t filter = operand_.extent.positions() / operand_.extent.outer;
  std::int64_t bits = 0;
  while (count > 0) {
    const std::int64_t length = std::min(count, filter - first % filter);
    bits += ceil_div(filter_bits(static_cast<int>(first / filter)) * length, filter);
    first += length;
    count -= length;
  }
  return bits;
}

SliceReader::SliceReader(const Operand& operand) : operand_(operand), slices_(slices_of(operand)) {}

}  // namespace basil
