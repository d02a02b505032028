#include "pe/mac/mac_values.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <type_traits>

#include "pe/mac/mac_kernels.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

// A run of words to copy: from an offset beside a base, `count` long.
struct Copy {
  std::int64_t offset, count;
};

// Joins runs that follow each other without a gap.
void append(std::vector<Copy>& copies, Copy copy) {
  if (!copies.empty() && copies.back().offset + copies.back().count == copy.offset) {
    copies.back().count += copy.count;
  } else {
    copies.push_back(copy);
  }
}

std::int64_t magnitude(const Operand& operand) {
  std::int64_t most = 1;
  for (const std::int16_t value : operand.values)
    most = std::max<std::int64_t>(most, std::abs(std::int32_t{value}));
  return max_weight(operand, most);
}

// The longest dot product whose sums fit 32 bits, by the values that are there.
std::int64_t longest_narrow(const Operand& a, const Operand& b) {
  return std::numeric_limits<std::int32_t>::max() / (magnitude(a) * magnitude(b));
}

}  // namespace

template <class Number>
MacValues<Number>::MacValues(const Layer& layer, const UnitParameters& parameters)
    : layer_(layer),
      weights_(layer.weights),
      ifmap_(layer.ifmap),
      zero_gating_(parameters.zero_gating),
      narrow_length_(longest_narrow(layer.weights, layer.ifmap)) {}

template <class Number>
Products MacValues<Number>::accumulate(const RowPass& pass, Ofmap& sums) {
  Slice slice;
  slice.group = pass.group;
  for (int y = pass.taps_y.first; y < pass.taps_y.end; ++y) {
    for (int x = pass.taps_x.first; x < pass.taps_x.end; ++x) {
      slice.reduction.push_back({y, x, pass.channels.first, pass.channels.size()});
    }
  }
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    for (int p = pass.rows.first; p < pass.rows.end; ++p) slice.pixels.push_back({n, p, 0, sums.Q});
  }
  Products products = run(slice, pass.filters, pass.first, sums);
  // The sums of the PE that begins a column leave with its last slot; psums that it takes in come after it.
  if (pass.first) products.gated_leaving = zero_last_words_ * pass.filters.size();
  return products;
}

template <class Number>
void MacValues<Number>::accumulate(const TilePass& pass, Ofmap& sums) {
  const LayerShape& shape = layer_.shape;
  accumulate(RowPass{.group = pass.group,
                     .n = pass.n,
                     .filters = pass.filters,
                     .channels = {0, shape.channels_per_group()},
                     .taps_y = {0, shape.R},
                     .taps_x = {0, shape.S},
                     .rows = pass.rows},
             sums);
}

template <class Number>
Products MacValues<Number>::accumulate(const GemmPass& pass, Ofmap& sums) {
  Slice slice;
  slice.group = pass.group;
  slice.reduction = flat_reduction(pass.reduction);
  for (int pixel = pass.pixels.first; pixel < pass.pixels.end;) {
    const int q = pixel % sums.Q;
    const int row = pixel / sums.Q;
    const int count = std::min(sums.Q - q, pass.pixels.end - pixel);
    slice.pixels.push_back({row / sums.P, row % sums.P, q, count});
    pixel += count;
  }
  return run(slice, pass.filters, pass.first, sums);
}

template <class Number>
auto MacValues<Number>::flat_reduction(Range reduction) const -> std::vector<Stretch> {
  const int depth = layer_.shape.channels_per_group();
  std::vector<Stretch> stretches;
  for (int index = reduction.first; index < reduction.end;) {
    const int channel = index % depth;
    const int tap = index / depth;
    const int count = std::min(depth - channel, reduction.end - index);
    stretches.push_back({tap / layer_.shape.S, tap % layer_.shape.S, channel, count});
    index += count;
  }
  return stretches;
}

template <class Number>
Products MacValues<Number>::run(const Slice& slice, Range filters, bool first, Ofmap& sums) {
  if (!(slice == slice_)) gather_patches(slice);
  gather_weights(slice, filters);

  constexpr bool real = std::is_same_v<Number, float>;
  DotBlock block{.pixels = 0, .filters = filters.size(), .length = length_, .stride = sums.K};
  const Number* patches = patches_.data();
  for (const Segment& segment : slice.pixels) {
    block.pixels = segment.count;
    const std::size_t at = sums.at(segment.n, segment.p, segment.q, filters.first);
    if (first) {
      for (int pixel = 0; pixel < segment.count; ++pixel) {
        for (int k = 0; k < filters.size(); ++k) {
          const std::size_t index = at + static_cast<std::size_t>(pixel) * static_cast<std::size_t>(sums.K) +
                                    static_cast<std::size_t>(k);
          const auto filter = static_cast<std::size_t>(filters.first + k);
          if constexpr (real) {
            sums.reals[index] =
                layer_.bias_real.empty() ? 0.0 : static_cast<double>(layer_.bias_real[filter]);
          } else {
            sums.sums[index] = layer_.bias.empty() ? 0 : layer_.bias[filter];
          }
        }
      }
    }
    if constexpr (real) {
      add_dots(block, patches, filters_.data(), sums.reals.data() + at);
    } else if (length_ <= narrow_length_) {
      add_dots_narrow(block, patches, filters_.data(), sums.sums.data() + at);
    } else {
      add_dots_wide(block, patches, filters_.data(), sums.sums.data() + at);
    }
    patches += segment.count * length_;
  }

  std::int64_t reduction = 0;
  for (const Stretch& stretch : slice.reduction) reduction += stretch.count;
  return {.all = pixels_ * reduction * filters.size(), .gated = zero_words_ * filters.size()};
}

template <class Number>
void MacValues<Number>::gather_patches(const Slice& slice) {
  const LayerShape& shape = layer_.shape;
  int low_channel = shape.C, high_channel = 0, low_y = shape.R, high_y = 0;
  std::int64_t reduction = 0;
  for (const Stretch& stretch : slice.reduction) {
    low_channel = std::min(low_channel, stretch.channel);
    high_channel = std::max(high_channel, stretch.channel + stretch.count);
    low_y = std::min(low_y, stretch.tap_y);
    high_y = std::max(high_y, stretch.tap_y);
    reduction += stretch.count;
  }
  const std::int64_t depth = high_channel - low_channel;
  const std::int64_t columns = shape.W + shape.pad_left + shape.pad_right;
  const int ifmap_channel = slice.group * shape.channels_per_group() + low_channel;

  // Where each stretch lies in a padded ifmap row block, beside a pixel's first word.
  std::vector<Copy> copies;
  for (const Stretch& stretch : slice.reduction) {
    const std::int64_t row = std::int64_t{stretch.tap_y - low_y} * shape.dilation_y;
    const std::int64_t column = std::int64_t{stretch.tap_x} * shape.dilation_x;
    append(copies, {(row * columns + column) * depth + stretch.channel - low_channel, stretch.count});
  }

  pixels_ = 0;
  for (const Segment& segment : slice.pixels) pixels_ += segment.count;
  length_ = ceil_div(reduction, dot_vector) * dot_vector;
  patches_.assign(static_cast<std::size_t>(pixels_ * length_), Number{0});

  const RowBlock words{.first_channel = ifmap_channel, .depth = depth, .columns = columns};
  Number* patch = patches_.data();
  for (auto segment = slice.pixels.begin(); segment != slice.pixels.end();) {
    // Segments of one image share the rows behind them: decoded once, padding around them.
    const auto same_image = std::find_if(segment, slice.pixels.end(),
                                         [&](const Segment& other) { return other.n != segment->n; });
    const int top = segment->p * shape.stride_y - shape.pad_top + low_y * shape.dilation_y;
    const int bottom = (same_image - 1)->p * shape.stride_y - shape.pad_top + high_y * shape.dilation_y;
    decode_rows(segment->n, top, bottom, words);
    for (; segment != same_image; ++segment) {
      const std::int64_t row = segment->p * shape.stride_y - shape.pad_top + low_y * shape.dilation_y - top;
      for (int q = segment->q; q < segment->q + segment->count; ++q, patch += length_) {
        const Number* base = rows_.data() + (row * columns + std::int64_t{q} * shape.stride_x) * depth;
        Number* out = patch;
        for (const Copy& copy : copies) out = std::copy_n(base + copy.offset, copy.count, out);
      }
    }
  }
  slice_ = slice;
  if (zero_gating_) count_gated(reduction);
}

template <class Number>
void MacValues<Number>::count_gated(std::int64_t reduction) {
  zero_words_ = count_zeros(patches_.data(), pixels_ * length_) - pixels_ * (length_ - reduction);
  zero_last_words_ = 0;
  for (std::int64_t pixel = 0; pixel < pixels_; ++pixel) {
    if (patches_[static_cast<std::size_t>(pixel * length_ + reduction - 1)] == Number{0}) ++zero_last_words_;
  }
}

// Rows top .. bottom of image n into rows_, zeros where they lie on padding.
template <class Number>
void MacValues<Number>::decode_rows(int n, int top, int bottom, const RowBlock& block) {
  const LayerShape& shape = layer_.shape;
  rows_.assign(static_cast<std::size_t>((bottom - top + 1) * block.columns * block.depth), Number{0});
  for (int y = std::max(0, top); y <= std::min(shape.H - 1, bottom); ++y) {
    Number* out = rows_.data() + ((y - top) * block.columns + shape.pad_left) * block.depth;
    if (block.depth == shape.C) {
      ifmap_.read(layer_.ifmap.extent.at(n, y, 0, 0), shape.W * block.depth, out);
      continue;
    }
    for (int x = 0; x < shape.W; ++x, out += block.depth) {
      ifmap_.read(layer_.ifmap.extent.at(n, y, x, block.first_channel), block.depth, out);
    }
  }
}

template <class Number>
void MacValues<Number>::gather_weights(const Slice& slice, Range filters) {
  const Extent& extent = layer_.weights.extent;
  std::vector<Copy> copies;
  for (const Stretch& stretch : slice.reduction) {
    append(copies, {extent.at(0, stretch.tap_y, stretch.tap_x, stretch.channel), stretch.count});
  }
  filters_.assign(static_cast<std::size_t>(filters.size() * length_), Number{0});
  Number* row = filters_.data();
  for (int k = filters.first; k < filters.end; ++k, row += length_) {
    Number* out = row;
    for (const Copy& copy : copies) {
      weights_.read(extent.at(k, 0, 0, 0) + copy.offset, copy.count, out);
      out += copy.count;
    }
  }
}

template class MacValues<std::int16_t>;
template class MacValues<float>;

}  // namespace basil
