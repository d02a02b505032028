#include "pe/basis_first/slice_clocked.h"

#include "traces/encodings/basis.h"

namespace basil::basis_first {

ClockedOperands::ClockedOperands(const Layer& work, const Design& array, const TilePass& block)
    : layer(work), design(array), pass(block), input(work) {
  if (layer.weights.encoding == &basis_encoding) coefficients = basis::coefficients(layer.weights);
}

std::int64_t ClockedOperands::reduction(int p, int q, std::int64_t at) const {
  const LayerShape& shape = layer.shape;
  const int depth = shape.channels_per_group();
  const int tap = static_cast<int>(at / depth), channel = static_cast<int>(at % depth);
  const int y = p * shape.stride_y + tap / shape.S * shape.dilation_y;
  const int x = q * shape.stride_x + tap % shape.S * shape.dilation_x;
  return activation(y, x, channel);
}

std::int64_t ClockedOperands::coefficient(int filter, int basis, int channel) const {
  const int depth = layer.weights.extent.depth;
  if (channel >= depth) return 0;
  const std::int64_t row = std::int64_t{filter} * layer.weights.parts<Basis>().bases + basis;
  return coefficients[static_cast<std::size_t>(row * depth + channel)];
}

std::int64_t ClockedOperands::kernel(int basis, int r, int s) const {
  const Extent& e = layer.weights.extent;
  return layer.weights.values[static_cast<std::size_t>((basis * e.rows + r) * e.cols + s)];
}

std::size_t ClockedOperands::psum(int filter, int p, int q) const {
  const std::int64_t row = std::int64_t{n - pass.n.first} * pass.rows.size() + p;
  const std::int64_t pixel = row * layer.shape.Q() + q;
  return static_cast<std::size_t>(pixel * pass.filters.size() + filter - pass.filters.first);
}

}  // namespace basil::basis_first
