#include "pe/sparse_inner/masks.h"

#include <algorithm>
#include <bit>

#include "core/vectorised.h"

namespace basil {
namespace {

inline constexpr std::int64_t word_bits = 64;

BASIL_VECTORISED
void pack(const std::int16_t* values, std::int64_t count, std::uint64_t* out) {
  for (std::int64_t first = 0; first < count; first += word_bits) {
    const std::int64_t bits = std::min(word_bits, count - first);
    std::uint64_t word = 0;
    for (std::int64_t bit = 0; bit < bits; ++bit) { word |= std::uint64_t{values[first + bit] != 0} << bit; }
    out[first / word_bits] = word;
  }
}

std::vector<std::uint64_t> pack_all(const SliceReader& reader) {
  if (reader.operand().encoding == Encoding::bitmap) return {};
  const std::int64_t positions = reader.operand().extent.positions();
  constexpr std::int64_t piece = 64 * word_bits;
  std::vector<std::uint64_t> packed(static_cast<std::size_t>(ceil_div(positions, word_bits)));
  std::vector<std::int16_t> values(piece);
  for (std::int64_t first = 0; first < positions; first += piece) {
    const std::int64_t count = std::min(piece, positions - first);
    reader.read(first, count, values.data());
    pack(values.data(), count, packed.data() + first / word_bits);
  }
  return packed;
}

// Taps along one axis whose ifmap place is not on padding: how often each place is read by the pixels.
std::vector<std::int64_t> times_read(Range pixels, int taps, int stride, int pad, int dilation, int places) {
  std::vector<std::int64_t> times(static_cast<std::size_t>(places));
  for (int pixel = pixels.first; pixel < pixels.end; ++pixel) {
    for (int tap = 0; tap < taps; ++tap) {
      const int place = pixel * stride - pad + tap * dilation;
      if (place >= 0 && place < places) ++times[static_cast<std::size_t>(place)];
    }
  }
  return times;
}

}  // namespace

NonzeroMap::NonzeroMap(const SliceReader& reader)
    : packed_(pack_all(reader)), words_(packed_.empty() ? reader.operand().bitmap.data() : packed_.data()) {}

void NonzeroMap::copy(std::int64_t first, std::int64_t count, std::uint64_t* out, std::int64_t at) const {
  while (count > 0) {
    const std::int64_t into = at % word_bits, from = first % word_bits;
    const std::int64_t bits = std::min(count, word_bits - into);
    const std::uint64_t* word = words_ + first / word_bits;
    std::uint64_t piece = word[0] >> from;
    if (from + bits > word_bits) piece |= word[1] << (word_bits - from);
    if (bits < word_bits) piece &= (std::uint64_t{1} << bits) - 1;
    out[at / word_bits] |= piece << into;
    first += bits;
    at += bits;
    count -= bits;
  }
}

std::vector<std::uint64_t> ones(std::int64_t positions) {
  std::vector<std::uint64_t> words(static_cast<std::size_t>(ceil_div(positions, word_bits)),
                                   ~std::uint64_t{0});
  if (positions % word_bits != 0) words.back() = (std::uint64_t{1} << (positions % word_bits)) - 1;
  return words;
}

BASIL_VECTORISED
std::int64_t count_ones(const std::uint64_t* words, std::int64_t count) {
  std::int64_t total = 0;
  for (std::int64_t word = 0; word < count; ++word) total += std::popcount(words[word]);
  return total;
}

PatchMasks::PatchMasks(const Layer& layer)
    : layer_(layer),
      ifmap_(layer.ifmap),
      map_(ifmap_),
      words_(ceil_div(layer.shape.reduction(), word_bits)) {}

void PatchMasks::gather(const TilePass& pass) {
  TilePass tile = pass;
  tile.filters = {};
  if (held_ && tile == pass_) return;
  held_ = true;
  pass_ = tile;

  const int columns = layer_.shape.Q();
  pixels_ = std::int64_t{pass.n.size()} * pass.rows.size() * columns;
  masks_.assign(static_cast<std::size_t>(pixels_ * words_), 0);
  std::uint64_t* out = masks_.data();
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    for (int p = pass.rows.first; p < pass.rows.end; ++p) {
      for (int q = 0; q < columns; ++q, out += words_) gather_patch(n, p, q, pass.group, out);
    }
  }
  nonzeros_ = count_ones(masks_.data(), pixels_ * words_);
  count_bits(pass);
}

void PatchMasks::gather_patch(int n, int p, int q, int group, std::uint64_t* out) const {
  const LayerShape& s = layer_.shape;
  const Extent& extent = layer_.ifmap.extent;
  const std::int64_t depth = s.channels_per_group();
  const int channel = group * s.channels_per_group();
  const int left = q * s.stride_x - s.pad_left;
  const int first = left >= 0 ? 0 : (-left + s.dilation_x - 1) / s.dilation_x;
  const int end = std::min(s.S, s.W <= left ? 0 : (s.W - 1 - left) / s.dilation_x + 1);
  const bool joined = s.groups == 1 && s.dilation_x == 1;  // the taps of a row follow each other
  for (int r = 0; r < s.R; ++r) {
    const int y = p * s.stride_y - s.pad_top + r * s.dilation_y;
    if (y < 0 || y >= s.H || first >= end) continue;
    std::int64_t at = (std::int64_t{r} * s.S + first) * depth;
    if (joined) {
      map_.copy(extent.at(n, y, left + first, 0), (end - first) * depth, out, at);
      continue;
    }
    for (int tap = first; tap < end; ++tap, at += depth) {
      map_.copy(extent.at(n, y, left + tap * s.dilation_x, channel), depth, out, at);
    }
  }
}

void PatchMasks::count_bits(const TilePass& pass) {
  const LayerShape& s = layer_.shape;
  const auto by_row = times_read(pass.rows, s.R, s.stride_y, s.pad_top, s.dilation_y, s.H);
  const auto by_column = times_read({0, s.Q()}, s.S, s.stride_x, s.pad_left, s.dilation_x, s.W);
  const int depth = s.channels_per_group();
  encoded_bits_ = 0;
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    for (int y = 0; y < s.H; ++y) {
      const std::int64_t rows = by_row[static_cast<std::size_t>(y)];
      for (int x = 0; x < s.W && rows > 0; ++x) {
        const std::int64_t times = rows * by_column[static_cast<std::size_t>(x)];
        if (times == 0) continue;
        encoded_bits_ +=
            times * ifmap_.encoded_bits(layer_.ifmap.extent.at(n, y, x, pass.group * depth), depth);
      }
    }
  }
}

}  // namespace basil
