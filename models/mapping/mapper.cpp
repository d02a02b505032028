#include "models/mapping/mapper.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "dataflows/row_stationary/row_fit.h"
#include "models/description/routers.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

double up_to_eighths(double part) { return std::ceil(std::min(1.0, part) * 8) / 8; }

}  // namespace

RowArray row_array(const Description& machine, const std::vector<int>& filter_slots) {
  RowArray array = machine.row_array();
  for (const int slots : filter_slots) array.weight_slots = std::max(array.weight_slots, slots);
  return array;
}

std::string where_of(const Layer& layer, const Description& machine) {
  return "layer " + layer.name + " on " + machine.name +
         (machine.fmap_buffer.doubled ? ", in half of a double buffer" : "");
}

RowData row_data(const Layer& layer, const Description& machine) {
  RowData data;
  data.slots = filter_slots(layer, machine);
  const double word_bits = 8.0 * machine.word_bytes();
  if (machine.encoded_weights) {
    data.weight_coding = up_to_eighths(static_cast<double>(encoded_bits(layer.weights)) /
                                       (static_cast<double>(layer.weights.extent.positions()) * word_bits));
  }
  const bool wants_energy = machine.objective != RowObjective::cycles;
  if (machine.fmaps->fmap_coder == nullptr && !wants_energy) return data;
  const double nonzero =
      static_cast<double>(nonzeros(layer.ifmap)) / static_cast<double>(layer.ifmap.extent.positions());
  if (const FmapCoder* coder = machine.fmaps->fmap_coder)
    data.ifmap_coding = up_to_eighths(coder->bits_a_word(nonzero, machine.word_bits()) / word_bits);
  if (wants_energy) data.ifmap_zeros = 1 - up_to_eighths(nonzero);
  return data;
}

namespace {

// Of single events, by the energy model itself.
class EventPrices {
 public:
  EventPrices(const Description& machine, const EnergyModel& energy) : machine_(machine), energy_(energy) {}

  [[nodiscard]] double of(std::int64_t Activity::*event) const {
    Activity activity;
    activity.*event = 1;
    return energy_.account(activity, {}, Cycles(0)).total().value;
  }
  [[nodiscard]] double buffer(BufferCounters MemoryCounters::*buffer,
                              std::int64_t BufferCounters::*accesses) const {
    MemoryCounters memory;
    (memory.*buffer).*accesses = 1;
    return energy_.account({}, memory, Cycles(0)).total().value;
  }
  [[nodiscard]] double bus(BusCounters NetworkCounters::*bus, std::int64_t BusCounters::*beats) const {
    MemoryCounters memory;
    (memory.network.*bus).*beats = 1;
    return energy_.account({}, memory, Cycles(0)).total().value;
  }
  // A flit from a buffer's node to each node, in the mean.
  [[nodiscard]] double flit() const {
    const RouterGrid& grid = machine_.noc.routers;
    Interconnect network(make_topology(machine_.noc.kind, grid.cols, grid.rows), router_parameters(machine_),
                         Interconnect::Level::transaction);
    const int nodes = grid.rows * grid.cols;
    for (int node = 1; node < nodes; ++node)
      network.carry({Packet{0, {static_cast<NodeId>(node)}, 1, 0}}, 0, 0);
    MemoryCounters memory;
    memory.network.routed = network.activity();
    return energy_.account({}, memory, Cycles(0)).total().value / nodes;
  }
  [[nodiscard]] double dram_byte(Bytes DramCounters::*way) const {
    MemoryCounters memory;
    (memory.dram.*way) = Bytes(machine_.dram.row.value);
    memory.dram.activations = 1;
    return energy_.account({}, memory, Cycles(0)).total().value /
           static_cast<double>(machine_.dram.row.value);
  }
  [[nodiscard]] double cycle() const { return energy_.account({}, {}, Cycles(1)).total().value; }

 private:
  const Description& machine_;
  const EnergyModel& energy_;
};

void price_network(const Description& machine, const EventPrices& event, RowPrices& prices) {
  if (machine.noc.routed()) {
    const double flit = event.flit();
    const RouterGrid& grid = machine.noc.routers;
    const double nodes = static_cast<double>(grid.rows * grid.cols) / static_cast<double>(machine.rows);
    for (RowPrices::Stream* stream : {&prices.filters, &prices.ifmap}) stream->row_beat = flit * nodes;
    for (RowPrices::Stream* stream : {&prices.psums_in, &prices.psums_out}) stream->beat = flit;
    return;
  }
  const auto price = [&](RowPrices::Stream& stream, BusCounters NetworkCounters::*bus) {
    stream.beat = event.bus(bus, &BusCounters::beats);
    stream.row_beat = event.bus(bus, &BusCounters::beat_rows);
  };
  price(prices.filters, &NetworkCounters::filter_bus);
  price(prices.ifmap, &NetworkCounters::ifmap_bus);
  price(prices.psums_in, &NetworkCounters::psum_in_bus);
  price(prices.psums_out, &NetworkCounters::psum_out_bus);
}

}  // namespace

RowPrices row_prices(const Description& machine, const EnergyModel& energy) {
  const EventPrices event(machine, energy);
  RowPrices prices;
  prices.product = event.of(&Activity::products);
  prices.gated = event.of(&Activity::gated);
  prices.waiting = event.of(&Activity::waiting);
  prices.psum_add = event.of(&Activity::psum_adds);
  prices.link_bit = event.of(&Activity::link_bits);
  prices.filter_read = event.of(&Activity::filter_spad_reads);
  prices.filter_write = event.of(&Activity::filter_spad_writes);
  prices.ifmap_read = event.of(&Activity::ifmap_spad_reads);
  prices.ifmap_write = event.of(&Activity::ifmap_spad_writes);
  prices.psum_read = event.of(&Activity::psum_spad_reads);
  prices.psum_write = event.of(&Activity::psum_spad_writes);
  const auto psums = machine.accumulators ? &MemoryCounters::accumulators : &MemoryCounters::fmaps;
  const auto reads = &BufferCounters::read_accesses, writes = &BufferCounters::write_accesses;
  prices.filters.access = event.buffer(&MemoryCounters::filters, reads);
  prices.ifmap.access = event.buffer(&MemoryCounters::fmaps, reads);
  prices.psums_in.access = event.buffer(psums, reads);
  prices.psums_out.access = event.buffer(psums, writes);
  prices.fill_filters = event.buffer(&MemoryCounters::filters, writes);
  prices.fill_fmaps = event.buffer(&MemoryCounters::fmaps, writes);
  prices.drain_fmaps = event.buffer(psums, reads);
  price_network(machine, event, prices);
  prices.cycle = event.cycle();
  if (machine.memory->prices != nullptr) {
    const MemoryPrices each = machine.memory->prices(machine.memory_parameters(), machine.clock_mhz);
    prices.dram_read_byte = each.read_byte_pj;
    prices.dram_write_byte = each.write_byte_pj;
    prices.cycle += each.cycle_pj;
  } else {
    prices.dram_read_byte = event.dram_byte(&DramCounters::read);
    prices.dram_write_byte = event.dram_byte(&DramCounters::written);
  }
  return prices;
}

Mapper::Mapper(const Description& machine, const EnergyModel& energy) : machine_(machine) {
  goal_.objective = machine.objective;
  if (machine.dataflow->maps && machine.objective != RowObjective::cycles)
    goal_.prices = row_prices(machine, energy);
}

const GivenMapping* Mapper::found(const Layer& layer) const {
  for (const GivenMapping& each : machine_.mappings) {
    if (each.fits(layer.name, layer.shape)) return &each;
  }
  return nullptr;
}

bool Mapper::has(const Layer& layer) const { return found(layer) != nullptr; }

RowMapping Mapper::mapping(const Layer& layer) {
  const RowData data = row_data(layer, machine_);
  const RowArray array = row_array(machine_, data.slots);
  const GivenMapping* const ready = found(layer);
  const RowMapping mapping = ready != nullptr ? given(*ready, layer, array) : chosen(layer, array, data);
  (noted_in_ != nullptr ? *noted_in_ : *this).note(layer, mapping);
  return mapping;
}

void Mapper::check(const Layer& layer) const {
  const RowArray array = row_array(machine_, filter_slots(layer, machine_));
  if (const GivenMapping* const ready = found(layer)) {
    (void)given(*ready, layer, array);
  } else {
    check_some_mapping(layer.shape, array, where_of(layer, machine_));
  }
}

double Mapper::expected(const LayerShape& shape, const RowData& data) {
  for (const Expected& known : expected_) {
    if (known.shape == shape && known.data == data) return known.score;
  }
  const auto choice = closed_choice(shape, data, row_array(machine_, data.slots), goal_);
  const double found =
      choice ? score(choice->cost, goal_.objective) : std::numeric_limits<double>::infinity();
  expected_.push_back({shape, data, found});
  return found;
}

Mapper Mapper::on(const Description& machine) {
  Mapper other(machine);
  other.goal_ = goal_;
  other.noted_in_ = noted_in_ != nullptr ? noted_in_ : this;
  return other;
}

RowMapping Mapper::given(const GivenMapping& given, const Layer& layer, const RowArray& array) const {
  RowMapping mapping = given.mapping;
  if (mapping.taps_y == 0) mapping.taps_y = layer.shape.R;
  if (mapping.taps_x == 0) mapping.taps_x = layer.shape.S;
  check_mapping(layer.shape, array, mapping, given.where + ": " + where_of(layer, machine_));
  return mapping;
}

RowMapping Mapper::chosen(const Layer& layer, const RowArray& array, const RowData& data) {
  for (const Known& known : known_) {
    if (known.shape == layer.shape && known.data == data) return known.mapping;
  }
  const RowMapping mapping =
      choose_mapping(layer.shape, data, array, goal_, where_of(layer, machine_), &flows());
  known_.push_back({layer.shape, data, mapping});
  return mapping;
}

RowFlows& Mapper::flows() {
  if (!flows_) flows_.emplace(machine_.row_array());
  return *flows_;
}

void Mapper::note(const Layer& layer, const RowMapping& mapping) {
  GivenMapping used{layer.name, mapping, layer.shape.K, layer.shape.C, layer.shape.W, {}};
  const auto same = [&](const GivenMapping& other) {
    return other.layer == used.layer && other.filters == used.filters && other.channels == used.channels &&
           other.columns == used.columns;
  };
  if (std::none_of(used_.begin(), used_.end(), same)) used_.push_back(std::move(used));
}

}  // namespace basil
