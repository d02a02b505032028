// Where the routers of a network on chip are, what their ports lead to, and which port leads to a node.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "memory/noc/packet.h"

namespace basil {

// Every link has two directions: what port p of a router sends to, it also hears from.
struct PortEnd {
  enum class Kind { none, router, node };
  Kind kind = Kind::none;
  int index = 0;       // of the router or node
  int port = 0;        // of that router
  double pitches = 0;  // length of the wire, in distances between neighbouring nodes
};

// Nodes stand on a grid of cols x rows, node n at column n % cols and row n / cols. The routes of every
// topology here use links in an order without cycles, so that no set of worms can wait for each other in a
// ring.
struct Topology {
  std::string name;  // "mesh 4x4"
  int cols = 0, rows = 0;
  std::vector<std::vector<PortEnd>> ports;        // by router, then port
  std::vector<std::pair<double, double>> places;  // by router: column and row on the grid of nodes
  std::vector<PortEnd> homes;                     // by node: the router and port it is on
  std::vector<std::uint16_t> route;               // by router * nodes + destination: the port towards it

  [[nodiscard]] int nodes() const { return cols * rows; }
  [[nodiscard]] int routers() const { return static_cast<int>(ports.size()); }
  [[nodiscard]] int port_towards(int router, NodeId node) const {
    return route[static_cast<std::size_t>(router) * static_cast<std::size_t>(nodes()) + node];
  }
  [[nodiscard]] const PortEnd& end(int router, int port) const {
    return ports[static_cast<std::size_t>(router)][static_cast<std::size_t>(port)];
  }
  // Routers that a packet passes from one node to another.
  [[nodiscard]] int routers_between(NodeId source, NodeId destination) const;
};

// Ports of a mesh's router.
enum MeshPort : int { mesh_local, mesh_north, mesh_east, mesh_south, mesh_west, mesh_ports };

// One router a node; X first, then Y.
[[nodiscard]] Topology make_mesh(int cols, int rows);
// A tree of routers over quarters of the grid, up to the first common one and down again.
[[nodiscard]] Topology make_h_tree(int cols, int rows);
// One router with a port a node.
[[nodiscard]] Topology make_crossbar(int cols, int rows);

// "mesh", "h-tree" or "crossbar"; Error for another name, or for a grid that is not 1 to 32 a side with two
// nodes or more.
[[nodiscard]] Topology make_topology(const std::string& kind, int cols, int rows);

}  // namespace basil
