#include "pe/sparse_outer/outer_plan.h"

#include <algorithm>

namespace basil {
namespace {

constexpr int index_bits = 4;  // a word travels with so many (SCNN, ISCA 2017, section 4)

// One axis of a convolution.
struct Axis {
  int length, taps, stride, dilation, pad;

  [[nodiscard]] int reach() const { return (taps - 1) * dilation; }
};

Axis down(const LayerShape& s) { return {s.H, s.R, s.stride_y, s.dilation_y, s.pad_top}; }
Axis across(const LayerShape& s) { return {s.W, s.S, s.stride_x, s.dilation_x, s.pad_left}; }

int floor_div(int a, int b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

Range both(Range a, Range b) {
  const int first = std::max(a.first, b.first);
  return {first, std::max(first, std::min(a.end, b.end))};
}

// Ifmap positions behind ofmap positions.
Range behind(const Axis& axis, Range out) {
  const int first = out.first * axis.stride - axis.pad;
  const int last = (out.end - 1) * axis.stride - axis.pad + axis.reach();
  return both({0, axis.length}, {first, last + 1});
}

// Ofmap positions that ifmap positions reach, the axis being endless.
Range reached(const Axis& axis, Range in) {
  return {-floor_div(axis.reach() - in.first - axis.pad, axis.stride),
          floor_div(in.end - 1 + axis.pad, axis.stride) + 1};
}

// An ofmap position belongs to the tile under the middle of its window, or to the nearest one.
std::vector<Range> owned(const Axis& axis, Range in, Range out, int tile_length, int tiles) {
  std::vector<Range> own(static_cast<std::size_t>(tiles), Range{out.first, out.first});
  int before = 0;
  for (int o = out.first; o < out.end; ++o) {
    const int middle = std::clamp(o * axis.stride - axis.pad + axis.reach() / 2, in.first, in.end - 1);
    const int tile = (middle - in.first) / tile_length;
    for (; before < tile; ++before) own[static_cast<std::size_t>(before) + 1] = {o, o};
    own[static_cast<std::size_t>(tile)].end = o + 1;
  }
  for (; before + 1 < tiles; ++before) own[static_cast<std::size_t>(before) + 1] = {out.end, out.end};
  return own;
}

std::int64_t area(Range rows, Range cols) { return std::int64_t{rows.size()} * cols.size(); }

void lay_tiles(const LayerShape& shape, OuterPlane& plane) {
  const Axis y = down(shape), x = across(shape);
  const PlanarGrid& grid = plane.grid;
  const Range cols{0, shape.Q()};
  const auto own_rows = owned(y, plane.in_rows, plane.rows, grid.tile_rows, grid.down);
  const auto own_cols = owned(x, plane.in_cols, cols, grid.tile_cols, grid.across);
  for (int i = 0; i < grid.down; ++i) {
    for (int j = 0; j < grid.across; ++j) {
      OuterTile tile{};
      tile.in_rows = tile_range(plane.in_rows, grid.tile_rows, i);
      tile.in_cols = tile_range(plane.in_cols, grid.tile_cols, j);
      const Range rows = reached(y, tile.in_rows), columns = reached(x, tile.in_cols);
      tile.first_row = rows.first;
      tile.first_col = columns.first;
      tile.rows = both(rows, plane.rows);
      tile.cols = both(columns, cols);
      tile.own_rows = own_rows[static_cast<std::size_t>(i)];
      tile.own_cols = own_cols[static_cast<std::size_t>(j)];
      tile.halo =
          area(tile.rows, tile.cols) - area(both(tile.rows, tile.own_rows), both(tile.cols, tile.own_cols));
      tile.finished = area(tile.own_rows, tile.own_cols);
      plane.tiles.push_back(tile);
    }
  }
}

}  // namespace

OuterMachine::OuterMachine(const UnitParameters& parameters)
    : pes(parameters.rows),
      grid_cols(parameters.at("tile_cols")),
      ifmap_vector(parameters.at("ifmap_vector")),
      weight_vector(parameters.at("weight_vector")),
      banks(parameters.at("banks")),
      bank_words(parameters.at("bank_words")),
      queue(parameters.at("queue")),
      group(parameters.at("group")),
      halo_words(parameters.at("halo_words")),
      skip_ifmap(parameters.at("skip_ifmap") != 0),
      skip_weights(parameters.at("skip_weights") != 0),
      word_bits((bits_of(parameters.dtype) <= 8 ? 8 : 16) + index_bits),
      delivery(parameters.delivery) {}

OuterPlane lay_out(const LayerShape& shape, const OuterMachine& machine, Range rows) {
  const Axis y = down(shape), x = across(shape);
  OuterPlane plane;
  plane.rows = rows;
  plane.in_rows = behind(y, rows);
  plane.in_cols = behind(x, {0, shape.Q()});
  plane.grid = fit_plane(plane.in_rows.size(), plane.in_cols.size(), machine.pes / machine.grid_cols,
                         machine.grid_cols);
  // Of the largest tile, so that all PEs compute addresses alike.
  plane.acc_rows = (plane.grid.tile_rows - 1 + y.reach()) / y.stride + 1;
  plane.acc_cols = (plane.grid.tile_cols - 1 + x.reach()) / x.stride + 1;
  plane.channel_group =
      static_cast<int>(std::clamp<std::int64_t>(machine.accumulators() / plane.region(), 1, machine.group));
  if (plane.grid.tiles() > 0) lay_tiles(shape, plane);
  return plane;
}

bool fits(const LayerShape& shape, const OuterMachine& machine, Range rows) {
  const Axis y = down(shape), x = across(shape);
  const PlanarGrid grid = fit_plane(behind(y, rows).size(), behind(x, {0, shape.Q()}).size(),
                                    machine.pes / machine.grid_cols, machine.grid_cols);
  const std::int64_t acc_rows = (grid.tile_rows - 1 + y.reach()) / y.stride + 1;
  const std::int64_t acc_cols = (grid.tile_cols - 1 + x.reach()) / x.stride + 1;
  return acc_rows * acc_cols <= machine.accumulators();
}

std::vector<Range> bands(const LayerShape& shape, const OuterMachine& machine, Range rows) {
  std::vector<Range> list;
  for (int first = rows.first; first < rows.end; first = list.back().end) {
    Range band{first, rows.end};
    while (band.size() > 1 && !fits(shape, machine, band)) band.end = band.first + (band.size() + 1) / 2;
    list.push_back(band);
  }
  return list;
}

std::vector<Range> rounds(const OuterPlane& plane, Range filters) {
  std::vector<Range> list;
  const int most = plane.channel_group * plane.grid.sets();
  for (int first = filters.first; first < filters.end; first += most) {
    list.push_back({first, std::min(filters.end, first + most)});
  }
  return list;
}

StridePhases::StridePhases(const LayerShape& shape)
    : shape_(shape),
      phase_(static_cast<std::size_t>(shape.stride_y) * static_cast<std::size_t>(shape.stride_x), -1) {
  for (int r = 0; r < shape.R; ++r) {
    for (int s = 0; s < shape.S; ++s) {
      const int place =
          r * shape.dilation_y % shape.stride_y * shape.stride_x + s * shape.dilation_x % shape.stride_x;
      phase_[static_cast<std::size_t>(place)] = 0;
    }
  }
  for (int& phase : phase_) {
    if (phase == 0) phase = count_++;
  }
}

int StridePhases::of_tap(int r, int s) const {
  return phase_[static_cast<std::size_t>(r * shape_.dilation_y % shape_.stride_y * shape_.stride_x +
                                         s * shape_.dilation_x % shape_.stride_x)];
}

int StridePhases::of_pixel(int y, int x) const {
  return phase_[static_cast<std::size_t>((y + shape_.pad_top) % shape_.stride_y * shape_.stride_x +
                                         (x + shape_.pad_left) % shape_.stride_x)];
}

}  // namespace basil
