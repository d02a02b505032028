#include "models/waveform/link_signals.h"

#include <fmt/format.h>

#include <algorithm>

namespace basil {
namespace {

inline constexpr int most_nodes = 64;

}  // namespace

LinkSignals::LinkSignals(Waveform& waveform, Interconnect& network, const std::string& prefix,
                         const std::vector<NodeId>& memories)
    : waveform_(waveform), network_(network) {
  const Topology& topology = network.topology();
  const auto shows_node = [&](int node) {
    return topology.nodes() <= most_nodes ||
           std::find(memories.begin(), memories.end(), static_cast<NodeId>(node)) != memories.end();
  };
  const std::string group = prefix + " links of " + topology.name;
  for (int router = 0; router < topology.routers(); ++router) {
    for (const PortEnd& end : topology.ports[static_cast<std::size_t>(router)]) {
      const bool to_node = end.kind == PortEnd::Kind::node;
      const bool shown = end.kind != PortEnd::Kind::none &&
                         (to_node ? shows_node(end.index) : topology.nodes() <= most_nodes);
      links_.emplace_back();
      if (shown)
        declare(fmt::format("{}.router{}.to_{}{}", prefix, router, to_node ? "node" : "router", end.index),
                group);
    }
  }
  for (int node = 0; node < topology.nodes(); ++node) {
    links_.emplace_back();
    if (shows_node(node))
      declare(fmt::format("{}.node{}.to_router{}", prefix, node,
                          topology.homes[static_cast<std::size_t>(node)].index),
              group);
  }
  network_.keep_holds();
  waveform_.add_teller([this](Cycles now, bool over) { return tell(now, over); });
}

void LinkSignals::declare(const std::string& path, const std::string& group) {
  constexpr int flit_bits = 48;
  links_.back() = Link{.busy = waveform_.add(path + ".busy", 1, group),
                       .flits = waveform_.add(path + ".flits", flit_bits, group)};
}

Cycles LinkSignals::tell(Cycles now, bool over) {
  const Interconnect::Holds known = network_.take_holds(now.value, over);
  for (const LinkHold& hold : known.holds) {
    std::optional<Link>& link = links_[hold.link];
    if (!link) continue;
    link->sent += hold.flits;
    waveform_.busy(link->busy, Cycles(hold.from), Cycles(hold.until));
    waveform_.set_at(Cycles(hold.from), link->flits, static_cast<double>(link->sent));
  }
  return Cycles(known.known_until);
}

}  // namespace basil
