#include "models/machine/array_network.h"

#include <cmath>
#include <optional>

#include "memory/noc/multicast_bus.h"
#include "memory/noc/noc_target.h"
#include "models/waveform/link_signals.h"

namespace basil {
namespace {

class Buses final : public ArrayNetwork {
 public:
  Buses(const Description& machine, PeArray& array, Buffer& filters, Buffer& fmaps, Buffer& psums)
      : filter_("filter_bus", {.bits = machine.noc.filter_bits, .cols = machine.cols}),
        ifmap_("ifmap_bus", {.bits = machine.noc.ifmap_bits, .cols = machine.cols}),
        psum_in_("psum_in_bus", {.bits = machine.noc.psum_in_bits, .cols = machine.cols}),
        psum_out_("psum_out_bus", {.bits = machine.noc.psum_out_bits, .cols = machine.cols}) {
    const auto connect = [](MemoryPort& port, MulticastBus& bus, Buffer& buffer) {
      port.socket.bind(bus.from_array);
      bus.to_buffer.bind(buffer.socket);
    };
    connect(array.filter_port, filter_, filters);
    connect(array.ifmap_port, ifmap_, fmaps);
    connect(array.psum_in_port, psum_in_, psums);
    connect(array.psum_out_port, psum_out_, psums);
  }

  void trace(Waveform& /*waveform*/, const std::string& /*prefix*/) override {}
  void quiesce() override {
    for (MulticastBus* bus : {&filter_, &ifmap_, &psum_in_, &psum_out_}) bus->quiesce();
  }
  [[nodiscard]] NetworkCounters counters() const override {
    return {.filter_bus = filter_.counters(),
            .ifmap_bus = ifmap_.counters(),
            .psum_in_bus = psum_in_.counters(),
            .psum_out_bus = psum_out_.counters(),
            .routed = {}};
  }
  [[nodiscard]] Cycles busiest_link() const override { return Cycles(0); }

 private:
  MulticastBus filter_, ifmap_, psum_in_, psum_out_;
};

// `count` nodes from the first on, every so many.
std::vector<NodeId> stretch(int first, int count, int every) {
  std::vector<NodeId> nodes(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < nodes.size(); ++i)
    nodes[i] = static_cast<NodeId>(first + static_cast<int>(i) * every);
  return nodes;
}

// Where on the grid of routers the ends of a stream are.
struct Sides {
  explicit Sides(const Noc& noc) : rows(noc.routers.rows), cols(noc.routers.cols) {}
  int rows, cols;

  [[nodiscard]] NodeId node(int row, int col) const { return static_cast<NodeId>(row * cols + col); }
  [[nodiscard]] std::vector<NodeId> all() const { return stretch(0, rows * cols, 1); }
  [[nodiscard]] std::vector<NodeId> row(int which) const { return stretch(which * cols, cols, 1); }
  [[nodiscard]] std::vector<NodeId> west() const { return stretch(0, rows, cols); }
};

// The feature maps' buffer is at the north-west corner, the filters' at the north-east, the accumulators', if
// any, at the south-west. Every node holds its share of the PEs; a systolic array takes and gives at its
// edges, where its words enter and leave.
class Routers final : public ArrayNetwork {
 public:
  Routers(const Description& machine, Fidelity fidelity, PeArray& array, Buffer& filters, Buffer& fmaps,
          Buffer& psums)
      : link_cycles_(machine.noc.routers.link_cycles),
        network_(make_topology(machine.noc.kind, machine.noc.routers.cols, machine.noc.routers.rows),
                 router_parameters(machine), level_of(fidelity)) {
    const Sides sides(machine.noc);
    const NodeId north_west = 0, north_east = sides.node(0, sides.cols - 1);
    const NodeId psum_node = machine.accumulators ? sides.node(sides.rows - 1, 0) : north_west;
    const auto connect = [&](const char* name, MemoryPort& port, Buffer& buffer, NodeId memory,
                             std::vector<NodeId> nodes) {
      NocEnds ends{.flit_bits = machine.noc.routers.flit_bits,
                   .packet_flits = machine.noc.routers.packet,
                   .memory = memory,
                   .arrays = {machine.dataflow->at_edges ? std::move(nodes) : sides.all()},
                   .pes_a_node = static_cast<int>(ceil_div(machine.pes(), network_.topology().nodes()))};
      ends_.push_back(std::make_unique<NocTarget>(name, network_, std::move(ends)));
      port.socket.bind(ends_.back()->from_array);
      ends_.back()->to_memory.bind(buffer.socket);
    };
    array.carried_by(network_);
    memories_ = {north_west, north_east, psum_node};
    connect("filter_network", array.filter_port, filters, north_east, sides.row(0));
    connect("ifmap_network", array.ifmap_port, fmaps, north_west, sides.west());
    connect("psum_in_network", array.psum_in_port, psums, psum_node, sides.row(0));
    connect("psum_out_network", array.psum_out_port, psums, psum_node, sides.row(sides.rows - 1));
  }

  void trace(Waveform& waveform, const std::string& prefix) override {
    signals_.emplace(waveform, network_, prefix + "noc", memories_);
  }
  void quiesce() override {
    network_.reset();
    for (const auto& end : ends_) end->quiesce();
  }
  [[nodiscard]] NetworkCounters counters() const override {
    return {.filter_bus = {},
            .ifmap_bus = {},
            .psum_in_bus = {},
            .psum_out_bus = {},
            .routed = network_.activity()};
  }
  [[nodiscard]] Cycles busiest_link() const override {
    return Cycles(network_.busiest_link() * link_cycles_);
  }

 private:
  int link_cycles_;
  Interconnect network_;
  std::vector<std::unique_ptr<NocTarget>> ends_;
  std::vector<NodeId> memories_;  // where the buffers are
  std::optional<LinkSignals> signals_;
};

}  // namespace

std::unique_ptr<ArrayNetwork> make_array_network(const Description& machine, Fidelity fidelity,
                                                 PeArray& array, Buffer& filters, Buffer& fmaps,
                                                 Buffer& psums) {
  if (machine.noc.routed()) return std::make_unique<Routers>(machine, fidelity, array, filters, fmaps, psums);
  return std::make_unique<Buses>(machine, array, filters, fmaps, psums);
}

Interconnect::Level level_of(Fidelity fidelity) {
  return fidelity == Fidelity::cycle ? Interconnect::Level::flit : Interconnect::Level::transaction;
}

}  // namespace basil
