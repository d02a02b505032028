#include "models/layer/traffic.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "traces/encodings/encode.h"
#include "traces/encodings/pieces.h"

namespace basil {
namespace {

template <class Number>
std::vector<std::uint8_t> mask_of(const std::vector<Number>& values) {
  std::vector<std::uint8_t> mask(values.size());
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = values[i] != Number{0} ? 1 : 0;
  return mask;
}

// One word of `count` streams side by side: a pair where it is not zero, or where the run of zeros is full.
void count_pairs(const std::uint8_t* nonzero, std::size_t count, int longest, std::int32_t* run,
                 std::int32_t* pairs) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t pair = (nonzero[i] != 0) | (run[i] == longest);
    pairs[i] += pair;
    run[i] = (run[i] + 1) & (pair - 1);
  }
}

}  // namespace

std::vector<std::uint8_t> nonzero_mask(const Operand& operand) {
  return operand.is_real() ? mask_of(decode_real(operand)) : mask_of(decode(operand));
}

std::int64_t effectual_macs(const Layer& layer) {
  const LayerShape& shape = layer.shape;
  const int depth = shape.channels_per_group();
  const std::vector<std::uint8_t> ifmap = nonzero_mask(layer.ifmap);
  const std::vector<std::uint8_t> weights = nonzero_mask(layer.weights);
  std::int64_t macs = 0;
  std::vector<std::int32_t> words(static_cast<std::size_t>(shape.C));  // non-zero ifmap words met by a tap
  std::vector<std::int32_t> filters(
      static_cast<std::size_t>(shape.C));  // filters whose weight there is not zero
  for (int r = 0; r < shape.R; ++r) {
    for (int s = 0; s < shape.S; ++s) {
      std::fill(words.begin(), words.end(), 0);
      std::fill(filters.begin(), filters.end(), 0);
      for (int n = 0; n < shape.N; ++n) {
        for (int p = 0; p < shape.P(); ++p) {
          const int y = p * shape.stride_y - shape.pad_top + r * shape.dilation_y;
          if (y < 0 || y >= shape.H) continue;
          for (int q = 0; q < shape.Q(); ++q) {
            const int x = q * shape.stride_x - shape.pad_left + s * shape.dilation_x;
            if (x < 0 || x >= shape.W) continue;
            const std::uint8_t* pixel = ifmap.data() + layer.ifmap.extent.at(n, y, x, 0);
            for (std::size_t c = 0; c < words.size(); ++c) words[c] += pixel[c];
          }
        }
      }
      for (int k = 0; k < shape.K; ++k) {
        const std::uint8_t* row = weights.data() + layer.weights.extent.at(k, r, s, 0);
        std::int32_t* group = filters.data() + k / shape.filters_per_group() * depth;
        for (int c = 0; c < depth; ++c) group[c] += row[c];
      }
      for (std::size_t c = 0; c < words.size(); ++c) macs += std::int64_t{words[c]} * filters[c];
    }
  }
  return macs;
}

LayerTraffic::LayerTraffic(const Layer& layer, const Description& machine, bool coded_ifmap)
    : layer_(layer),
      machine_(machine),
      weights_(layer.weights),
      coder_(machine.fmaps->fmap_coder),
      coded_ifmap_(coded_ifmap),
      zero_sums_(sums_that_leave_as_zero(layer)) {
  if (coded_ifmap_) count_ifmap_pairs();
}

void LayerTraffic::count_ifmap_pairs() {
  const Extent& extent = layer_.ifmap.extent;
  const std::vector<std::uint8_t> mask = nonzero_mask(layer_.ifmap);
  const int longest = coder_->max_run;
  const auto depth = static_cast<std::size_t>(extent.depth);
  pairs_before_.assign(
      static_cast<std::size_t>(extent.outer) * depth * static_cast<std::size_t>(extent.rows + 1), 0);
  std::vector<std::int32_t> run(depth), pairs(depth);
  const std::uint8_t* word = mask.data();
  for (int n = 0; n < extent.outer; ++n) {
    for (int row = 0; row < extent.rows; ++row) {
      std::fill(run.begin(), run.end(), 0);
      std::fill(pairs.begin(), pairs.end(), 0);
      for (int column = 0; column < extent.cols; ++column, word += depth) {
        count_pairs(word, depth, longest, run.data(), pairs.data());
      }
      for (std::size_t c = 0; c < depth; ++c) {
        std::int32_t* before =
            pairs_before_.data() +
            (static_cast<std::size_t>(n) * depth + c) * static_cast<std::size_t>(extent.rows + 1) + row;
        before[1] = before[0] + pairs[c];
      }
    }
  }
}

std::int64_t LayerTraffic::pairs(int n, int channel, Range rows) const {
  const Extent& extent = layer_.ifmap.extent;
  const std::int32_t* before =
      pairs_before_.data() + (std::int64_t{n} * extent.depth + channel) * (extent.rows + 1);
  return before[rows.end] - before[rows.first];
}

Bytes LayerTraffic::coded(std::int64_t values, std::int64_t positions) const {
  return coder_->bytes(values, positions, machine_.word_bits());
}

Bytes LayerTraffic::weights(const Step& step) const {
  const WeightSlice& slice = step.weights;
  const Extent& extent = layer_.weights.extent;
  if (slice.whole && only_weights(layer_.weights.encoding) && machine_.encoded_weights)
    return Bytes(ceil_div(filter_bits(layer_.weights, slice.filters.first, slice.filters.end), 8));
  std::int64_t bits = 0, count = 0;
  const auto add = [&](std::int64_t first, std::int64_t length) {
    count += length;
    if (machine_.encoded_weights) bits += weights_.encoded_bits(first, length);
  };
  for (int k = slice.filters.first; k < slice.filters.end; ++k) {
    if (slice.reduction.size() > 0)
      add(extent.at(k, 0, 0, 0) + slice.reduction.first, slice.reduction.size());
    for (int y = slice.taps_y.first; y < slice.taps_y.end; ++y) {
      for (int x = slice.taps_x.first; x < slice.taps_x.end; ++x)
        add(extent.at(k, y, x, slice.channels.first), slice.channels.size());
    }
  }
  return machine_.encoded_weights ? Bytes(ceil_div(bits, 8)) : words(count);
}

Bytes LayerTraffic::ifmap_tile_in_buffer(const FmapTile& tile) const {
  if (coded_ifmap_ && coder_->in_buffer) return ifmap(tile);
  return words(ifmap_words(tile));
}

std::int64_t LayerTraffic::ifmap_words(const FmapTile& tile) const {
  return std::int64_t{tile.n.size()} * tile.channels.size() * tile.rows.size() * layer_.shape.W;
}

Bytes LayerTraffic::ifmap(const FmapTile& tile) const {
  if (!coded_ifmap_) return ifmap_tile_in_buffer(tile);
  Bytes bytes;
  for (int n = tile.n.first; n < tile.n.end; ++n) {
    for (int c = tile.channels.first; c < tile.channels.end; ++c)
      bytes += coded(pairs(n, c, tile.rows), std::int64_t{tile.rows.size()} * layer_.shape.W);
  }
  return bytes;
}

Range LayerTraffic::pixels(const Step& step, int n) const {
  return step.outputs.pixels_of(n, layer_.shape.P() * layer_.shape.Q());
}

void LayerTraffic::mark_nonzeros(const Ofmap& sums, std::size_t pixel, Range filters,
                                 std::uint8_t* marks) const {
  const std::size_t at = pixel * static_cast<std::size_t>(sums.K) + static_cast<std::size_t>(filters.first);
  const ZeroSums* zero = zero_sums_.data() + filters.first;
  const auto mark = [&](const auto* sum) {
    for (int k = 0; k < filters.size(); ++k) {
      const auto value = static_cast<double>(sum[k]);
      marks[k] = static_cast<std::uint8_t>((value > zero[k].greatest) | (value < zero[k].least));
    }
  };
  if (sums.reals.empty()) {
    mark(sums.sums.data() + at);
  } else {
    mark(sums.reals.data() + at);
  }
}

std::int64_t LayerTraffic::nonzero_outputs(const Ofmap& sums) const {
  std::vector<std::uint8_t> marks(static_cast<std::size_t>(sums.K));
  const std::size_t pixels = sums.at(sums.N - 1, sums.P - 1, sums.Q - 1, 0) / marks.size() + 1;
  std::int64_t count = 0;
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    mark_nonzeros(sums, pixel, {0, sums.K}, marks.data());
    count += std::accumulate(marks.begin(), marks.end(), std::int64_t{0});
  }
  return count;
}

Bytes LayerTraffic::coded_ofmap(const Ofmap& sums, int n, Range filters, Range pixels) const {
  const auto count = static_cast<std::size_t>(filters.size());
  const int longest = coder_->max_run;
  std::vector<std::uint8_t> marks(count);
  std::vector<std::int32_t> run(count), pairs(count);
  for (int pixel = pixels.first; pixel < pixels.end; ++pixel) {
    if (pixel % sums.Q == 0) std::fill(run.begin(), run.end(), 0);
    mark_nonzeros(sums,
                  static_cast<std::size_t>(n) * static_cast<std::size_t>(sums.P * sums.Q) +
                      static_cast<std::size_t>(pixel),
                  filters, marks.data());
    count_pairs(marks.data(), count, longest, run.data(), pairs.data());
  }
  Bytes bytes;
  for (const std::int32_t of_filter : pairs) bytes += coded(of_filter, pixels.size());
  return bytes;
}

std::int64_t LayerTraffic::outputs(const Step& step) const {
  std::int64_t count = 0;
  for (int n = step.ofmap.n.first; n < step.ofmap.n.end; ++n) count += pixels(step, n).size();
  return count * step.ofmap.channels.size();
}

Bytes LayerTraffic::ofmap_in_buffer(const Step& step) const { return words(outputs(step)); }

Bytes LayerTraffic::ofmap(const Step& step, const Ofmap& sums) const {
  if (coder_ == nullptr) return ofmap_in_buffer(step);
  Bytes bytes;
  for (int n = step.ofmap.n.first; n < step.ofmap.n.end; ++n) {
    bytes += coded_ofmap(sums, n, step.ofmap.channels, pixels(step, n));
  }
  return bytes;
}

Bytes LayerTraffic::all_ofmap(const Ofmap& sums) const {
  const int image = sums.P * sums.Q;
  if (coder_ == nullptr) return words(std::int64_t{sums.N} * image * sums.K);
  Bytes bytes;
  for (int n = 0; n < sums.N; ++n) { bytes += coded_ofmap(sums, n, {0, sums.K}, {0, image}); }
  return bytes;
}

Bytes LayerTraffic::all_weights() const {
  return machine_.encoded_weights ? encoded_weights() : words(layer_.weights.extent.positions());
}

Bytes LayerTraffic::encoded_weights() const { return Bytes(ceil_div(encoded_bits(layer_.weights), 8)); }

Bytes LayerTraffic::needed_ifmap() const {
  const LayerShape& shape = layer_.shape;
  std::vector<int> rows;
  for (int p = 0; p < shape.P(); ++p) {
    for (int r = 0; r < shape.R; ++r) {
      const int y = p * shape.stride_y - shape.pad_top + r * shape.dilation_y;
      if (y >= 0 && y < shape.H) rows.push_back(y);
    }
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  if (!coded_ifmap_)
    return words(std::int64_t{shape.N} * shape.C * static_cast<std::int64_t>(rows.size()) * shape.W);
  Bytes bytes;
  for (int n = 0; n < shape.N; ++n) {
    for (int c = 0; c < shape.C; ++c) {
      std::int64_t of_rows = 0;
      for (const int y : rows) of_rows += pairs(n, c, {y, y + 1});
      bytes += coded(of_rows, static_cast<std::int64_t>(rows.size()) * shape.W);
    }
  }
  return bytes;
}

}  // namespace basil
