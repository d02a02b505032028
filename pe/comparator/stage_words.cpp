#include "pe/comparator/stage_words.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "core/vectorised.h"
#include "pe/comparator/parts.h"
#include "pe/mac/mac_kernels.h"
#include "pe/pass_traffic.h"
#include "traces/encodings/comparator.h"

namespace basil::comparator_array {
namespace {

BASIL_VECTORISED
void set_bits(const std::int16_t* pivots, const std::int16_t* taps, std::int64_t channels, int bit,
              std::int16_t* codes) {
  const auto one = static_cast<std::int16_t>(1 << bit);
  for (std::int64_t c = 0; c < channels; ++c) {
    codes[c] = static_cast<std::int16_t>(codes[c] | (taps[c] > pivots[c] ? one : 0));
  }
}

constexpr int least_stretch = 8;  // words that are copied together rather than one by one

void gather(const std::int16_t* from, const std::vector<std::int32_t>& places, std::int16_t* out) {
  for (const std::int32_t place : places) *out++ = from[place];
}

// Adds up the non-zeros of each channel over positions.
BASIL_VECTORISED
void count_channels(const std::int16_t* words, std::int64_t positions, std::int64_t channels,
                    std::int32_t* nonzeros) {
  for (std::int64_t position = 0; position < positions; ++position, words += channels) {
    for (std::int64_t c = 0; c < channels; ++c) nonzeros[c] += words[c] != 0 ? 1 : 0;
  }
}

std::int64_t greatest_word(const Layer& layer, bool compares) {
  if (compares) return (std::int64_t{1} << layer.weights.parts<Comparator>().taps) - 1;
  std::int64_t greatest = 1;
  for (const std::int16_t word : layer.ifmap.values)
    greatest = std::max<std::int64_t>(greatest, std::abs(std::int32_t{word}));
  return greatest;
}

TilePass without_filters(TilePass pass) {
  pass.filters = {};
  return pass;
}

}  // namespace

StageWords::StageWords(const Layer& layer)
    : layer_(layer),
      ifmap_(layer.ifmap),
      compares_(layer.weights.encoding == &comparator_encoding),
      length_(words_a_pixel(layer)),
      pitch_(ceil_div(length_, dot_vector) * dot_vector),
      columns_(std::int64_t{layer.shape.W} + layer.shape.pad_left + layer.shape.pad_right),
      greatest_(greatest_word(layer, compares_)) {
  if (compares_) {
    place_taps();
  } else {
    place_window();
  }
}

void StageWords::place_taps() {
  const LayerShape& s = layer_.shape;
  const int places = layer_.weights.parts<Comparator>().taps + 1;
  places_.resize(static_cast<std::size_t>(places) * static_cast<std::size_t>(s.C));
  seen_.resize(places_.size());
  for (int c = 0; c < s.C; ++c) {
    for (int i = 0; i < places; ++i) {
      const int place = layer_.weights.parts<Comparator>().offsets[static_cast<std::size_t>(c * places + i)];
      const std::int64_t y = std::int64_t{place / s.S} * s.dilation_y;
      const std::int64_t x = std::int64_t{place % s.S} * s.dilation_x;
      places_[static_cast<std::size_t>(i * s.C + c)] =
          static_cast<std::int32_t>((y * columns_ + x) * s.C + c);
    }
  }
}

void StageWords::place_window() {
  const LayerShape& s = layer_.shape;
  const int depth = s.channels_per_group();
  for (int r = 0; r < s.R; ++r) {
    for (int column = 0; column < s.S; ++column) {
      const std::int64_t x = std::int64_t{column} * s.dilation_x;
      const std::int64_t offset = (std::int64_t{r} * s.dilation_y * columns_ + x) * s.C;
      if (depth < least_stretch) {
        for (int c = 0; c < depth; ++c) places_.push_back(static_cast<std::int32_t>(offset + c));
      } else if (!window_.empty() && window_.back().offset + window_.back().count == offset) {
        window_.back().count += depth;
      } else {
        window_.push_back({offset, depth});
      }
    }
  }
}

// Rows from the first window's top to the last one's bottom, zeros on padding.
void StageWords::decode_rows(const TilePass& pass) {
  const LayerShape& s = layer_.shape;
  const std::int64_t top = std::int64_t{pass.rows.first} * s.stride_y - s.pad_top;
  const std::int64_t height = std::int64_t{pass.rows.size() - 1} * s.stride_y + (s.R - 1) * s.dilation_y + 1;
  const Range held = ifmap_rows(s, pass.rows);
  rows_.assign(static_cast<std::size_t>(pass.n.size() * height * columns_ * s.C), 0);
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    for (int y = held.first; y < held.end; ++y) {
      const std::int64_t row = (n - pass.n.first) * height + y - top;
      ifmap_.read(layer_.ifmap.extent.at(n, y, 0, 0), std::int64_t{s.W} * s.C,
                  rows_.data() + (row * columns_ + s.pad_left) * s.C);
    }
  }
  nonzeros_.assign(static_cast<std::size_t>(s.C), 0);
  count_channels(rows_.data(), static_cast<std::int64_t>(rows_.size()) / s.C, s.C, nonzeros_.data());
}

// As ifmap_bytes() says, which asks for every stretch: often positions and non-zeros are enough.
Bytes StageWords::encoded(const TilePass& pass) const {
  const LayerShape& s = layer_.shape;
  const auto bits_by_count = layer_.ifmap.encoding->bits_by_count;
  if (bits_by_count == nullptr) return comparator_array::ifmap_bytes(s, ifmap_, pass);
  const int depth = s.channels_per_group();
  const auto first = nonzeros_.begin() + std::ptrdiff_t{pass.group} * depth;
  const std::int64_t nonzeros = std::accumulate(first, first + depth, std::int64_t{0});
  const std::int64_t positions = std::int64_t{pass.n.size()} * ifmap_rows(s, pass.rows).size() * s.W * depth;
  return Bytes(ceil_div(bits_by_count(positions, nonzeros, bits_of(layer_.ifmap.dtype)), 8));
}

void StageWords::compare(const std::int16_t* corner, std::int16_t* codes) {
  gather(corner, places_, seen_.data());
  std::fill_n(codes, length_, std::int16_t{0});
  const int taps = layer_.weights.parts<Comparator>().taps;
  for (int tap = 0; tap < taps; ++tap) {
    set_bits(seen_.data(), seen_.data() + (tap + 1) * length_, length_, tap, codes);
  }
}

void StageWords::copy_window(const std::int16_t* corner, std::int16_t* words) const {
  gather(corner, places_, words);
  for (const Stretch& stretch : window_) words = std::copy_n(corner + stretch.offset, stretch.count, words);
}

void StageWords::make(const TilePass& pass) {
  const TilePass key = without_filters(pass);
  if (words_of_ == key) return;
  TilePass rows_key = key;
  rows_key.group = 0;
  if (rows_of_ != rows_key) decode_rows(pass);
  rows_of_ = rows_key;
  words_of_ = key;
  ifmap_bytes_ = encoded(pass);

  const LayerShape& s = layer_.shape;
  pixels_ = std::int64_t{pass.n.size()} * pass.rows.size() * s.Q();
  words_.resize(static_cast<std::size_t>(pixels_ * pitch_));  // the padding is zero and stays so
  const std::int64_t image = static_cast<std::int64_t>(rows_.size()) / pass.n.size();
  const std::int64_t channel = std::int64_t{pass.group} * s.channels_per_group();
  std::int16_t* words = words_.data();
  for (int n = 0; n < pass.n.size(); ++n) {
    for (int p = 0; p < pass.rows.size(); ++p) {
      const std::int16_t* row =
          rows_.data() + n * image + std::int64_t{p} * s.stride_y * columns_ * s.C + channel;
      for (int q = 0; q < s.Q(); ++q, words += pitch_) {
        const std::int16_t* corner = row + std::int64_t{q} * s.stride_x * s.C;
        if (compares_) {
          compare(corner, words);
        } else {
          copy_window(corner, words);
        }
      }
    }
  }
}

}  // namespace basil::comparator_array
