#include "pe/sparse_inner/patch_masks.h"

#include <algorithm>

namespace basil {
namespace {

// How often the taps of the pixels stand on each place along one axis.
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

PatchMasks::PatchMasks(const Layer& layer)
    : layer_(layer),
      ifmap_(layer.ifmap),
      map_(layer.ifmap),
      words_(ceil_div(layer.shape.reduction(), 64)),
      row_words_(ceil_div(std::int64_t{layer.shape.pad_left + layer.shape.W + layer.shape.pad_right} *
                              layer.shape.channels_per_group(),
                          64)) {}

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
    gather_rows(pass, n);
    for (int p = pass.rows.first; p < pass.rows.end; ++p) {
      gather_patches(pass, p, out);
      out += columns * words_;
    }
  }
  nonzeros_ = count_ones(masks_.data(), pixels_ * words_);
  count_bits(pass);
}

// The group's channels of the ifmap rows under the pass, zeros on padding.
void PatchMasks::gather_rows(const TilePass& pass, int n) {
  const LayerShape& s = layer_.shape;
  const std::int64_t depth = s.channels_per_group();
  const int end = (pass.rows.end - 1) * s.stride_y - s.pad_top + (s.R - 1) * s.dilation_y + 1;
  rows_.assign(static_cast<std::size_t>((end - top(pass)) * row_words_), 0);
  for (int y = std::max(0, top(pass)); y < std::min(s.H, end); ++y) {
    std::uint64_t* row = rows_.data() + (y - top(pass)) * row_words_;
    const std::int64_t first = layer_.ifmap.extent.at(n, y, 0, pass.group * s.channels_per_group());
    if (s.groups == 1) {
      copy_bits(map_.words(), first, s.W * depth, row, s.pad_left * depth);
      continue;
    }
    for (int x = 0; x < s.W; ++x) {
      copy_bits(map_.words(), first + std::int64_t{x} * s.C, depth, row, (s.pad_left + x) * depth);
    }
  }
}

// The patches of ofmap row p.
void PatchMasks::gather_patches(const TilePass& pass, int p, std::uint64_t* out) const {
  const LayerShape& s = layer_.shape;
  const std::int64_t depth = s.channels_per_group();
  // The taps of a row follow each other unless they are dilated.
  const int stretches = s.dilation_x == 1 ? 1 : s.S;
  const std::int64_t length = s.dilation_x == 1 ? s.S * depth : depth;
  const std::int64_t step = s.stride_x * depth;
  const int columns = s.Q();
  std::int64_t at = 0;
  for (int r = 0; r < s.R; ++r) {
    const std::int64_t y = std::int64_t{p - pass.rows.first} * s.stride_y + std::int64_t{r} * s.dilation_y;
    const std::uint64_t* row = rows_.data() + y * row_words_;
    for (int stretch = 0; stretch < stretches; ++stretch, at += length) {
      std::int64_t from = std::int64_t{stretch} * s.dilation_x * depth;
      for (int q = 0; q < columns; ++q, from += step) copy_bits(row, from, length, out + q * words_, at);
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
