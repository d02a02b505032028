#include "models/noc_energy.h"

#include <fmt/format.h>

#include "core/error.h"

namespace basil {
namespace {

void add(NocEnergyPart& part, const CostRow& row, double uses) {
  part.pj += Picojoules(uses * row.pj);
  part.low += Picojoules(uses * row.low_pj);
  part.high += Picojoules(uses * row.high_pj);
  part.tag = row.tag;
}

void check(const NocWires& wires) {
  if (wires.flit_bits < 1 || wires.flit_bits > 65536)
    throw Error("NoC", fmt::format("flits of {} bits", wires.flit_bits), "1 to 65536");
  if (!(wires.pitch_mm > 0 && wires.pitch_mm <= 1000))
    throw Error("NoC", fmt::format("a pitch of {} mm", wires.pitch_mm), "above 0, up to 1000");
}

}  // namespace

std::vector<NocEnergyPart> noc_energy(const NocMeasure& measured, const Topology& topology,
                                      const NocParameters& parameters, const NocWires& wires,
                                      const Technology& technology) {
  check(wires);
  const RouterCounters& counters = measured.counters;
  const double bits = wires.flit_bits;
  const double writes = bits * static_cast<double>(counters.buffer_writes);
  const double reads = bits * static_cast<double>(counters.buffer_reads);
  double crossed = 0, moved = 0;  // bits times ports, bits times mm
  for (const LinkUse& link : measured.links) {
    const double link_bits = bits * static_cast<double>(link.flits);
    crossed += link_bits * static_cast<double>(topology.ports[static_cast<std::size_t>(link.router)].size());
    moved += link_bits * topology.end(link.router, link.port).pitches * wires.pitch_mm;
  }
  for (std::size_t node = 0; node < topology.homes.size(); ++node)
    moved +=
        bits * static_cast<double>(measured.node_flits[node]) * topology.homes[node].pitches * wires.pitch_mm;

  std::vector<NocEnergyPart> parts{
      {"buffers", {}, {}, {}}, {"crossbars", {}, {}, {}}, {"routing", {}, {}, {}}, {"links", {}, {}, {}}};
  add(parts[0], technology.row("noc_buffer_write_per_bit"), writes);
  add(parts[0], technology.row("noc_buffer_read_per_bit"), reads);
  add(parts[0], technology.row("noc_buffer_place_per_bit"), (writes + reads) * parameters.buffer);
  add(parts[1], technology.row("noc_crossbar_per_bit"), crossed / 5);  // the row is for 5 ports
  add(parts[2], technology.row("noc_route"), static_cast<double>(counters.routes));
  add(parts[3], technology.row("bus_per_bit_mm"), moved);
  return parts;
}

Picojoules total_of(const std::vector<NocEnergyPart>& parts) {
  Picojoules total;
  for (const NocEnergyPart& part : parts) total += part.pj;
  return total;
}

}  // namespace basil
