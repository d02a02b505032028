#include "memory/noc/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/error.h"

namespace basil {
namespace {

struct Block {
  int col, row, cols, rows;

  [[nodiscard]] bool holds(int at_col, int at_row) const {
    return at_col >= col && at_col < col + cols && at_row >= row && at_row < row + rows;
  }
  [[nodiscard]] std::pair<double, double> middle() const {
    return {col + (cols - 1) / 2.0, row + (rows - 1) / 2.0};
  }
  [[nodiscard]] double distance(const Block& other) const {
    return std::abs(middle().first - other.middle().first) +
           std::abs(middle().second - other.middle().second);
  }
  [[nodiscard]] std::vector<Block> quarters() const {
    const int left = (cols + 1) / 2, top = (rows + 1) / 2;
    std::vector<Block> parts;
    for (const Block part :
         {Block{col, row, left, top}, Block{col + left, row, cols - left, top},
          Block{col, row + top, left, rows - top}, Block{col + left, row + top, cols - left, rows - top}}) {
      if (part.cols > 0 && part.rows > 0) parts.push_back(part);
    }
    return parts;
  }
};

void join(Topology& topology, int router, const Block& at, int parent, const Block& parent_at) {
  auto& up = topology.ports[static_cast<std::size_t>(parent)];
  auto& down = topology.ports[static_cast<std::size_t>(router)];
  const double pitches = at.distance(parent_at);
  up.push_back({PortEnd::Kind::router, router, static_cast<int>(down.size()), pitches});
  down.push_back({PortEnd::Kind::router, parent, static_cast<int>(up.size()) - 1, pitches});
}

void home(Topology& topology, int node, int router, double pitches) {
  auto& ports = topology.ports[static_cast<std::size_t>(router)];
  topology.homes[static_cast<std::size_t>(node)] = {PortEnd::Kind::router, router,
                                                    static_cast<int>(ports.size()), pitches};
  ports.push_back({PortEnd::Kind::node, node, 0, pitches});
}

// Routers in the order of a walk, each before those below it; a router's first port leads up, but the root's.
void grow(Topology& topology, std::vector<Block>& blocks, const Block& block, int parent) {
  const int router = topology.routers();
  topology.ports.emplace_back();
  topology.places.push_back(block.middle());
  blocks.push_back(block);
  if (parent >= 0) join(topology, router, block, parent, blocks[static_cast<std::size_t>(parent)]);
  for (const Block& part : block.quarters()) {
    if (part.cols * part.rows > 1) {
      grow(topology, blocks, part, router);
    } else {
      home(topology, part.row * topology.cols + part.col, router, part.distance(block));
    }
  }
}

Topology empty(const std::string& kind, int cols, int rows) {
  Topology topology;
  topology.name = fmt::format("{} {}x{}", kind, cols, rows);
  topology.cols = cols;
  topology.rows = rows;
  topology.homes.resize(static_cast<std::size_t>(cols * rows));
  return topology;
}

}  // namespace

int Topology::routers_between(NodeId source, NodeId destination) const {
  int routers = 1;
  for (int at = homes[source].index; at != homes[destination].index; ++routers)
    at = end(at, port_towards(at, destination)).index;
  return routers;
}

Topology make_mesh(int cols, int rows) {
  Topology mesh = empty("mesh", cols, rows);
  mesh.ports.assign(static_cast<std::size_t>(cols * rows), std::vector<PortEnd>(mesh_ports));
  for (int router = 0; router < mesh.nodes(); ++router) {
    const int col = router % cols, row = router / cols;
    mesh.places.emplace_back(col, row);
    auto& ports = mesh.ports[static_cast<std::size_t>(router)];
    ports[mesh_local] = {PortEnd::Kind::node, router, 0, 0};
    mesh.homes[static_cast<std::size_t>(router)] = {PortEnd::Kind::router, router, mesh_local, 0};
    if (row > 0) ports[mesh_north] = {PortEnd::Kind::router, router - cols, mesh_south, 1};
    if (col + 1 < cols) ports[mesh_east] = {PortEnd::Kind::router, router + 1, mesh_west, 1};
    if (row + 1 < rows) ports[mesh_south] = {PortEnd::Kind::router, router + cols, mesh_north, 1};
    if (col > 0) ports[mesh_west] = {PortEnd::Kind::router, router - 1, mesh_east, 1};
    for (int node = 0; node < mesh.nodes(); ++node) {
      const int east = node % cols - col, south = node / cols - row;
      mesh.route.push_back(east > 0    ? mesh_east
                           : east < 0  ? mesh_west
                           : south > 0 ? mesh_south
                           : south < 0 ? mesh_north
                                       : mesh_local);
    }
  }
  return mesh;
}

Topology make_h_tree(int cols, int rows) {
  Topology tree = empty("h-tree", cols, rows);
  std::vector<Block> blocks;
  grow(tree, blocks, {0, 0, cols, rows}, -1);
  for (int router = 0; router < tree.routers(); ++router) {
    const auto& ports = tree.ports[static_cast<std::size_t>(router)];
    for (int node = 0; node < tree.nodes(); ++node) {
      std::size_t towards = 0;  // up
      for (std::size_t port = router == 0 ? 0 : 1; port < ports.size(); ++port) {
        const bool there =
            ports[port].kind == PortEnd::Kind::node
                ? ports[port].index == node
                : blocks[static_cast<std::size_t>(ports[port].index)].holds(node % cols, node / cols);
        if (there) towards = port;
      }
      tree.route.push_back(static_cast<std::uint16_t>(towards));
    }
  }
  return tree;
}

Topology make_crossbar(int cols, int rows) {
  Topology crossbar = empty("crossbar", cols, rows);
  crossbar.ports.emplace_back();
  const Block grid{0, 0, cols, rows};
  crossbar.places.push_back(grid.middle());
  for (int node = 0; node < crossbar.nodes(); ++node) {
    home(crossbar, node, 0, grid.distance({node % cols, node / cols, 1, 1}));
    crossbar.route.push_back(static_cast<std::uint16_t>(node));
  }
  return crossbar;
}

Topology make_topology(const std::string& kind, int cols, int rows) {
  constexpr int most = 32;
  if (cols < 1 || rows < 1 || cols > most || rows > most || cols * rows < 2)
    throw Error("NoC", fmt::format("a grid of {}x{} nodes", cols, rows),
                fmt::format("1 to {} columns and rows, two nodes or more", most));
  if (kind == "mesh") return make_mesh(cols, rows);
  if (kind == "h-tree") return make_h_tree(cols, rows);
  if (kind == "crossbar") return make_crossbar(cols, rows);
  throw Error("NoC", "'" + kind + "'",
              one_of(std::vector<std::string_view>{"mesh", "h-tree", "crossbar"}, kind));
}

}  // namespace basil
