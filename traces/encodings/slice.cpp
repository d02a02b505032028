#include "traces/encodings/slice.h"

#include <algorithm>
#include <bit>

#include "core/error.h"
#include "traces/encodings/encodings.h"
#include "traces/encodings/names.h"

namespace basil {
namespace {

// The bits of a word from `first` on and before `last`, both within the word.
std::uint64_t masked(std::uint64_t word, std::int64_t first, std::int64_t last) {
  const std::uint64_t below = last >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << last) - 1;
  return word & below & (~std::uint64_t{0} << first);
}

std::vector<std::int64_t> ranks(const std::vector<std::uint64_t>& bitmap) {
  std::vector<std::int64_t> index(bitmap.size() + 1);
  for (std::size_t word = 0; word < bitmap.size(); ++word) {
    index[word + 1] = index[word] + std::popcount(bitmap[word]);
  }
  return index;
}

std::vector<std::int64_t> pair_positions(const std::vector<std::uint16_t>& runs) {
  std::vector<std::int64_t> index(runs.size());
  std::int64_t position = -1;
  for (std::size_t pair = 0; pair < runs.size(); ++pair) {
    position += runs[pair] + 1;
    index[pair] = position;
  }
  return index;
}

template <class T>
std::int64_t count_nonzeros(const std::vector<T>& payload, std::int64_t first, std::int64_t last) {
  return std::count_if(payload.begin() + first, payload.begin() + last, [](T value) { return value != T{}; });
}

}  // namespace

SliceReader::SliceReader(const Operand& operand) : operand_(operand) {
  if (operand.encoding == Encoding::bitmap) index_ = ranks(operand.bitmap);
  if (operand.encoding == Encoding::run_length) index_ = pair_positions(operand.runs);
  if (operand.encoding == Encoding::power_of_two) index_ = power_of_two::starts(operand);
}

std::int64_t SliceReader::payload_at(std::int64_t position) const {
  switch (operand_.encoding) {
    case Encoding::dense:
      return position;
    case Encoding::bitmap: {
      const auto word = static_cast<std::size_t>(position / 64);
      if (position % 64 == 0) return index_[word];
      return index_[word] + std::popcount(masked(operand_.bitmap[word], 0, position % 64));
    }
    case Encoding::run_length:
      return std::lower_bound(index_.begin(), index_.end(), position) - index_.begin();
    default:
      throw Error("slice", std::string(to_string(operand_.encoding)) + " encoding",
                  "one that holds position after position");
  }
}

template <class T>
void SliceReader::read_from(const std::vector<T>& payload, std::int64_t first, std::int64_t count,
                            T* out) const {
  if (operand_.encoding == Encoding::dense) {
    std::copy_n(payload.begin() + first, count, out);
    return;
  }
  std::fill_n(out, count, T{});
  const T* next = payload.data() + payload_at(first);
  const std::int64_t last = first + count;
  if (operand_.encoding == Encoding::run_length) {
    const std::int64_t end = payload_at(last);
    for (std::int64_t pair = next - payload.data(); pair < end; ++pair) {
      out[index_[static_cast<std::size_t>(pair)] - first] = *next++;
    }
    return;
  }
  for (std::int64_t word = first / 64; word * 64 < last; ++word) {
    const std::int64_t base = word * 64;
    std::uint64_t bits =
        masked(operand_.bitmap[static_cast<std::size_t>(word)], std::max(first - base, std::int64_t{0}),
               std::min(last - base, std::int64_t{64}));
    for (; bits != 0; bits &= bits - 1) out[base - first + std::countr_zero(bits)] = *next++;
  }
}

// Plane after plane of each filter the stretch touches.
void SliceReader::read_terms(std::int64_t first, std::int64_t count, int first_term, int last_term,
                             std::int16_t* out) const {
  const std::int64_t filter = operand_.extent.positions() / operand_.extent.outer;
  std::fill_n(out, count, std::int16_t{0});
  while (count > 0) {
    const std::int64_t offset = first % filter, length = std::min(count, filter - offset);
    const auto k = static_cast<std::size_t>(first / filter);
    for (int term = first_term; term < std::min<int>(last_term, operand_.terms[k]); ++term) {
      const std::int16_t* codes = operand_.values.data() + index_[k] + term * filter + offset;
      for (std::int64_t i = 0; i < length; ++i) {
        out[i] = static_cast<std::int16_t>(out[i] + power_of_two::value_of(codes[i]));
      }
    }
    first += length;
    count -= length;
    out += length;
  }
}

void SliceReader::read(std::int64_t first, std::int64_t count, std::int16_t* out) const {
  if (operand_.encoding == Encoding::power_of_two)
    return read_terms(first, count, 0, power_of_two::greatest_terms, out);
  read_from(operand_.values, first, count, out);
}

void SliceReader::read(std::int64_t first, std::int64_t count, float* out) const {
  read_from(operand_.reals, first, count, out);
}

std::int64_t SliceReader::nonzeros(std::int64_t first, std::int64_t count) const {
  const std::int64_t begin = payload_at(first);
  const std::int64_t end = payload_at(first + count);
  if (operand_.encoding == Encoding::bitmap) return end - begin;
  return operand_.is_real() ? count_nonzeros(operand_.reals, begin, end)
                            : count_nonzeros(operand_.values, begin, end);
}

std::int64_t SliceReader::encoded_bits(std::int64_t first, std::int64_t count) const {
  if (only_weights(operand_.encoding)) return weight_bits(first, count);
  const int bits = bits_of(operand_.dtype);
  if (operand_.encoding == Encoding::dense) return count * bits;
  if (operand_.encoding == Encoding::bitmap) return count + nonzeros(first, count) * bits;
  const std::int64_t end = payload_at(first + count);
  std::int64_t pairs = 0;
  std::int64_t zeros_from = first;
  for (std::int64_t pair = payload_at(first); pair < end; ++pair) {
    const auto at = static_cast<std::size_t>(pair);
    if (operand_.is_real() ? operand_.reals[at] == 0.0F : operand_.values[at] == 0) continue;
    pairs += run_length::pairs_for(index_[at] - zeros_from, operand_.run_bits);
    zeros_from = index_[at] + 1;
  }
  return pairs * (bits + operand_.run_bits);
}

// The share of each filter in proportion: exact for whole filters, and for any stretch of a power of two.
std::int64_t SliceReader::weight_bits(std::int64_t first, std::int64_t count) const {
  const std::int64_t filter = operand_.extent.positions() / operand_.extent.outer;
  std::int64_t bits = 0;
  while (count > 0) {
    const std::int64_t length = std::min(count, filter - first % filter);
    const auto k = static_cast<int>(first / filter);
    // A power of two's index says what filter_bits would count anew.
    const auto at = static_cast<std::size_t>(k);
    const std::int64_t of_filter =
        operand_.encoding == Encoding::power_of_two
            ? (index_[at + 1] - index_[at]) * power_of_two::bits_a_term + power_of_two::bits_of_terms
            : filter_bits(operand_, k, k + 1);
    bits += ceil_div(of_filter * length, filter);
    first += length;
    count -= length;
  }
  return bits;
}

}  // namespace basil
