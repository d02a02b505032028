#include "pe/basis_first/events.h"

#include <algorithm>

#include "pe/basis_first/coefficients.h"
#include "pe/pass_traffic.h"
#include "traces/encodings/basis.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/pieces.h"

namespace basil::basis_first {
namespace {

inline constexpr int bits_of_sum = 32, bytes_of_sum = 4;

// Of the technology's row, a word of 16 bits to one of 32 places: a crosspoint for each.
double crosspoints(int places, int bits) { return places / 32.0 * bits / 16.0; }

bool convolves_first(const Design& design, const Layer& layer) {
  return layer.weights.encoding == &basis_encoding && design.convolve_first;
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
  loads.maps_out = pixels * layer.weights.parts<Basis>().bases * layer.shape.channels_per_group();
  loads.maps_in = loads.maps_out * rounds;
  return loads;
}

// Bits before each filter of basis weights, as traces/encodings/basis.cpp counts them: kernels come with the
// first one.
std::vector<std::int64_t> bits_before_filters(const Operand& weights) {
  const CoefficientReader coefficients(weights);
  const std::int64_t row = std::int64_t{weights.parts<Basis>().bases} * weights.extent.depth;
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
  const int bits = bits_of(design.dtype), banks = design.banks();
  const std::int64_t bank_of_lanes = std::int64_t{banks} * design.stage_1.lanes;
  const int mapped_word = design.stage_1.lanes * (bits + 1);  // activations, and which are not zero
  const std::int64_t merges = std::int64_t{design.blocks} * (design.slices - 1) * design.psum_banks;
  return {
      {"mac", "ternary_" + adder, lanes, 0, 0, adds},
      {"mac", "ternary_gated_" + adder, 0, 0, 0, adds},
      {"mac", std::string("mac_") + width, design.pes(), 0, 0, multiplies},
      {"mac", std::string("mac_gated_") + width, 0, 0, 0, multiplies},
      {"mac", "add_psum", design.pes() + merges, 0, 0, psum_adder(parameters)},
      {"mac", "register_write_16b", 2 * slices, 0, 0, 1},
      {"spad", "coefficients", slices * banks * halves(design.delivery.weights),
       ceil_div(design.coefficients, bank_of_lanes), 2 * design.stage_1.lanes},
      {"spad", "ifmap row", std::int64_t{design.blocks} * banks * halves(design.delivery.ifmap),
       ceil_div(design.row_words, bank_of_lanes), mapped_word},
      {"spad", "queue", slices, design.queue, bits_of_sum, 1, 2},
      {"spad", "psums", slices * design.psum_banks, ceil_div(design.psums, design.psum_banks),
       parameters.accumulator_bits, 1, 3},  // a sum is read, the one before written, and another read out
      {"index", "crossbar_16b", lanes, 0, 0, crosspoints(design.stage_1.places(), bits)},
      {"index", "crossbar_16b", design.pes(), 0, 0, crosspoints(design.plain().places(), 2 * bits)},
      {"index", "register_write_16b", ceil_div(lanes * banks * bits, 16), 0, 0, 1},
      {"spad", "pixels", slices * banks, ceil_div(design.pixel_words, bank_of_lanes), mapped_word, 1,
       2},  // the next pixel comes under this one's work
      {"noc", "crossbar_16b", design.pes(), 0, 0,
       crosspoints(design.psum_banks, parameters.accumulator_bits)},
  };
}

std::int64_t drain_cycles(const Design& design, const LayerShape& shape, int rows) {
  return 1 + ceil_div(std::int64_t{rows} * shape.Q(), design.psum_banks);
}

void Events::drain(std::int64_t drain_cycles, std::int64_t at_work, std::int64_t multipliers) {
  cycles += drain_cycles;
  bins.add(Bin::drain, at_work * drain_cycles);
  bins.add(Bin::idle, (multipliers - at_work) * drain_cycles);
}

PassAccounts::PassAccounts(const Layer& layer, const Design& design)
    : layer_(layer), design_(design), ifmap_(layer.ifmap), weights_(layer.weights) {
  if (layer.weights.encoding == &basis_encoding) basis_bits_ = bits_before_filters(layer.weights);
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
  return std::int64_t{pass.filters.size()} * layer_.weights.parts<Basis>().bases *
         ceil_div(layer_.shape.channels_per_group(), lanes);
}

// Of a block, whose psums are added up in the end.
std::int64_t PassAccounts::slices_used() const {
  const std::int64_t most = basis_bits_.empty() ? ceil_div(layer_.shape.reduction(), design_.multipliers)
                                                : layer_.weights.parts<Basis>().bases;
  return std::min<std::int64_t>(most, design_.slices);
}

// Words, `lanes` wide, broadcast into the row stores of the blocks at work.
std::int64_t PassAccounts::row_words(const TilePass& pass, const TileGrid& grid) const {
  const std::int64_t rows =
      std::count_if(grid.row_taps.begin(), grid.row_taps.end(), [](int taps) { return taps > 0; });
  const std::int64_t row = std::int64_t{layer_.shape.W} * layer_.shape.channels_per_group();
  const std::int64_t words = rows * pass.n.size() * ceil_div(row, design_.stage_1.lanes);
  return convolves_first(design_, layer_) ? words : words * std::min(design_.blocks, pass.filters.size());
}

// The coefficient stores hold a round of filters, of plain weights as many words as they have bits for; the
// row stores a row, of which the next comes under its work; the psum stores a row of sums that leaves under
// the next one's.
void PassAccounts::add_fills(const TilePass& pass, const TileGrid& grid, TileWork& work) const {
  const std::int64_t store_bits = std::int64_t{2} * design_.coefficients * design_.slices * design_.blocks;
  const std::int64_t weights = work.weights.value * 8;
  work.weights_first = basis_bits_.empty() && design_.delivery.weights && weights > store_bits
                           ? Bytes(ceil_div(store_bits, 8))
                           : work.weights;
  const std::int64_t rows =
      std::count_if(grid.row_taps.begin(), grid.row_taps.end(), [](int taps) { return taps > 0; });
  work.ifmap_takers = std::min(design_.blocks, pass.filters.size());
  work.ifmap_first = design_.delivery.ifmap ? fill_of(work.ifmap, rows * pass.n.size(), 1) : work.ifmap;
  work.psums_last = design_.delivery.psums
                        ? fill_of(work.psums_out, std::int64_t{pass.rows.size()} * pass.n.size(), 1)
                        : work.psums_out;
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
  const std::int64_t slices = slices_used();
  const std::int64_t weight_words =
      ceil_div(events.weights_read * bits_of(layer_.weights.dtype), std::int64_t{2} * design_.stage_1.lanes);
  const int lanes = basis_bits_.empty() ? design_.multipliers : design_.stage_1.lanes;  // of a window's row
  work.uses = {
      {events.terms, 0},
      {lane_cycles - events.terms, 0},
      {computed, 0},
      {design_.pes() * events.cycles - computed, 0},
      {events.summed + loads.sums * (slices - 1), 0},
      {2 * events.walked, 0},
      {events.map_rows + weight_words, coefficient_words(pass) * loads.filter_loads},
      {events.row_reads, row_words(pass, grid)},
      {events.queued, events.queued},
      {events.summed + loads.sums * slices, events.summed + loads.sums * slices},
      {events.terms, 0},
      {events.weights_read, 0},
      {ceil_div(events.map_rows * lanes * bits_of(design_.dtype), 16), 0},
      {events.map_rows, events.map_rows},
      {events.summed, 0},
  };
  work.weights = Bytes(ceil_div(filter_bits(pass.filters), 8) * loads.filter_loads);
  work.ifmap = Bytes(ceil_div(ifmap_bits(pass, grid), 8));
  work.psums_in = Bytes(loads.maps_in * bytes_of_sum);
  work.psums_out = Bytes((loads.maps_out + loads.sums) * bytes_of_sum);
  add_fills(pass, grid, work);
  return work;
}

}  // namespace basil::basis_first
