#include "models/energy/energy.h"

#include <cmath>
#include <vector>

#include "core/checked.h"
#include "models/energy/noc_energy.h"

namespace basil {
namespace {

EnergyLine line(const std::string& component, const std::string& item, double count, const Price& price) {
  return {component,
          item,
          count,
          Picojoules(price.pj),
          price.tag,
          Picojoules(price.low_pj),
          Picojoules(price.high_pj)};
}

bool grows_with_the_array(PartGroup group) {
  return group == PartGroup::operators || group == PartGroup::stores;
}

// Edge of a PE, its stores included.
double pitch(const Description& machine, const std::vector<Component>& components) {
  if (machine.noc.pe_pitch_mm > 0) return machine.noc.pe_pitch_mm;
  double array = 0;
  for (const Component& component : components) {
    if (grows_with_the_array(component.group)) array += component.all_mm2();
  }
  return std::sqrt(array / as_double(machine.pes()));
}

}  // namespace

EnergyModel::EnergyModel(const Description& machine, const Technology& technology)
    : machine_(machine),
      technology_(technology),
      parts_(array_parts(machine)),
      fmap_bank_(bank_cost(machine.fmap_buffer, machine, technology)),
      filter_bank_(bank_cost(machine.filter_buffer, machine, technology)),
      components_(tile_components(machine, technology)),
      chip_network_(chip_components(machine, technology)),
      tile_area_mm2_(area_of(components_)),
      pe_pitch_mm_(pitch(machine, components_)) {
  if (machine.accumulators) accumulator_bank_ = bank_cost(*machine.accumulators, machine, technology);
  for (const Part& part : parts_)
    stores_.push_back(part.words > 0 ? part_cost(part, machine, technology) : StoreCost());
  for (const Component& component : components_)
    leakage_[static_cast<std::size_t>(component.group)] += component.leakage * component.instances;
}

double EnergyModel::area_mm2() const { return tile_area_mm2_ * machine_.tiles + area_of(chip_network_); }

double EnergyModel::fixed_area_mm2() const {
  double array = 0;
  for (const Component& component : components_) {
    if (grows_with_the_array(component.group)) array += component.all_mm2();
  }
  return area_mm2() - array * machine_.tiles;
}

Price EnergyModel::row(const std::string& item, double factor) const {
  return technology_.row(item).price() * factor;
}

EnergyAccount EnergyModel::account(const Activity& activity, const MemoryCounters& memory,
                                   Cycles cycles) const {
  EnergyAccount account;
  if (machine_.dataflow->charges != nullptr) {
    add_charges(account, machine_.dataflow->charges(machine_, activity));
  } else {
    for (std::size_t i = 0; i < activity.parts.size(); ++i) add_part(account, i, activity.parts[i]);
  }
  add_network(account, memory.network);
  add_buffers(account, memory);
  add_dram(account, memory.dram);
  add_coders(account, memory);
  for (std::size_t group = 0; group < part_groups; ++group) {
    const std::string of(to_string(static_cast<PartGroup>(group)));
    if (leakage_[group].high_mw > 0) add_leakage(account, of, leakage_[group], cycles);
  }
  return account;
}

void EnergyModel::add_charges(EnergyAccount& account, const Charges& charges) const {
  for (const auto& charge : charges) {
    if (const auto* store = std::get_if<StoreCharge>(&charge)) {
      add_part(account, store->part, store->uses);
      continue;
    }
    const auto& events = std::get<Charge>(charge);
    account.add(line(events.component, events.item, as_double(events.count),
                     row(events.row, events.factor * (events.per_pitch ? pe_pitch_mm_ : 1))));
  }
}

void EnergyModel::add_part(EnergyAccount& account, std::size_t index, const Uses& uses) const {
  const Part& part = parts_[index];
  if (part.words == 0) {
    account.add(line(part.component, part.name, as_double(uses.count), row(part.name, part.weight)));
    return;
  }
  account.add(line(part.component, part.name + " read", as_double(uses.count), stores_[index].read));
  account.add(line(part.component, part.name + " write", as_double(uses.writes), stores_[index].write));
}

void EnergyModel::add_buffers(EnergyAccount& account, const MemoryCounters& memory) const {
  const auto add = [&](const std::string& name, const StoreCost& bank, const BufferCounters& counters) {
    account.add(line("buffer", name + " read", as_double(counters.read_accesses), bank.read));
    account.add(line("buffer", name + " write", as_double(counters.write_accesses), bank.write));
  };
  add("fmap buffer", fmap_bank_, memory.fmaps);
  add("filter buffer", filter_bank_, memory.filters);
  if (machine_.accumulators) add("accumulators", accumulator_bank_, memory.accumulators);
}

void EnergyModel::add_bus(EnergyAccount& account, const std::string& name, int bits,
                          const BusCounters& counters) const {
  // A beat drives the Y bus along the array's height, and each X bus it selects along its width.
  const double mm = pe_pitch_mm_ * (as_double(counters.beats) * machine_.rows +
                                    as_double(counters.beat_rows) * machine_.cols);
  account.add(line("noc", name + ", per bit and mm", mm * bits, row("bus_per_bit_mm")));
}

void EnergyModel::add_network(EnergyAccount& account, const NetworkCounters& counters) const {
  const Noc& noc = machine_.noc;
  if (noc.routed()) {
    const double nodes = static_cast<double>(noc.routers.rows) * noc.routers.cols;
    add_routers(account, "array", counters.routed,
                pe_pitch_mm_ * std::sqrt(as_double(machine_.pes()) / nodes));
    return;
  }
  add_bus(account, "filter bus", noc.filter_bits, counters.filter_bus);
  add_bus(account, "ifmap bus", noc.ifmap_bits, counters.ifmap_bus);
  add_bus(account, "psum-in bus", noc.psum_in_bits, counters.psum_in_bus);
  add_bus(account, "psum-out bus", noc.psum_out_bits, counters.psum_out_bus);
}

void EnergyModel::add_chip_network(const NocActivity& activity, Cycles cycles, EnergyAccount& account) const {
  add_routers(account, "chip", activity, std::sqrt(tile_area_mm2_));
  Leakage leakage;
  for (const Component& component : chip_network_) leakage += component.leakage * component.instances;
  add_leakage(account, "network between tiles", leakage, cycles);
}

void EnergyModel::add_routers(EnergyAccount& account, const std::string& which, const NocActivity& activity,
                              double pitch_mm) const {
  const NocParameters parameters{.buffer = machine_.noc.routers.buffer};
  const NocWires wires{.flit_bits = machine_.noc.routers.flit_bits, .pitch_mm = pitch_mm};
  for (const NocUse& use : noc_uses(activity, parameters, wires))
    account.add(line("noc", which + " " + use.part + ", " + use.row, use.uses, row(use.row)));
}

void EnergyModel::add_dram(EnergyAccount& account, const DramCounters& counters) const {
  const std::string device = "dram_" + machine_.dram_energy;
  const auto add = [&](const std::string& item, std::int64_t count) {
    account.add(line("dram", device + item, as_double(count), row(device + item)));
  };
  add("_read_per_bit", counters.read.value * 8);
  add("_write_per_bit", counters.written.value * 8);
  add("_activate", counters.activations);
}

void EnergyModel::add_coders(EnergyAccount& account, const MemoryCounters& memory) const {
  if (machine_.unit_parameters.dtype != Dtype::fp32)  // reals leave as they are
    account.add(line("mac", "requantise", as_double(memory.outputs), row("requantise")));
  // An adder as wide as the words; add_psum is one of 32 bits, and adders are linear in their width.
  if (memory.zero_points > 0)
    account.add(line("mac", "zero point subtraction", as_double(memory.zero_points),
                     row("add_psum", machine_.word_bits() / 32.0)));
  if (const FmapCoder* coder = machine_.fmaps->fmap_coder) {
    account.add(line(std::string(coder->component), std::string(coder->use), as_double(memory.coder_uses),
                     row(std::string(coder->row), coder->operators_a_use(machine_.word_bits()))));
  }
}

void EnergyModel::add_leakage(EnergyAccount& account, const std::string& of, const Leakage& leakage,
                              Cycles cycles) const {
  const double period_ns = 1000.0 / machine_.clock_mhz;  // mW x ns = pJ
  account.add(
      line("leakage", "leakage of " + of + ", a cycle", as_double(cycles.value),
           {leakage.mw * period_ns, leakage.low_mw * period_ns, leakage.high_mw * period_ns, Tag::derived}));
}

}  // namespace basil
