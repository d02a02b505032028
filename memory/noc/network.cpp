#include "memory/noc/network.h"

#include <algorithm>

namespace basil {
namespace {

NocParameters checked(const NocParameters& parameters) {
  check(parameters);
  return parameters;
}

}  // namespace

Network::Network(Topology topology, const NocParameters& parameters)
    : topology_(std::move(topology)),
      parameters_(checked(parameters)),
      sources_(static_cast<std::size_t>(topology_.nodes())),
      active_routers_(topology_.routers()),
      active_sources_(topology_.nodes()) {
  routers_.reserve(static_cast<std::size_t>(topology_.routers()));
  for (int router = 0; router < topology_.routers(); ++router)
    routers_.emplace_back(topology_, router, parameters_, worms_);
  for (Source& at_node : sources_)
    at_node.credits.assign(static_cast<std::size_t>(parameters_.vcs), parameters_.buffer);
}

std::uint32_t Network::take_packet(const Packet& packet) {
  std::uint32_t number = static_cast<std::uint32_t>(packets_.size());
  if (free_packets_.empty()) {
    packets_.emplace_back();
  } else {
    number = free_packets_.back();
    free_packets_.pop_back();
  }
  UnderWay& under_way = packets_[number];
  under_way.packet = packet;
  under_way.number = offered_++;
  under_way.copies.clear();
  for (const NodeId node : packet.destinations)
    under_way.copies.push_back({number, packet.source, node, packet.flits, packet.born, 0, 0});
  under_way.flits_left.assign(packet.destinations.size(), packet.flits);
  under_way.copies_left = static_cast<int>(packet.destinations.size());
  return number;
}

std::uint32_t Network::offer(const Packet& packet) {
  check(packet, topology_.nodes());
  const std::uint32_t number = take_packet(packet);
  const int piece = packet.destinations.size() == 1 ? packet.flits : parameters_.buffer;
  for (int left = packet.flits; left > 0; left -= piece) {
    const std::uint32_t worm = worms_.take();
    worms_[worm].packet = number;
    worms_[worm].flits = std::min(left, piece);
    worms_[worm].destinations = packet.destinations;
    source(packet.source).queue.push_back(worm);
  }
  active_sources_.insert(packet.source);
  return number;
}

Router& Network::now_at(int router) {
  Router& woken = routers_[static_cast<std::size_t>(router)];
  if (woken.cycle() < cycle_) woken.skip(cycle_ - woken.cycle());
  active_routers_.insert(router);
  return woken;
}

// A worm keeps the virtual channel that had most room when its head left.
void Network::inject(int node) {
  Source& from = source(node);
  if (from.free > cycle_) return;
  if (from.sent == 0)
    from.vc =
        static_cast<int>(std::max_element(from.credits.begin(), from.credits.end()) - from.credits.begin());
  int& credits = from.credits[static_cast<std::size_t>(from.vc)];
  if (credits == 0) return active_sources_.erase(node);
  --credits;
  const std::uint32_t worm = from.queue.front();
  const bool tail = from.sent + 1 == worms_[worm].flits;
  const PortEnd& home = topology_.homes[static_cast<std::size_t>(node)];
  staged_.push_back(
      {home.index,
       home.port,
       {worm, static_cast<std::uint16_t>(from.sent), static_cast<std::uint16_t>(from.vc), tail}});
  from.free = cycle_ + parameters_.link_cycles;
  ++injected_;
  ++from.flits;
  ++from.sent;
  if (!tail) return;
  from.sent = 0;
  from.queue.pop_front();
  if (from.queue.empty()) active_sources_.erase(node);
}

void Network::step() {
  deliveries_.clear();
  active_sources_.each([&](int node) { inject(node); });
  active_routers_.each([&](int index) {
    Router& router = routers_[static_cast<std::size_t>(index)];
    const std::int64_t quiet = router.quiet_for();
    if (quiet == quiet_for_ever) return active_routers_.erase(index);
    if (router.cycle() + quiet > cycle_) return;
    now_at(index).step();
    stepped_.push_back(index);
  });
}

void Network::commit() {
  for (const int router : stepped_) routers_[static_cast<std::size_t>(router)].commit();
  ++cycle_;
  for (const int router : stepped_) wire(router);
  stepped_.clear();
  for (const Injected& injected : staged_) now_at(injected.router).arrive(injected.port, injected.flit);
  staged_.clear();
}

// Carries what a router put on its wires to their other ends.
void Network::wire(int index) {
  for (const Router::Sent& sent : router(index).sent()) {
    const PortEnd& end = topology_.end(index, sent.port);
    if (end.kind == PortEnd::Kind::node) {
      eject(static_cast<NodeId>(end.index), sent.flit);
    } else {
      now_at(end.index).arrive(end.port, sent.flit);
    }
  }
  for (const Router::Freed& freed : router(index).freed()) {
    const PortEnd& end = topology_.end(index, freed.port);
    if (end.kind == PortEnd::Kind::node) {
      Source& from = source(end.index);
      ++from.credits[static_cast<std::size_t>(freed.vc)];
      if (!from.queue.empty()) active_sources_.insert(end.index);
    } else {
      now_at(end.index).credit(end.port, freed.vc);
    }
  }
}

void Network::eject(NodeId node, const Flit& flit) {
  ++ejected_;
  const std::uint32_t number = worms_[flit.worm].packet;
  if (flit.tail) worms_.release(flit.worm);
  UnderWay& under_way = packets_[number];
  std::size_t copy = 0;
  while (under_way.copies[copy].destination != node) ++copy;
  Delivery& delivery = under_way.copies[copy];
  if (under_way.flits_left[copy] == delivery.flits) delivery.head = cycle_ - 1;
  if (--under_way.flits_left[copy] > 0) return;
  delivery.tail = cycle_ - 1;
  deliveries_.push_back(delivery);
  if (--under_way.copies_left == 0) free_packets_.push_back(number);
}

std::int64_t Network::quiet_for() const {
  std::int64_t quiet = quiet_for_ever;
  active_sources_.each([&](int node) {
    quiet =
        std::min(quiet, std::max<std::int64_t>(0, sources_[static_cast<std::size_t>(node)].free - cycle_));
  });
  active_routers_.each([&](int index) {
    const std::int64_t own = router(index).quiet_for();
    if (own != quiet_for_ever) quiet = std::min(quiet, router(index).cycle() + own - cycle_);
  });
  return quiet;
}

RouterCounters Network::counters() const {
  RouterCounters total;
  for (const Router& router : routers_) total += router.counters();
  return total;
}

std::int64_t Network::held() const {
  std::int64_t total = 0;
  for (const Router& router : routers_) total += router.held();
  return total;
}

bool Network::credits_conserved() const {
  for (int index = 0; index < topology_.routers(); ++index) {
    const auto& ports = topology_.ports[static_cast<std::size_t>(index)];
    for (int port = 0; port < static_cast<int>(ports.size()); ++port) {
      const PortEnd& end = topology_.end(index, port);
      for (int vc = 0; vc < parameters_.vcs; ++vc) {
        const auto places = [&](int credits) { return credits + router(index).held(port, vc); };
        if (end.kind == PortEnd::Kind::router &&
            places(router(end.index).credits(end.port, vc)) != parameters_.buffer)
          return false;
        if (end.kind == PortEnd::Kind::node &&
            places(sources_[static_cast<std::size_t>(end.index)].credits[static_cast<std::size_t>(vc)]) !=
                parameters_.buffer)
          return false;
      }
    }
  }
  return true;
}

}  // namespace basil
