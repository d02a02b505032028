#include "traces/encodings/bitmap.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/error.h"
#include "traces/encodings/bits.h"
#include "traces/encodings/payload.h"
#include "traces/encodings/slice.h"

namespace basil {
namespace {

template <class T>
std::vector<T> pack(std::vector<T> dense, Operand& to) {
  bits::Words bitmap(bits::words(static_cast<std::int64_t>(dense.size())));
  std::vector<T> payload(dense.size());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < dense.size(); ++i) {
    const bool nonzero = dense[i] != T{};
    bitmap[i / 64] |= std::uint64_t{nonzero} << (i % 64);
    payload[kept] = dense[i];
    kept += nonzero ? 1 : 0;
  }
  payload.resize(kept);
  payload.shrink_to_fit();
  to.own = Bitmap{std::move(bitmap)};
  return payload;
}

template <class T>
void unpack(const Operand& from, std::vector<T>& dense) {
  const bits::Words& bitmap = from.parts<Bitmap>().bitmap;
  const T* next = payload_of<T>(from).data();
  for (std::size_t word = 0; word < bitmap.size(); ++word) {
    for (std::uint64_t bits = bitmap[word]; bits != 0; bits &= bits - 1)
      dense[word * 64 + static_cast<std::size_t>(std::countr_zero(bits))] = *next++;
  }
}

void check_no_stored_zero(const Operand& operand, const std::string& where) {
  if (payload_nonzeros(operand) == payload_size(operand)) return;
  const auto index =
      operand.is_real() ? std::find(operand.reals.begin(), operand.reals.end(), 0.0F) - operand.reals.begin()
                        : std::find(operand.values.begin(), operand.values.end(), 0) - operand.values.begin();
  throw Error(where + ".values", fmt::format("a stored zero at {}", index), "non-zeros only");
}

void check_bitmap(const Operand& operand, const std::string& where) {
  const bits::Words& bitmap = operand.parts<Bitmap>().bitmap;
  const std::int64_t positions = operand.extent.positions();
  if (bitmap.size() != bits::words(positions)) {
    throw Error(where + ".bitmap", fmt::format("{} words of 64 bits", bitmap.size()),
                fmt::format("{} for {} positions", bits::words(positions), positions));
  }
  if (!bits::tail_is_clear(bitmap, positions)) {
    throw Error(where + ".bitmap", fmt::format("a bit set past the last of {} positions", positions),
                "zeros there");
  }
  if (const std::int64_t set = bits::count(bitmap); set != payload_size(operand)) {
    throw Error(where + ".bitmap", fmt::format("{} bits set", set),
                fmt::format("one for each of the {} values", payload_size(operand)));
  }
  check_no_stored_zero(operand, where);
}

// The bits of a word from `first` on and before `last`, both within the word.
std::uint64_t masked(std::uint64_t word, std::int64_t first, std::int64_t last) {
  const std::uint64_t below = last >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << last) - 1;
  return word & below & (~std::uint64_t{0} << first);
}

class BitmapSlices final : public EncodedSlices {
 public:
  explicit BitmapSlices(const Operand& operand)
      : operand_(operand), bitmap_(operand.parts<Bitmap>().bitmap), ranks_(bitmap_.size() + 1) {
    for (std::size_t word = 0; word < bitmap_.size(); ++word)
      ranks_[word + 1] = ranks_[word] + std::popcount(bitmap_[word]);
  }

  void read(std::int64_t first, std::int64_t count, std::int16_t* out) const override {
    scatter(operand_.values, first, count, out);
  }
  void read(std::int64_t first, std::int64_t count, float* out) const override {
    scatter(operand_.reals, first, count, out);
  }
  [[nodiscard]] std::int64_t nonzeros(std::int64_t first, std::int64_t count) const override {
    return rank(first + count) - rank(first);
  }
  [[nodiscard]] std::int64_t encoded_bits(std::int64_t first, std::int64_t count) const override {
    return count + BitmapSlices::nonzeros(first, count) * bits_of(operand_.dtype);
  }

 private:
  // Values before a position.
  [[nodiscard]] std::int64_t rank(std::int64_t position) const {
    const auto word = static_cast<std::size_t>(position / 64);
    if (position % 64 == 0) return ranks_[word];
    return ranks_[word] + std::popcount(masked(bitmap_[word], 0, position % 64));
  }

  template <class T>
  void scatter(const std::vector<T>& payload, std::int64_t first, std::int64_t count, T* out) const {
    std::fill_n(out, count, T{});
    const T* next = payload.data() + rank(first);
    const std::int64_t last = first + count;
    for (std::int64_t word = first / 64; word * 64 < last; ++word) {
      const std::int64_t base = word * 64;
      std::uint64_t bits =
          masked(bitmap_[static_cast<std::size_t>(word)], std::max(first - base, std::int64_t{0}),
                 std::min(last - base, std::int64_t{64}));
      for (; bits != 0; bits &= bits - 1) out[base - first + std::countr_zero(bits)] = *next++;
    }
  }

  const Operand& operand_;
  const bits::Words& bitmap_;
  std::vector<std::int64_t> ranks_;  // values before each word
};

constexpr FmapCoder coder{
    .in_buffer = true,
    .bytes = [](std::int64_t values, std::int64_t positions,
                int word_bits) { return Bytes(ceil_div(values * word_bits + positions, 8)); },
    .bits_a_word = [](double nonzero, int word_bits) { return 1 + nonzero * word_bits; },
    .row = "bitmap_word",
    .component = "index",
    .use = "bitmap_word, coder, per position",
    .uses = [](Bytes, std::int64_t words, int) { return words; },
    .operators = [](double link_bits, int word_bits) { return std::ceil(link_bits / word_bits); },
    .operators_a_use = [](int word_bits) { return word_bits / 8.0; },
};

}  // namespace

const EncodingType bitmap_encoding{
    .name = "bitmap",
    .summary = "1 bit a position and the non-zeros",
    .pack = pack<std::int16_t>,
    .pack_reals = pack<float>,
    .unpack = unpack<std::int16_t>,
    .unpack_reals = unpack<float>,
    .check = check_bitmap,
    .bits = [](const Operand& operand) { return payload_bits(operand) + operand.extent.positions(); },
    .nonzeros = payload_nonzeros,
    .slices = [](const Operand& operand) -> std::unique_ptr<const EncodedSlices> {
      return std::make_unique<const BitmapSlices>(operand);
    },
    .nonzero_map = [](const Operand& operand, std::vector<std::uint64_t>&) -> const std::uint64_t* {
      return operand.parts<Bitmap>().bitmap.data();
    },
    .bits_by_count = [](std::int64_t positions, std::int64_t nonzeros,
                        int value_bits) { return positions + nonzeros * value_bits; },
    .write =
        [](const Operand& operand, PartWriter& file) {
          file.bits("bitmap", operand.parts<Bitmap>().bitmap, operand.extent.positions());
        },
    .read =
        [](Operand& operand, PartReader& file) {
          operand.parts<Bitmap>().bitmap = file.bits("bitmap", operand.extent.positions());
        },
    .values_implied = [](const Operand& operand) { return bits::count(operand.parts<Bitmap>().bitmap); },
    .values_are = "one value for each bit set in the bitmap",
    .fmap_coder = &coder,
};

}  // namespace basil
