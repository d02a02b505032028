#include "models/description/routers.h"

#include <cmath>

#include "core/units.h"

namespace basil {

Topology chip_topology(const Description& machine) {
  const int nodes = machine.tiles + 1;
  const int cols = static_cast<int>(std::ceil(std::sqrt(nodes)));
  return make_topology(machine.noc.kind, cols, static_cast<int>(ceil_div(nodes, cols)));
}

NocParameters router_parameters(const Description& machine) {
  return {.vcs = 1, .buffer = machine.noc.routers.buffer, .link_cycles = machine.noc.routers.link_cycles};
}

}  // namespace basil
