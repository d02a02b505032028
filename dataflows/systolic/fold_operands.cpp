#include "dataflows/systolic/fold_operands.h"

#include "dataflows/pass_values.h"

namespace basil {

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

template <class Word>
std::vector<std::int64_t> effectual_work(const FoldOperands<Word>& operands, const GemmPass& pass, int cols,
                                         bool holds_sums) {
  const auto pixels = static_cast<std::size_t>(pass.pixels.size()),
             reduction = static_cast<std::size_t>(pass.reduction.size()),
             filters = static_cast<std::size_t>(pass.filters.size());
  std::vector<std::int64_t> work((holds_sums ? pixels : reduction) * static_cast<std::size_t>(cols), 0);
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    for (std::size_t i = 0; i < reduction; ++i) {
      if (operands.activations[pixel * reduction + i] == Word{}) continue;
      const std::size_t row = (holds_sums ? pixel : i) * static_cast<std::size_t>(cols);
      for (std::size_t k = 0; k < filters; ++k)
        work[row + k] += operands.weights[i * filters + k] != Word{} ? 1 : 0;
    }
  }
  return work;
}

template FoldOperands<std::int16_t> cut_fold(const Layer&, const GemmPass&);
template FoldOperands<float> cut_fold(const Layer&, const GemmPass&);
template std::vector<std::int64_t> effectual_work(const FoldOperands<std::int16_t>&, const GemmPass&, int,
                                                  bool);
template std::vector<std::int64_t> effectual_work(const FoldOperands<float>&, const GemmPass&, int, bool);

}  // namespace basil
