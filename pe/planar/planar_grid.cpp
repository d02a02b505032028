#include "pe/planar/planar_grid.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/units.h"

namespace basil {

int PlanarGrid::pe(int set, int tile) const {
  const int row = set / sets_across * down + tile / across;
  const int col = set % sets_across * across + tile % across;
  return row * grid_cols + col;
}

void check_tile_cols(const UnitParameters& parameters, const std::string& where) {
  const int tile_cols = parameters.at("tile_cols");
  if (parameters.rows % tile_cols == 0) return;
  throw Error(where + ".tile_cols", std::to_string(tile_cols),
              fmt::format("a divisor of the array's {} rows, which are its PEs", parameters.rows));
}

PlanarGrid fit_plane(int plane_rows, int plane_cols, int grid_rows, int grid_cols) {
  PlanarGrid grid{.grid_cols = grid_cols};
  if (plane_rows <= 0 || plane_cols <= 0) return grid;
  grid.tile_rows = static_cast<int>(ceil_div(plane_rows, grid_rows));
  grid.tile_cols = static_cast<int>(ceil_div(plane_cols, grid_cols));
  grid.down = static_cast<int>(ceil_div(plane_rows, grid.tile_rows));
  grid.across = static_cast<int>(ceil_div(plane_cols, grid.tile_cols));
  grid.sets_down = grid_rows / grid.down;
  grid.sets_across = grid_cols / grid.across;
  return grid;
}

Range tile_range(Range axis, int length, int index) {
  const int first = axis.first + index * length;
  return {first, std::min(axis.end, first + length)};
}

Range share_of(Range filters, int sets, int set) {
  const auto before = [&](int index) {
    return filters.first + static_cast<int>(std::int64_t{filters.size()} * index / sets);
  };
  return {before(set), before(set + 1)};
}

}  // namespace basil
