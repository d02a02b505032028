#include "pe/basis_first/events.h"

#include <algorithm>

#include "pe/basis_first/tile_grid.h"

namespace basil::basis_first {
namespace {

inline constexpr int bits_of_sum = 32, bytes_of_sum = 4;

// Bits of the ifmap rows that the pass uses, as encoded.
std::int64_t ifmap_bits(const Layer& layer, const SliceReader& ifmap, const TilePass& pass,
                        const TileGrid& grid) {
  const LayerShape& shape = layer.shape;
  const int depth = shape.channels_per_group();
  std::int64_t bits = 0;
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    for (int row = 0; row < grid.rows; ++row) {
      if (grid.row_taps[static_cast<std::size_t>(row)] == 0) continue;
      if (shape.groups == 1) {
        bits +=
            ifmap.encoded_bits(layer.ifmap.extent.at(n, grid.top + row, 0, 0), std::int64_t{shape.W} * depth);
        continue;
      }
      for (int x = 0; x < shape.W; ++x) {
        bits += ifmap.encoded_bits(layer.ifmap.extent.at(n, grid.top + row, x, pass.group * depth), depth);
      }
    }
  }
  return bits;
}

// What the pass moves into and out of the array.
struct Loads {
  std::int64_t filter_loads = 1;           // times that the filters come
  std::int64_t sums = 0;                   // that leave
  std::int64_t maps_out = 0, maps_in = 0;  // words of intermediate maps
};

Loads loads_of(const Design& design, const Layer& layer, const TilePass& pass) {
  const std::int64_t pixels = std::int64_t{pass.n.size()} * pass.rows.size() * layer.shape.Q();
  Loads loads{.sums = pixels * pass.filters.size()};
  if (layer.weights.encoding != Encoding::basis || !design.convolve_first) return loads;
  const std::int64_t rounds = ceil_div(pass.filters.size(), design.blocks);
  loads.filter_loads = rounds > 1 ? pass.n.size() : 1;
  loads.maps_out = pixels * layer.weights.bases * layer.shape.channels_per_group();
  loads.maps_in = loads.maps_out * rounds;
  return loads;
}

// Words that fill the coefficient stores once.
std::int64_t coefficient_words(const Design& design, const Layer& layer, const TilePass& pass) {
  if (layer.weights.encoding == Encoding::basis) {
    return std::int64_t{pass.filters.size()} * layer.weights.bases *
           ceil_div(layer.shape.channels_per_group(), design.stage_1.lanes);
  }
  std::int64_t words = 0;
  for (int k = pass.filters.first; k < pass.filters.end; ++k) {
    words += ceil_div(filter_bits(layer.weights, k, k + 1), 2 * design.stage_1.lanes);
  }
  return words;
}

// Words broadcast into the row stores of the blocks at work.
std::int64_t row_words(const Design& design, const Layer& layer, const TilePass& pass, const TileGrid& grid) {
  const std::int64_t rows =
      std::count_if(grid.row_taps.begin(), grid.row_taps.end(), [](int t) { return t > 0; });
  const std::int64_t words = rows * pass.n.size() * layer.shape.W * layer.shape.channels_per_group();
  const bool spread = layer.weights.encoding == Encoding::basis && design.convolve_first;
  return spread ? words : words * std::min(design.blocks, pass.filters.size());
}

}  // namespace

std::vector<Part> parts(const UnitParameters& parameters) {
  const Design design(parameters);
  const bool wide = bits_of(design.dtype) > 8;
  const std::int64_t slices = std::int64_t{design.blocks} * design.slices;
  const std::int64_t lanes = slices * design.stage_1.lanes;
  // Sum first adds activations and multiplies sums of twice their width: a product of 16 x 8 bits counts as
  // two of 8 x 8. Convolve first multiplies activations and adds values of twice their width.
  const bool wide_adds = wide || design.convolve_first;
  const double adds = wide && design.convolve_first ? 2 : 1;
  const double multiplies = wide || design.convolve_first ? 1 : 2;
  const char* width = wide ? "int16" : "int8";
  const std::string adder = wide_adds ? "int16" : "int8";
  return {
      {"mac", "ternary_" + adder, lanes, 0, 0, adds},
      {"mac", "ternary_gated_" + adder, 0, 0, 0, adds},
      {"mac", std::string("mac_") + width, design.pes(), 0, 0, multiplies},
      {"mac", std::string("mac_gated_") + width, 0, 0, 0, multiplies},
      {"mac", "add_psum", design.pes(), 0, 0, 1},
      {"mac", "register_write_16b", 2 * slices, 0, 0, 1},
      {"spad", "coefficients", slices, ceil_div(design.coefficients, design.stage_1.lanes),
       2 * design.stage_1.lanes, 1},
      {"spad", "ifmap row", design.blocks, design.row_words, bits_of(design.dtype), 1},
      {"spad", "queue", slices, design.queue, bits_of_sum, 1},
      {"spad", "psums", design.blocks, design.psums, bits_of_sum, 1},
  };
}

TileWork work_of(const Events& events, const Design& design, const Layer& layer, const SliceReader& ifmap,
                 const TilePass& pass) {
  const TileGrid grid(layer.shape, pass.rows);
  const Loads loads = loads_of(design, layer, pass);
  const std::int64_t computed = events.bins[Bin::compute];
  const std::int64_t lane_cycles =
      std::int64_t{design.blocks} * design.slices * design.stage_1.lanes * events.cycles;

  TileWork work;
  work.cycles = Cycles(events.cycles);
  work.bins = events.bins;
  work.products = computed;
  work.uses = {
      {events.terms, 0},
      {lane_cycles - events.terms, 0},
      {computed, 0},
      {design.pes() * events.cycles - computed, 0},
      {events.summed, 0},
      {2 * events.walked, 0},
      {events.map_rows + events.weights_read, coefficient_words(design, layer, pass) * loads.filter_loads},
      {events.activations_read, row_words(design, layer, pass, grid)},
      {events.queued, events.queued},
      {events.summed + loads.sums, events.summed + loads.sums},
  };
  work.weights = Bytes(ceil_div(filter_bits(layer.weights, pass.filters.first, pass.filters.end), 8) *
                       loads.filter_loads);
  work.ifmap = Bytes(ceil_div(ifmap_bits(layer, ifmap, pass, grid), 8));
  work.psums_in = Bytes(loads.maps_in * bytes_of_sum);
  work.psums_out = Bytes((loads.maps_out + loads.sums) * bytes_of_sum);
  return work;
}

}  // namespace basil::basis_first
