#include "pe/basis_first/events.h"

#include <algorithm>

#include "pe/basis_first/coefficients.h"
#include "pe/pass_traffic.h"

namespace basil::basis_first {
namespace {

inline constexpr int bits_of_sum = 32, bytes_of_sum = 4;

bool convolves_first(const Design& design, const Layer& layer) {
  return layer.weights.encoding == Encoding::basis && design.convolve_first;
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
  if (!convolves_first(design, layer)) return loads;
  const std::int64_t rounds = ceil_div(pass.filters.size(), design.blocks);
  loads.filter_loads = rounds > 1 ? pass.n.size() : 1;
  loads.maps_out = pixels * layer.weights.bases * layer.shape.channels_per_group();
  loads.maps_in = loads.maps_out * rounds;
  return loads;
}

// Bits before each filter of basis weights, as traces/operand.h counts them: kernels come with the first one.
std::vector<std::int64_t> bits_before_filters(const Operand& weights) {
  const CoefficientReader coefficients(weights);
  const std::int64_t row = std::int64_t{weights.bases} * weights.extent.depth;
  const std::int64_t kernels = static_cast<std::int64_t>(weights.values.size()) * bits_of(weights.dtype);
  std::vector<std::int64_t> before{0};
  for (int filter = 1; filter <= weights.extent.outer; ++filter) {
    before.push_back(kernels + filter * row + coefficients.nonzeros_before(filter * row));
  }
  return before;
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
      {"mac", "add_psum", design.pes(), 0, 0, psum_adder(parameters)},
      {"mac", "register_write_16b", 2 * slices, 0, 0, 1},
      {"spad", "coefficients", slices, ceil_div(design.coefficients, design.stage_1.lanes),
       2 * design.stage_1.lanes, 1, design.stage_1.look_ahead + 1},  // rows that a window may move on
      {"spad", "ifmap row", design.blocks, design.row_words, bits_of(design.dtype), 1},
      {"spad", "queue", slices, design.queue, bits_of_sum, 1, 2},
      {"spad", "psums", design.blocks, design.psums, parameters.accumulator_bits, 1},
  };
}

void Events::drain(std::int64_t at_work, std::int64_t multipliers) {
  ++cycles;
  bins.add(Bin::drain, at_work);
  bins.add(Bin::idle, multipliers - at_work);
}

PassAccounts::PassAccounts(const Layer& layer, const Design& design)
    : layer_(layer), design_(design), ifmap_(layer.ifmap), weights_(layer.weights) {
  if (layer.weights.encoding == Encoding::basis) basis_bits_ = bits_before_filters(layer.weights);
}

// Of the ifmap rows that the pass uses, as encoded.
std::int64_t PassAccounts::ifmap_bits(const TilePass& pass, const TileGrid& grid) const {
  const LayerShape& shape = layer_.shape;
  std::int64_t bits = 0;
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    for (int row = 0; row < grid.rows; ++row) {
      if (grid.row_taps[static_cast<std::size_t>(row)] == 0) continue;
      bits += encoded_bits(ifmap_, shape, pass.group, {n, grid.top + row, {0, shape.W}});
    }
  }
  return bits;
}

std::int64_t PassAccounts::filter_bits(Range filters) const {
  if (!basis_bits_.empty()) {
    return basis_bits_[static_cast<std::size_t>(filters.end)] -
           basis_bits_[static_cast<std::size_t>(filters.first)];
  }
  const std::int64_t filter = layer_.shape.reduction();
  return weights_.encoded_bits(filters.first * filter, filters.size() * filter);
}

// Words that fill the coefficient stores once.
std::int64_t PassAccounts::coefficient_words(const TilePass& pass) const {
  const int lanes = design_.stage_1.lanes;
  if (basis_bits_.empty()) return ceil_div(filter_bits(pass.filters), 2 * lanes);
  return std::int64_t{pass.filters.size()} * layer_.weights.bases *
         ceil_div(layer_.shape.channels_per_group(), lanes);
}

// Words broadcast into the row stores of the blocks at work.
std::int64_t PassAccounts::row_words(const TilePass& pass, const TileGrid& grid) const {
  const std::int64_t rows =
      std::count_if(grid.row_taps.begin(), grid.row_taps.end(), [](int taps) { return taps > 0; });
  const std::int64_t words = rows * pass.n.size() * layer_.shape.W * layer_.shape.channels_per_group();
  return convolves_first(design_, layer_) ? words : words * std::min(design_.blocks, pass.filters.size());
}

TileWork PassAccounts::work(const Events& events, const TilePass& pass) const {
  const TileGrid grid(layer_.shape, pass.rows);
  const Loads loads = loads_of(design_, layer_, pass);
  const std::int64_t computed = events.bins[Bin::compute];
  const std::int64_t lane_cycles =
      std::int64_t{design_.blocks} * design_.slices * design_.stage_1.lanes * events.cycles;

  TileWork work;
  work.cycles = Cycles(events.cycles);
  work.bins = events.bins;
  work.products = computed;
  work.uses = {
      {events.terms, 0},
      {lane_cycles - events.terms, 0},
      {computed, 0},
      {design_.pes() * events.cycles - computed, 0},
      {events.summed, 0},
      {2 * events.walked, 0},
      {events.map_rows + events.weights_read, coefficient_words(pass) * loads.filter_loads},
      {events.activations_read, row_words(pass, grid)},
      {events.queued, events.queued},
      {events.summed + loads.sums, events.summed + loads.sums},
  };
  work.weights = Bytes(ceil_div(filter_bits(pass.filters), 8) * loads.filter_loads);
  work.ifmap = Bytes(ceil_div(ifmap_bits(pass, grid), 8));
  work.psums_in = Bytes(loads.maps_in * bytes_of_sum);
  work.psums_out = Bytes((loads.maps_out + loads.sums) * bytes_of_sum);
  return work;
}

}  // namespace basil::basis_first
