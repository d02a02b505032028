#include "models/energy/noc_energy.h"

#include <fmt/format.h>

#include "core/error.h"

namespace basil {
namespace {

void check(const NocWires& wires) {
  if (wires.flit_bits < 1 || wires.flit_bits > 65536)
    throw Error("NoC", fmt::format("flits of {} bits", wires.flit_bits), "1 to 65536");
  if (!(wires.pitch_mm > 0 && wires.pitch_mm <= 1000))
    throw Error("NoC", fmt::format("a pitch of {} mm", wires.pitch_mm), "above 0, up to 1000");
}

}  // namespace

std::vector<NocUse> noc_uses(const NocActivity& activity, const NocParameters& parameters,
                             const NocWires& wires) {
  check(wires);
  const double bits = wires.flit_bits;
  const double writes = bits * static_cast<double>(activity.routers.buffer_writes);
  const double reads = bits * static_cast<double>(activity.routers.buffer_reads);
  return {{"buffers", "noc_buffer_write_per_bit", writes},
          {"buffers", "noc_buffer_read_per_bit", reads},
          {"buffers", "noc_buffer_place_per_bit", (writes + reads) * parameters.buffer},
          {"crossbars", "noc_crossbar_per_bit", bits * activity.flit_ports / 5},  // the row is for 5 ports
          {"routing", "noc_route", static_cast<double>(activity.routers.routes)},
          {"links", "bus_per_bit_mm", bits * activity.flit_pitches * wires.pitch_mm}};
}

std::vector<NocEnergyPart> noc_energy(const NocMeasure& measured, const Topology& topology,
                                      const NocParameters& parameters, const NocWires& wires,
                                      const Technology& technology) {
  std::vector<std::int64_t> flits;
  std::size_t used = 0;
  for (int router = 0; router < topology.routers(); ++router) {
    const auto ports = static_cast<int>(topology.ports[static_cast<std::size_t>(router)].size());
    for (int port = 0; port < ports; ++port) {
      const bool has_link = topology.end(router, port).kind != PortEnd::Kind::none;
      flits.push_back(has_link ? measured.links[used++].flits : 0);
    }
  }
  flits.insert(flits.end(), measured.node_flits.begin(), measured.node_flits.end());
  std::vector<NocEnergyPart> parts{
      {"buffers", {}, {}, {}}, {"crossbars", {}, {}, {}}, {"routing", {}, {}, {}}, {"links", {}, {}, {}}};
  for (const NocUse& use : noc_uses(activity_of(topology, flits, measured.counters), parameters, wires)) {
    auto part = parts.begin();
    while (part->name != use.part) ++part;
    const CostRow& row = technology.row(use.row);
    part->pj += Picojoules(use.uses * row.pj);
    part->low += Picojoules(use.uses * row.low_pj);
    part->high += Picojoules(use.uses * row.high_pj);
    part->tag = row.tag;
  }
  return parts;
}

Picojoules total_of(const std::vector<NocEnergyPart>& parts) {
  Picojoules total;
  for (const NocEnergyPart& part : parts) total += part.pj;
  return total;
}

}  // namespace basil
