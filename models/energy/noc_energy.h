// What a network on chip's events cost, by the technology's table.
#pragma once

#include <string>
#include <vector>

#include "memory/noc/interconnect.h"
#include "memory/noc/measure.h"
#include "models/technology/technology.h"

namespace basil {

struct NocWires {
  int flit_bits = 64;
  double pitch_mm = 1;  // between neighbouring nodes
};

// So many uses of a row of the technology's table, by a kind of part.
struct NocUse {
  const char* part;
  const char* row;
  double uses;
};

// A crossbar costs in proportion to its ports, a buffer access its depth. Error for flits without a bit or a
// pitch that is not above 0.
[[nodiscard]] std::vector<NocUse> noc_uses(const NocActivity& activity, const NocParameters& parameters,
                                           const NocWires& wires);

// Dynamic energy of one kind of part, with the bracket of its rows.
struct NocEnergyPart {
  std::string name;  // "buffers", "crossbars", "routing", "links"
  Picojoules pj, low, high;
  Tag tag = Tag::estimated;
};

// One for each kind, in this order. Error as above, or for a table without a row.
[[nodiscard]] std::vector<NocEnergyPart> noc_energy(const NocMeasure& measured, const Topology& topology,
                                                    const NocParameters& parameters, const NocWires& wires,
                                                    const Technology& technology);

[[nodiscard]] Picojoules total_of(const std::vector<NocEnergyPart>& parts);

}  // namespace basil
