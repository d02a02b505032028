#include "pe/basis_first/tile_input.h"

#include "pe/basis_first/plane_kernels.h"

namespace basil::basis_first {

TileInput::TileInput(const Layer& layer)
    : layer_(layer), reader_(layer.ifmap), channels_(layer.shape.channels_per_group()) {}

bool TileInput::load(int n, int group, Range rows) {
  if (n == n_ && group == group_ && rows == rows_) return false;
  if (!grid_ || !(rows == rows_)) grid_.emplace(layer_.shape, rows);
  n_ = n;
  group_ = group;
  rows_ = rows;
  pitch_ = ceil_div(grid_->pixels(), plane_vector) * plane_vector;
  planes_.assign(static_cast<std::size_t>(pitch_ * channels_), 0);
  for (int row = 0; row < grid_->rows; ++row) {
    if (grid_->row_taps[static_cast<std::size_t>(row)] > 0) read_row(n, group, row);
  }
  return true;
}

void TileInput::read_row(int n, int group, int row) {
  const LayerShape& shape = layer_.shape;
  const int y = grid_->top + row;
  words_.resize(static_cast<std::size_t>(shape.W) * static_cast<std::size_t>(channels_));
  if (shape.groups == 1) {
    reader_.read(layer_.ifmap.extent.at(n, y, 0, 0), std::int64_t{shape.W} * channels_, words_.data());
  } else {
    for (int x = 0; x < shape.W; ++x) {
      reader_.read(layer_.ifmap.extent.at(n, y, x, group * channels_), channels_,
                   words_.data() + std::int64_t{x} * channels_);
    }
  }
  for (int x = 0; x < shape.W; ++x) {
    const int column = x + shape.pad_left;
    if (grid_->column_taps[static_cast<std::size_t>(column)] == 0) continue;
    std::int16_t* out = planes_.data() + std::int64_t{row} * grid_->columns + column;
    const std::int16_t* word = words_.data() + std::int64_t{x} * channels_;
    for (int c = 0; c < channels_; ++c) out[c * pitch_] = word[c];
  }
}

}  // namespace basil::basis_first
