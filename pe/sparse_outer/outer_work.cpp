#include "pe/sparse_outer/outer_work.h"

#include "pe/pass_traffic.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/pieces.h"

namespace basil {
namespace {

// SCNN, ISCA 2017, table 3: 10 KB of ifmap RAM a PE, and a weight FIFO of 50 vectors. A second half of the
// RAM is the paper's output RAM, with which it changes places; a second half of the accumulators is the
// paper's too (section 3.2, and the 6 KB of table 3).
constexpr std::int64_t ifmap_ram_bits = std::int64_t{10} * 1024 * 8;
constexpr std::int64_t weight_fifo_vectors = 50;

// Of a PE's ifmap RAM, or of a half of it.
std::int64_t ram_vectors(const OuterMachine& machine) {
  return ifmap_ram_bits / (std::int64_t{machine.ifmap_vector} * machine.word_bits);
}

}  // namespace

std::vector<Part> outer_parts(const UnitParameters& parameters) {
  const OuterMachine machine(parameters);
  const bool narrow = bits_of(parameters.dtype) <= 8;
  return {
      {.component = "mac",
       .name = narrow ? "mac_int8" : "mac_int16",
       .instances = std::int64_t{machine.pes} * machine.multipliers()},
      {.component = "mac", .name = narrow ? "mac_gated_int8" : "mac_gated_int16"},
      {.component = "noc",
       .name = "crossbar_16b",
       .instances = std::int64_t{machine.pes} * machine.multipliers()},
      {.component = "mac",
       .name = "add_psum",
       .instances = std::int64_t{machine.pes} * machine.banks,
       .weight = psum_adder(parameters)},
      {.component = "spad",
       .name = "accumulators",
       .instances = std::int64_t{machine.pes} * machine.banks,
       .words = std::int64_t{machine.bank_words} * halves(machine.delivery.psums),
       .bits = parameters.accumulator_bits,
       .ports = 2},  // a sum is read while the one before is written
      {.component = "spad",
       .name = "ifmap RAM",
       .instances = machine.pes,
       .words = ram_vectors(machine) * halves(machine.delivery.ifmap),
       .bits = machine.ifmap_vector * machine.word_bits},
      {.component = "spad",
       .name = "weight FIFO",
       .instances = machine.pes,
       .words = weight_fifo_vectors,
       .bits = machine.weight_vector * machine.word_bits,
       .ports = 2},
  };
}

TileWork outer_work(const OuterEvents& events, const OuterMachine& machine) {
  const std::int64_t lanes = machine.multipliers();
  const std::int64_t products = events.landed + events.discarded;
  TileWork work;
  work.cycles = Cycles(events.cycles);
  work.products = events.landed;
  work.bins.add(Bin::compute, events.landed);
  work.bins.add(Bin::gated, events.discarded + events.zero_pairs);
  work.bins.add(Bin::imbalance, events.empty + events.waiting * lanes);
  work.bins.add(Bin::wait_psums, events.stalled * lanes);
  work.bins.add(Bin::drain, events.exchanging * lanes);
  work.bins.add(Bin::idle, events.unmapped * lanes);

  // A halo psum is read by its sender and added by its owner; each psum is read once more when it leaves.
  const std::int64_t adds = events.landed + events.halo;
  work.uses = {
      {.count = products},
      {.count = events.cycles * machine.pes * lanes - products},
      {.count = adds},
      {.count = adds},
      {.count = adds + events.halo + events.finished, .writes = adds},
      {.count = events.ifmap_reads, .writes = events.ifmap_writes},
      {.count = events.weight_reads, .writes = events.weight_writes},
  };
  return work;
}

bool finds_ifmap(const LayerShape& shape, const TilePass& pass, const OuterMachine& machine,
                 std::int64_t vectors) {
  const bool first = pass.filters.first == pass.group * shape.filters_per_group();
  return !first && vectors <= machine.pes * ram_vectors(machine);
}

void add_fills(const OuterMachine& machine, const TilePass& pass, const OuterFill& fill, TileWork& work) {
  const std::int64_t fifo_bits = weight_fifo_vectors * machine.weight_vector * machine.word_bits;
  work.weights_takers = std::max(1, fill.tiles);
  work.ifmap_takers = std::min(fill.sets, pass.filters.size());
  work.weights_first = std::min(work.weights, Bytes(ceil_div(fill.sets * fifo_bits, 8)));
  work.ifmap_first = machine.delivery.ifmap
                         ? fill_of(work.ifmap, fill.vectors, machine.pes * ram_vectors(machine))
                         : work.ifmap;
  work.psums_last =
      machine.delivery.psums ? fill_of(work.psums_out, fill.rounds * pass.n.size(), 1) : work.psums_out;
}

std::int64_t ifmap_bits(const SliceReader& ifmap, const LayerShape& shape, int group, const OuterPlane& plane,
                        int n) {
  std::int64_t bits = 0;
  for (int y = plane.in_rows.first; y < plane.in_rows.end; ++y)
    bits += encoded_bits(ifmap, shape, group, {n, y, plane.in_cols});
  return bits;
}

Bytes streamed_weights(const Layer& layer, const TilePass& pass, std::size_t bands) {
  const std::int64_t bits = filter_bits(layer.weights, pass.filters.first, pass.filters.end);
  return Bytes(ceil_div(bits, 8)) * (pass.n.size() * static_cast<std::int64_t>(bands));
}

}  // namespace basil
