#include "models/energy/components.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/checked.h"
#include "memory/noc/topology.h"
#include "models/description/routers.h"

namespace basil {
namespace {

constexpr double mm2_a_um2 = 1e-6, mw_a_uw = 1e-3;

// `uses`: of the row's area that one instance takes.
Component operator_component(PartGroup group, std::string name, double instances, const CostRow& row,
                             double uses = 1) {
  return {.group = group,
          .name = std::move(name),
          .instances = instances,
          .area_mm2 = mm2_a_um2 * row.area_um2 * uses,
          .leakage = operator_leakage(mw_a_uw * row.leakage_uw * uses)};
}

Component store_component(PartGroup group, std::string name, double instances, const StoreCost& cost) {
  return {.group = group,
          .name = std::move(name),
          .instances = instances,
          .area_mm2 = cost.area_mm2,
          .leakage = cost.leakage,
          .built = to_string(cost.kind)};
}

// A port has a buffer for what comes over its link; a crosspoint of the crossbar is from each port to each.
void add_routers(const std::string& name, const Topology& topology, const Description& machine,
                 const Technology& technology, std::vector<Component>& components) {
  constexpr double ports_of_the_row = 5;
  const RouterGrid& grid = machine.noc.routers;
  double buffered = 0, crosspoints = 0;
  for (const auto& ports : topology.ports) {
    const auto linked = as_double(std::count_if(
        ports.begin(), ports.end(), [](const PortEnd& end) { return end.kind != PortEnd::Kind::none; }));
    buffered += linked;
    crosspoints += linked * linked / (ports_of_the_row * ports_of_the_row);
  }
  const auto add = [&](const char* what, double instances, const char* row, double uses) {
    components.push_back(
        operator_component(PartGroup::network, name + " " + what, instances, technology.row(row), uses));
  };
  add("buffers", buffered, "noc_buffer_place_per_bit", as_double(grid.buffer) * grid.flit_bits);
  add("crossbars", crosspoints, "noc_crossbar_per_bit", grid.flit_bits);
  add("routing", topology.routers(), "noc_route", 1);
}

void add_coders(const Description& machine, const Technology& technology,
                std::vector<Component>& components) {
  constexpr double coder_and_decoder = 2;
  const auto add = [&](const std::string& row, double instances) {
    components.push_back(operator_component(PartGroup::coders, row, instances, technology.row(row)));
  };
  if (machine.unit_parameters.dtype != Dtype::fp32) add("requantise", as_double(requantisers(machine)));
  const double link = as_double(machine.dram.bits);  // they keep up with DRAM's link
  if (const FmapCoder* coder = machine.fmaps->fmap_coder)
    add(std::string(coder->row), coder_and_decoder * coder->operators(link, machine.word_bits()));
}

}  // namespace

std::string_view to_string(PartGroup group) {
  constexpr std::array<std::string_view, part_groups> words{"operators", "stores", "buffers", "network",
                                                            "coders"};
  return words[static_cast<std::size_t>(group)];
}

std::vector<Part> array_parts(const Description& machine) {
  std::vector<Part> parts = machine.dataflow->parts(machine);
  for (Part& part : parts) {
    const auto said = machine.stores.find(store_key(part.name));
    if (part.words > 0 && said != machine.stores.end()) part.kind = said->second;
  }
  return parts;
}

StoreCost part_cost(const Part& store, const Description& machine, const Technology& technology) {
  return store_cost({.words = store.words, .bits = store.bits, .ports = store.ports, .kind = store.kind},
                    technology, machine.sram_cell);
}

StoreCost bank_cost(const BufferParameters& buffer, const Description& machine,
                    const Technology& technology) {
  const std::int64_t bits = ceil_div(buffer.bytes.value, buffer.banks) * 8;
  return store_cost({.words = ceil_div(bits, buffer.port_bits),
                     .bits = buffer.port_bits,
                     .ports = buffer.ports,
                     .kind = StoreKind::sram},
                    technology, machine.sram_cell);
}

std::vector<Component> tile_components(const Description& machine, const Technology& technology) {
  std::vector<Component> components;
  for (const Part& part : array_parts(machine)) {
    const double instances = as_double(part.instances);
    if (instances == 0) continue;  // another part has it
    components.push_back(part.words > 0 ? store_component(PartGroup::stores, part.name, instances,
                                                          part_cost(part, machine, technology))
                                        : operator_component(PartGroup::operators, part.name, instances,
                                                             technology.row(part.name), part.weight));
  }
  const auto add_buffer = [&](const char* name, const BufferParameters& buffer) {
    components.push_back(
        store_component(PartGroup::buffers, name, buffer.banks, bank_cost(buffer, machine, technology)));
  };
  add_buffer("fmap buffer", machine.fmap_buffer);
  add_buffer("filter buffer", machine.filter_buffer);
  if (machine.accumulators) add_buffer("accumulators", *machine.accumulators);
  if (machine.noc.routed()) {
    const RouterGrid& grid = machine.noc.routers;
    add_routers("array", make_topology(machine.noc.kind, grid.cols, grid.rows), machine, technology,
                components);
  }
  add_coders(machine, technology, components);
  return components;
}

std::vector<Component> chip_components(const Description& machine, const Technology& technology) {
  std::vector<Component> components;
  if (machine.tiles > 1 && machine.noc.routed())
    add_routers("chip", chip_topology(machine), machine, technology, components);
  return components;
}

double area_of(const std::vector<Component>& components) {
  double area = 0;
  for (const Component& component : components) area += component.all_mm2();
  return area;
}

std::int64_t requantisers(const Description& machine) {
  const int bits = machine.dataflow->gives_words ? machine.word_bits() : machine.psum_bits;
  return std::max<std::int64_t>(1, machine.noc.psum_out_bits / bits);
}

}  // namespace basil
