#include "models/energy.h"

#include <cmath>
#include <vector>

#include "models/noc_energy.h"

namespace basil {
namespace {

double as_double(std::int64_t count) { return static_cast<double>(count); }

}  // namespace

EnergyModel::EnergyModel(const Description& machine, const Technology& technology)
    : machine_(machine), technology_(technology) {
  if (machine.dataflow == Dataflow::tiles) parts_ = machine.unit->array->parts(machine.unit_parameters);
  add_standing_costs();
}

EnergyModel::Cost EnergyModel::row(const std::string& item, double factor) const {
  const CostRow& found = technology_.row(item);
  return {Picojoules(found.pj * factor), found.tag, Picojoules(found.low_pj * factor),
          Picojoules(found.high_pj * factor)};
}

SramCost EnergyModel::bank(const BufferParameters& buffer) const {
  SramCost cost = technology_.sram(Bytes(ceil_div(buffer.bytes.value, buffer.banks)), buffer.port_bits,
                                   machine_.sram_cell);
  if (buffer.ports == 2) cost.tag = Tag::estimated;  // the table's cells have one port: a lower bound
  return cost;
}

SramCost EnergyModel::spad(std::int64_t words, int bits) const {
  return technology_.spad(Bytes(ceil_div(words * bits, 8)), bits, machine_.sram_cell);
}

EnergyAccount EnergyModel::account(const Activity& activity, const MemoryCounters& memory,
                                   Cycles cycles) const {
  EnergyAccount account;
  const auto add = [&](const char* component, const std::string& item, std::int64_t count, const Cost& cost) {
    account.add({component, item, as_double(count), cost.each, cost.tag, cost.low, cost.high});
  };
  if (machine_.dataflow == Dataflow::tiles) {
    add_parts(account, activity);
  } else {
    const std::string product = machine_.unit->product_row(machine_.unit_parameters);
    const std::string gated = machine_.unit->gated_row(machine_.unit_parameters);
    add("mac", product, activity.products, row(product));
    add("mac", gated + " (gated slots)", activity.gated, row(gated));
    add("mac", gated + " (waiting)", activity.waiting, row(gated));
    const bool real = machine_.unit_parameters.dtype == Dtype::fp32;
    add("mac", "psum add", activity.psum_adds,
        real ? row("add_psum_fp32") : row("add_psum", machine_.accumulator_bits / 32.0));
    add_spads(account, activity);
    add("spad", "register write, per bit", activity.register_bits, row("register_write_16b", 1.0 / 16));
    add("noc", "link between PEs, per bit", activity.link_bits, row("local_link_per_bit"));
  }
  add_network(account, memory.network);
  add_buffer(account, "fmap buffer", machine_.fmap_buffer, memory.fmaps);
  add_buffer(account, "filter buffer", machine_.filter_buffer, memory.filters);
  if (machine_.accumulators) add_buffer(account, "accumulators", *machine_.accumulators, memory.accumulators);

  add_dram(account, memory.dram);
  add("dram", "run-length coder, per pair", memory.run_length_pairs, row("rle_pair"));

  const double period_ns = 1000.0 / machine_.clock_mhz;  // mW x ns = pJ
  account.add({"leakage", "leakage a cycle", as_double(cycles.value), Picojoules(leakage_mw_ * period_ns),
               Tag::derived});
  return account;
}

void EnergyModel::add_spads(EnergyAccount& account, const Activity& activity) const {
  if (machine_.dataflow != Dataflow::row_stationary) return;
  const auto add = [&](const std::string& name, int words, int bits, std::int64_t reads,
                       std::int64_t writes) {
    const SramCost cost = spad(words, bits);
    account.add({"spad", name + " read", as_double(reads), Picojoules(cost.read_pj), cost.tag});
    account.add({"spad", name + " write", as_double(writes), Picojoules(cost.write_pj), cost.tag});
  };
  add("filter spad", machine_.pe.filter_spad, machine_.weight_bits(), activity.filter_spad_reads,
      activity.filter_spad_writes);
  add("ifmap spad", machine_.pe.ifmap_spad, machine_.word_bits(), activity.ifmap_spad_reads,
      activity.ifmap_spad_writes);
  add("psum spad", machine_.pe.psum_spad, machine_.accumulator_bits, activity.psum_spad_reads,
      activity.psum_spad_writes);
}

void EnergyModel::add_parts(EnergyAccount& account, const Activity& activity) const {
  for (std::size_t i = 0; i < activity.parts.size(); ++i) {
    const Part& part = parts_[i];
    const Uses& uses = activity.parts[i];
    if (part.words == 0) {
      const Cost cost = row(part.name, part.weight);
      account.add(
          {part.component, part.name, as_double(uses.count), cost.each, cost.tag, cost.low, cost.high});
      continue;
    }
    const SramCost cost = spad(part.words, part.bits);
    account.add(
        {part.component, part.name + " read", as_double(uses.count), Picojoules(cost.read_pj), cost.tag});
    account.add(
        {part.component, part.name + " write", as_double(uses.writes), Picojoules(cost.write_pj), cost.tag});
  }
}

void EnergyModel::add_buffer(EnergyAccount& account, const std::string& name, const BufferParameters& buffer,
                             const BufferCounters& counters) const {
  const SramCost cost = bank(buffer);
  account.add(
      {"buffer", name + " read", as_double(counters.read_accesses), Picojoules(cost.read_pj), cost.tag});
  account.add(
      {"buffer", name + " write", as_double(counters.write_accesses), Picojoules(cost.write_pj), cost.tag});
}

void EnergyModel::add_bus(EnergyAccount& account, const std::string& name, int bits,
                          const BusCounters& counters) const {
  // A beat drives the Y bus along the array's height, and each X bus it selects along its width.
  const double mm = machine_.noc.pe_pitch_mm * (as_double(counters.beats) * machine_.rows +
                                                as_double(counters.beat_rows) * machine_.cols);
  const Cost cost = row("bus_per_bit_mm");
  account.add({"noc", name + ", per bit and mm", mm * bits, cost.each, cost.tag, cost.low, cost.high});
}

void EnergyModel::add_network(EnergyAccount& account, const NetworkCounters& counters) const {
  const Noc& noc = machine_.noc;
  if (noc.routed()) {
    const double nodes = static_cast<double>(noc.routers.rows) * noc.routers.cols;
    add_routers(account, "array", counters.routed,
                noc.pe_pitch_mm * std::sqrt(as_double(machine_.pes()) / nodes));
    return;
  }
  add_bus(account, "filter bus", noc.filter_bits, counters.filter_bus);
  add_bus(account, "ifmap bus", noc.ifmap_bits, counters.ifmap_bus);
  add_bus(account, "psum-in bus", noc.psum_in_bits, counters.psum_in_bus);
  add_bus(account, "psum-out bus", noc.psum_out_bits, counters.psum_out_bus);
}

void EnergyModel::add_chip_network(const NocActivity& activity, EnergyAccount& account) const {
  add_routers(account, "chip", activity, std::sqrt(area_mm2_));
}

void EnergyModel::add_routers(EnergyAccount& account, const std::string& which, const NocActivity& activity,
                              double pitch_mm) const {
  const NocParameters parameters{.buffer = machine_.noc.routers.buffer};
  const NocWires wires{.flit_bits = machine_.noc.routers.flit_bits, .pitch_mm = pitch_mm};
  for (const NocUse& use : noc_uses(activity, parameters, wires)) {
    const Cost cost = row(use.row);
    account.add(
        {"noc", which + " " + use.part + ", " + use.row, use.uses, cost.each, cost.tag, cost.low, cost.high});
  }
}

void EnergyModel::add_dram(EnergyAccount& account, const DramCounters& counters) const {
  const std::string device = "dram_" + machine_.dram_energy;
  const auto add = [&](const std::string& item, std::int64_t count) {
    const Cost cost = row(device + item);
    account.add({"dram", device + item, as_double(count), cost.each, cost.tag, cost.low, cost.high});
  };
  add("_read_per_bit", counters.read.value * 8);
  add("_write_per_bit", counters.written.value * 8);
  add("_activate", counters.activations);
}

void EnergyModel::add_standing_costs() {
  const auto add = [&](double count, double leakage_mw, double area_mm2) {
    leakage_mw_ += count * leakage_mw;
    area_mm2_ += count * area_mm2;
  };
  const auto add_operator = [&](double count, const std::string& item) {
    add(count, technology_.row(item).leakage_uw * 1e-3, technology_.row(item).area_um2 * 1e-6);
  };
  const auto add_spad = [&](double count, std::int64_t words, int bits) {
    add(count, spad(words, bits).leakage_mw, spad(words, bits).area_mm2);
  };
  const double pes = as_double(machine_.pes());
  for (const Part& part : parts_) {
    const double instances = as_double(part.instances);
    if (part.words > 0) {
      add_spad(instances, part.words, part.bits);
    } else {
      add_operator(instances * part.weight, part.name);
    }
  }
  if (machine_.dataflow != Dataflow::tiles) {
    add_operator(pes, machine_.unit->product_row(machine_.unit_parameters));
  }
  if (machine_.dataflow == Dataflow::row_stationary) {
    add_spad(pes, machine_.pe.filter_spad, machine_.weight_bits());
    add_spad(pes, machine_.pe.ifmap_spad, machine_.word_bits());
    add_spad(pes, machine_.pe.psum_spad, machine_.accumulator_bits);
  }
  std::vector<BufferParameters> buffers{machine_.fmap_buffer, machine_.filter_buffer};
  if (machine_.accumulators) buffers.push_back(*machine_.accumulators);
  const double array = area_mm2_;
  for (const BufferParameters& buffer : buffers)
    add(buffer.banks, bank(buffer).leakage_mw, bank(buffer).area_mm2);
  buffer_area_mm2_ = area_mm2_ - array;
}

}  // namespace basil
