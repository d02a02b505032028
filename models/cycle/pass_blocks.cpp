#include "models/cycle/pass_blocks.h"

#include <type_traits>

#include "traces/encodings/slice.h"

namespace basil {
namespace {

// The ifmap word at (n, y, x, channel), zero on padding.
template <class Word>
Word ifmap_word(const SliceReader& reader, const LayerShape& shape, int n, int y, int x, int channel) {
  Word word{};
  if (y >= 0 && y < shape.H && x >= 0 && x < shape.W)
    reader.read(reader.operand().extent.at(n, y, x, channel), 1, &word);
  return word;
}

// Appends what slot `slot` of `slots` multiplies of filter k's slice: all of a weight, or its share of terms.
template <class Word>
void cut_filter_slot(const Layer& layer, const SliceReader& weights, const RowPass& pass, int k, int slot,
                     int slots, std::vector<Word>& out) {
  const int channels = pass.channels.size();
  for (int y = pass.taps_y.first; y < pass.taps_y.end; ++y) {
    for (int x = pass.taps_x.first; x < pass.taps_x.end; ++x) {
      const std::int64_t first = layer.weights.extent.at(k, y, x, pass.channels.first);
      out.resize(out.size() + static_cast<std::size_t>(channels));
      Word* words = out.data() + out.size() - channels;
      if constexpr (std::is_same_v<Word, std::int16_t>) {
        if (slots > 1) {
          weights.read_terms(first, channels, slot, slot + 1, words);
          continue;
        }
      }
      weights.read(first, channels, words);
    }
  }
}

}  // namespace

template <class Word>
RowOperands<Word> cut_rows(const Layer& layer, const RowPass& pass, const Ofmap& sums,
                           std::span<const int> slots) {
  const LayerShape& shape = layer.shape;
  RowOperands<Word> cut;
  cut.shape = {.n = pass.n.size(),
               .filters = pass.filters.size(),
               .channels = pass.channels.size(),
               .taps_y = pass.taps_y.size(),
               .taps_x = pass.taps_x.size(),
               .rows = pass.rows.size(),
               .windows = shape.Q(),
               .stride_y = shape.stride_y,
               .stride_x = shape.stride_x,
               .dilation_y = shape.dilation_y,
               .dilation_x = shape.dilation_x,
               .p = pass.p,
               .q = pass.q,
               .psums_in = !pass.first};

  const SliceReader weights(layer.weights), ifmap(layer.ifmap);
  if (!slots.empty()) {
    const auto of_pass = slots.subspan(static_cast<std::size_t>(pass.filters.first),
                                       static_cast<std::size_t>(pass.filters.size()));
    cut.shape.slots.assign(of_pass.begin(), of_pass.end());
  }
  for (int k = pass.filters.first; k < pass.filters.end; ++k) {
    const int of_filter = slots.empty() ? 1 : slots[static_cast<std::size_t>(k)];
    for (int slot = 0; slot < of_filter; ++slot)
      cut_filter_slot(layer, weights, pass, k, slot, of_filter, cut.weights);
  }
  const int top = pass.rows.first * shape.stride_y - shape.pad_top + pass.taps_y.first * shape.dilation_y;
  const int left = pass.taps_x.first * shape.dilation_x - shape.pad_left;
  const int channel = pass.group * shape.channels_per_group() + pass.channels.first;
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    for (int row = 0; row < cut.shape.ifmap_rows(); ++row) {
      for (int column = 0; column < cut.shape.ifmap_columns(); ++column) {
        for (int c = 0; c < pass.channels.size(); ++c)
          cut.ifmap.push_back(ifmap_word<Word>(ifmap, shape, n, top + row, left + column, channel + c));
      }
    }
  }
  if (pass.first) return cut;
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    for (int p = pass.rows.first; p < pass.rows.end; ++p) {
      for (int q = 0; q < sums.Q; ++q) {
        for (int k = pass.filters.first; k < pass.filters.end; ++k)
          cut.psums.push_back(sum_at<Word>(sums, sums.at(n, p, q, k)));
      }
    }
  }
  return cut;
}

template <class Word>
FoldOperands<Word> cut_fold(const Layer& layer, const GemmPass& pass) {
  const LayerShape& shape = layer.shape;
  const SliceReader weights(layer.weights), ifmap(layer.ifmap);
  const int depth = shape.channels_per_group();
  FoldOperands<Word> cut;
  for (int pixel = pass.pixels.first; pixel < pass.pixels.end; ++pixel) {
    const int q = pixel % shape.Q(), p = pixel / shape.Q() % shape.P(), n = pixel / shape.Q() / shape.P();
    for (int i = pass.reduction.first; i < pass.reduction.end; ++i) {
      const int c = i % depth, s = i / depth % shape.S, r = i / depth / shape.S;
      cut.activations.push_back(ifmap_word<Word>(
          ifmap, shape, n, p * shape.stride_y - shape.pad_top + r * shape.dilation_y,
          q * shape.stride_x - shape.pad_left + s * shape.dilation_x, pass.group * depth + c));
    }
  }
  cut.weights.resize(static_cast<std::size_t>(pass.reduction.size()) *
                     static_cast<std::size_t>(pass.filters.size()));
  std::vector<Word> column(static_cast<std::size_t>(pass.reduction.size()));
  for (int k = 0; k < pass.filters.size(); ++k) {
    weights.read(layer.weights.extent.at(pass.filters.first + k, 0, 0, 0) + pass.reduction.first,
                 pass.reduction.size(), column.data());
    for (std::size_t i = 0; i < column.size(); ++i)
      cut.weights[i * static_cast<std::size_t>(pass.filters.size()) + static_cast<std::size_t>(k)] =
          column[i];
  }
  return cut;
}

template RowOperands<std::int16_t> cut_rows(const Layer&, const RowPass&, const Ofmap&, std::span<const int>);
template RowOperands<float> cut_rows(const Layer&, const RowPass&, const Ofmap&, std::span<const int>);
template FoldOperands<std::int16_t> cut_fold(const Layer&, const GemmPass&);
template FoldOperands<float> cut_fold(const Layer&, const GemmPass&);

}  // namespace basil
