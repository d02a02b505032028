// The ifmap slice of a pass, read from its encoding into one plane a channel.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pe/basis_first/tile_grid.h"
#include "traces/encodings/slice.h"
#include "traces/trace.h"

namespace basil::basis_first {

class TileInput {
 public:
  explicit TileInput(const Layer& layer);

  // Reads image n behind ofmap rows `rows`. False if it is what is held already.
  bool load(int n, int group, Range rows);

  [[nodiscard]] const TileGrid& grid() const { return *grid_; }
  // The grid's pixels, row by row; zero on padding and in columns that no tap uses.
  [[nodiscard]] const std::int16_t* plane(int channel) const { return planes_.data() + channel * pitch_; }
  [[nodiscard]] int channels() const { return channels_; }
  // Of a plane, a multiple of plane_vector.
  [[nodiscard]] std::int64_t pitch() const { return pitch_; }

 private:
  void read_row(int n, int group, int row);

  const Layer& layer_;
  SliceReader reader_;
  int channels_;
  int n_ = -1, group_ = -1;
  Range rows_;
  std::optional<TileGrid> grid_;
  std::int64_t pitch_ = 0;
  std::vector<std::int16_t> planes_, words_;
};

}  // namespace basil::basis_first
