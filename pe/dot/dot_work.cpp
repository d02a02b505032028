#include "pe/dot/dot_work.h"

#include <algorithm>

#include "pe/pass_traffic.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/pieces.h"

namespace basil {
namespace {

// 2 MB of SRAM for 64 PEs (SCNN, ISCA 2017, table 4): 32 KB each, in two halves where it is doubled; and a
// weight FIFO of as many vectors as SCNN's (table 3).
constexpr std::int64_t ifmap_ram_bits = std::int64_t{32} * 1024 * 8;
constexpr std::int64_t weight_fifo_vectors = 50;

// Of a pass's ifmap what a PE needs, and what its RAM, or a half of it, holds.
std::int64_t ifmap_words(const LayerShape& shape, const TilePass& pass, const PlanarGrid& grid) {
  const std::int64_t rows =
      std::int64_t{grid.tile_rows - 1} * shape.stride_y + (shape.R - 1) * shape.dilation_y + 1;
  const std::int64_t cols =
      std::int64_t{grid.tile_cols - 1} * shape.stride_x + (shape.S - 1) * shape.dilation_x + 1;
  return rows * cols * shape.channels_per_group() * pass.n.size();
}
std::int64_t ifmap_room(const DotMachine& machine) {
  return ifmap_ram_bits / halves(machine.delivery.ifmap) / machine.word_bits;
}

// The ifmap stays in the PEs' RAMs while the filters of its tile go by: a pass after the first finds it
// there, if they hold it.
bool finds_ifmap(const LayerShape& shape, const DotMachine& machine, const TilePass& pass,
                 const PlanarGrid& grid) {
  return pass.filters.first != pass.group * shape.filters_per_group() &&
         ifmap_words(shape, pass, grid) <= ifmap_room(machine);
}

// The FIFOs take a vector of each of their filters; the ifmap comes before the work starts, but for what a
// doubled RAM's other half takes under it.
void add_fills(const DotMachine& machine, const TilePass& pass, const PlanarGrid& grid,
               const LayerShape& shape, TileWork& work) {
  const std::int64_t streamed = ceil_div(pass.filters.size(), grid.sets()) * machine.vectors(shape);
  work.weights_first = fill_of(work.weights, streamed * pass.n.size(), weight_fifo_vectors);
  work.weights_takers = grid.tiles();
  work.ifmap_takers = std::min(grid.sets(), pass.filters.size());
  work.ifmap_first = machine.delivery.ifmap
                         ? fill_of(work.ifmap, ifmap_words(shape, pass, grid), ifmap_room(machine))
                         : work.ifmap;
  // Of a PE: its filters for all pixels of its tile.
  const std::int64_t psums = std::int64_t{grid.tile_rows} * grid.tile_cols * pass.n.size() *
                             ceil_div(pass.filters.size(), grid.sets());
  work.psums_last =
      machine.delivery.psums ? fill_of(work.psums_out, psums, machine.psum_words) : work.psums_out;
}

}  // namespace

DotMachine::DotMachine(const UnitParameters& parameters)
    : pes(parameters.rows),
      grid_cols(parameters.at("tile_cols")),
      width(parameters.at("width")),
      group(parameters.at("group")),
      psum_words(parameters.at("psum_words")),
      zero_gating(parameters.zero_gating),
      word_bits(bits_of(parameters.dtype) <= 8 ? 8 : 16),
      delivery(parameters.delivery) {}

int DotMachine::resident(int pixels, int filters) const {
  return std::clamp(psum_words / pixels, 1, filters);
}

std::vector<Part> dot_parts(const UnitParameters& parameters) {
  const DotMachine machine(parameters);
  const bool narrow = machine.word_bits == 8;
  const int vector_bits = machine.width * machine.word_bits;
  return {
      {.component = "mac",
       .name = narrow ? "mac_int8" : "mac_int16",
       .instances = std::int64_t{machine.pes} * machine.width},
      {.component = "mac", .name = narrow ? "mac_gated_int8" : "mac_gated_int16"},
      {.component = "mac", .name = "add_psum", .instances = machine.pes, .weight = psum_adder(parameters)},
      {.component = "spad",
       .name = "psums",
       .instances = machine.pes,
       .words = std::int64_t{machine.psum_words} * halves(machine.delivery.psums),
       .bits = parameters.accumulator_bits,
       .ports = 2},  // a sum is read while the one before is written
      {.component = "spad",
       .name = "ifmap RAM",
       .instances = machine.pes,
       .words = std::max<std::int64_t>(1, ifmap_ram_bits / vector_bits),
       .bits = vector_bits},
      {.component = "spad",
       .name = "weight FIFO",
       .instances = machine.pes,
       .words = weight_fifo_vectors,
       .bits = vector_bits,
       .ports = 2},
  };
}

TileWork dot_work(const DotEvents& events, const DotMachine& machine) {
  TileWork work;
  work.cycles = Cycles(events.cycles);
  work.products = events.products;
  work.bins.add(Bin::compute, events.products);
  work.bins.add(Bin::gated, events.gated);
  work.bins.add(Bin::imbalance, events.empty + events.waiting * machine.width);
  work.bins.add(Bin::idle, events.unmapped * machine.width);
  work.uses = {
      {.count = events.products},    {.count = events.cycles * machine.pes * machine.width - events.products},
      {.count = events.steps},       {.count = events.steps, .writes = events.steps},
      {.count = events.ifmap_reads}, {.count = events.steps, .writes = events.weight_writes},
  };
  return work;
}

void add_dot_bytes(const Layer& layer, const SliceReader& ifmap, const DotMachine& machine,
                   const TilePass& pass, TileWork& work) {
  const LayerShape& shape = layer.shape;
  const Range rows = ifmap_rows(shape, pass.rows);
  const int depth = shape.channels_per_group();
  std::int64_t bits = 0;
  for (int n = pass.n.first; n < pass.n.end && rows.size() > 0; ++n) {
    const std::int64_t first = layer.ifmap.extent.at(n, rows.first, 0, pass.group * depth);
    const std::int64_t pixels = std::int64_t{rows.size()} * shape.W;
    if (shape.groups == 1) {
      bits += ifmap.encoded_bits(first, pixels * depth);
    } else {
      for (std::int64_t i = 0; i < pixels; ++i) bits += ifmap.encoded_bits(first + i * shape.C, depth);
    }
  }
  const PlanarGrid grid = machine.grid(shape, pass.rows);
  const std::int64_t bands = ceil_div(std::int64_t{grid.tile_rows} * grid.tile_cols, machine.psum_words);
  const std::int64_t weight_bits = filter_bits(layer.weights, pass.filters.first, pass.filters.end);
  const bool found = finds_ifmap(shape, machine, pass, grid);
  work.ifmap = found ? Bytes(0) : Bytes(ceil_div(bits, 8));
  work.weights = Bytes(ceil_div(weight_bits, 8)) * (bands * pass.n.size());
  work.psums_out = finished_psums(shape, pass);
  add_fills(machine, pass, grid, shape, work);
}

}  // namespace basil
