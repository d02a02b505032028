#include "models/dataflows/row_links.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "memory/noc/interconnect.h"
#include "memory/noc/packet_source.h"
#include "models/description/routers.h"

namespace basil {
namespace {

// The machine's routers, flit by flit, for the streams of one pass.
class FlitCarrier final : public RowCarrier {
 public:
  explicit FlitCarrier(const Description& machine)
      : network_(make_topology(machine.noc.kind, machine.noc.routers.cols, machine.noc.routers.rows),
                 router_parameters(machine), Interconnect::Level::flit) {
    std::vector<NodeId> nodes(static_cast<std::size_t>(network_.topology().nodes()));
    std::iota(nodes.begin(), nodes.end(), NodeId{0});
    const auto pes_a_node = static_cast<int>(ceil_div(machine.pes(), network_.topology().nodes()));
    const NodeId north_west = 0, north_east = static_cast<NodeId>(machine.noc.routers.cols - 1);
    for (const NodeId memory : {north_east, north_west, north_west, north_west})  // by RowStreamKind
      sources_.emplace_back(memory, nodes, pes_a_node, machine.noc.routers.packet);
  }

  std::size_t send(RowStreamKind stream, std::int64_t flits, std::int64_t takers, std::int64_t now) override {
    const bool read = stream != RowStreamKind::psums_out;
    std::vector<std::uint64_t>& parcels = sent_.emplace_back().parcels;
    for (const Packet& packet : sources_[static_cast<std::size_t>(stream)].packets(read, flits, takers, now))
      parcels.push_back(network_.send(packet, now));
    return sent_.size() - 1;
  }
  void advance(std::int64_t until) override { network_.advance(until); }
  [[nodiscard]] std::optional<std::int64_t> arrival(std::size_t sent) override {
    Sent& chunk = sent_[sent];
    for (; !chunk.parcels.empty(); chunk.parcels.pop_back()) {
      const auto arrival = network_.arrival(chunk.parcels.back());
      if (!arrival) return std::nullopt;
      chunk.arrived = std::max(chunk.arrived, *arrival);
    }
    return chunk.arrived;
  }

 private:
  struct Sent {
    std::vector<std::uint64_t> parcels;  // not known to have arrived
    std::int64_t arrived = 0;
  };
  Interconnect network_;
  std::vector<PacketSource> sources_;
  std::vector<Sent> sent_;
};

}  // namespace

RowLinks row_links(const Description& machine) {
  RowLinks links{.network = {},
                 .filter_port_words = std::max(1, machine.filter_buffer.port_bits / machine.weight_bits()),
                 .fmap_port_words = std::max(1, machine.fmap_buffer.port_bits / machine.word_bits()),
                 .double_weights = machine.delivery().weights};
  if (machine.noc.routed()) {
    links.network = RowNetwork{.packet_flits = machine.noc.routers.packet,
                               .window = row_window,
                               .carrier = [machine] { return std::make_unique<FlitCarrier>(machine); }};
  }
  return links;
}

}  // namespace basil
