// Planar tiling: a plane of pixels cut into tiles, one a PE, over a grid of PEs.
#pragma once

#include <cstdint>
#include <string>

#include "pe/pass.h"
#include "pe/unit.h"

namespace basil {

// A plane on a grid of PEs. Where the plane has fewer rows or columns than the grid, each tile is one pixel
// long there, and the grid holds several sets of PEs: all sets take the same tiles, each its own share of
// the filters.
struct PlanarGrid {
  int grid_cols = 1;                 // PEs side by side
  int tile_rows = 1, tile_cols = 1;  // pixels of a tile; tiles at the lower and right edge may be smaller
  int down = 0, across = 0;          // tiles; 0 for an empty plane
  int sets_down = 1, sets_across = 1;

  [[nodiscard]] int tiles() const { return down * across; }
  [[nodiscard]] int sets() const { return sets_down * sets_across; }
  // Index of the PE that takes a tile (row by row) in a set.
  [[nodiscard]] int pe(int set, int tile) const;
};

// The array's rows are the PEs, and the unit's key `tile_cols` says how many of them stand side by side.
// Error at `where` unless that divides the rows.
void check_tile_cols(const UnitParameters& parameters, const std::string& where);

[[nodiscard]] PlanarGrid fit_plane(int plane_rows, int plane_cols, int grid_rows, int grid_cols);

// The tile `index` of an axis that is cut into tiles of `length`.
[[nodiscard]] Range tile_range(Range axis, int length, int index);

// The share of a set in the filters: as even as can be, in order; empty where there are more sets than
// filters.
[[nodiscard]] Range share_of(Range filters, int sets, int set);

}  // namespace basil
