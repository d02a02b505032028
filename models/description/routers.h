// The routers that a machine's description asks for.
#pragma once

#include "memory/noc/interconnect.h"
#include "memory/noc/topology.h"
#include "models/description/description.h"

namespace basil {

// The network between the DRAM and the tiles of a chip, in the same kind of routers: the DRAM is at node 0 of
// the squarest grid that holds it and a node a tile. Tile i is at node i + 1.
[[nodiscard]] Topology chip_topology(const Description& machine);
[[nodiscard]] NocParameters router_parameters(const Description& machine);

}  // namespace basil
