#include "memory/noc/reservation.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace basil {
namespace {

inline constexpr std::size_t most_trees_kept = 4096;
inline constexpr std::uint32_t no_way = ~std::uint32_t{0};  // of an event

}  // namespace

LinkReservation::LinkReservation(Topology topology, const NocParameters& parameters)
    : topology_(std::move(topology)), parameters_(parameters) {
  check(parameters);
  if (parameters.vcs != 1)
    throw Error("NoC at transaction level", fmt::format("{} virtual channels", parameters.vcs),
                "1, or flit fidelity");
  std::size_t links = 0;
  for (const auto& ports : topology_.ports) {
    first_link_.push_back(links);
    links += ports.size();
  }
  first_link_.push_back(links);
  links_.resize(links + static_cast<std::size_t>(topology_.nodes()));
  inputs_.resize(links_.size(), 0);
  for (int router = 0; router < topology_.routers(); ++router) {
    const auto ports = static_cast<int>(topology_.ports[static_cast<std::size_t>(router)].size());
    for (int port = 0; port < ports; ++port) inputs_[link(router, port)] = ports;
  }
  for (std::size_t i = 0; i < links_.size(); ++i) {
    links_[i].last_given = inputs_[i] - 1;
    links_[i].leaving.assign(static_cast<std::size_t>(parameters_.buffer), 0);
  }
}

LinkReservation::Hop LinkReservation::hop_over(int router, int port, const Hop& before,
                                               std::size_t parent) const {
  const PortEnd& end = topology_.end(router, port);
  Hop hop;
  hop.link = link(router, port);
  hop.parent = static_cast<int>(parent);
  hop.input = before.output_end;
  if (end.kind == PortEnd::Kind::router) {
    hop.router = end.index;
    hop.output_end = end.port;
  }
  if (end.kind == PortEnd::Kind::node) hop.node = static_cast<NodeId>(end.index);
  return hop;
}

std::vector<LinkReservation::Hop> LinkReservation::planned(const Packet& packet) const {
  std::vector<Hop> tree(1);
  tree[0].link = first_link_.back() + packet.source;
  tree[0].router = topology_.homes[packet.source].index;
  tree[0].output_end = topology_.homes[packet.source].port;
  std::vector<std::vector<NodeId>> behind{packet.destinations};  // by hop
  for (std::size_t at = 0; at < tree.size(); ++at) {
    const int router = tree[at].router;
    const std::size_t first = tree.size();
    tree[at].first_child = first;
    if (router < 0) continue;
    for (const NodeId node : std::vector<NodeId>(std::move(behind[at]))) {
      const int port = topology_.port_towards(router, node);
      std::size_t child = first;
      while (child < tree.size() && tree[child].link != link(router, port)) ++child;
      if (child == tree.size()) {
        tree.push_back(hop_over(router, port, tree[at], at));
        behind.emplace_back();
      }
      behind[child].push_back(node);
    }
    tree[at].children = tree.size() - first;
  }
  return tree;
}

// Packets of a transfer, and pieces of a multicast, go few ways over and over.
const std::vector<LinkReservation::Hop>& LinkReservation::tree(const Packet& packet) {
  if (trees_.size() >= most_trees_kept) trees_.clear();
  const auto [known, is_new] = trees_.try_emplace({packet.source, packet.destinations});
  if (is_new) known->second = planned(packet);
  return known->second;
}

std::uint32_t LinkReservation::take_way(const Packet& packet, int flits) {
  std::uint32_t number = static_cast<std::uint32_t>(ways_.size());
  if (free_ways_.empty()) {
    ways_.emplace_back();
  } else {
    number = free_ways_.back();
    free_ways_.pop_back();
  }
  Way& way = ways_[number];
  way.hops = tree(packet);
  way.hops_left = way.hops.size();
  way.flits = flits;
  way.window = static_cast<std::size_t>(std::min(flits, parameters_.buffer + 1));
  way.sent.resize(way.hops.size() * way.window);
  return number;
}

std::uint32_t LinkReservation::offer(const Packet& packet) {
  check(packet, topology_.nodes());
  std::uint32_t number = static_cast<std::uint32_t>(packets_.size());
  if (free_packets_.empty()) {
    packets_.emplace_back();
  } else {
    number = free_packets_.back();
    free_packets_.pop_back();
  }
  UnderWay& under_way = packets_[number];
  const int piece =
      packet.destinations.size() == 1 ? packet.flits : std::min(packet.flits, parameters_.buffer);
  under_way.copies.clear();
  for (const NodeId node : packet.destinations)
    under_way.copies.push_back({number, packet.source, node, packet.flits, packet.born, quiet_for_ever, 0});
  under_way.pieces_left.assign(packet.destinations.size(), (packet.flits + piece - 1) / piece);
  under_way.copies_left = static_cast<int>(packet.destinations.size());
  for (int left = packet.flits; left > 0; left -= piece) {
    const std::uint32_t way = take_way(packet, std::min(left, piece));
    ways_[way].packet = number;
    ask({way, 0}, packet.born);
  }
  return number;
}

void LinkReservation::ask(const Step& step, std::int64_t cycle) {
  events_.emplace(cycle, asked_++, step.way, step.hop);
}

// All that ask in the first cycle in which something does, and only then those links are given.
void LinkReservation::serve_first() {
  const std::int64_t cycle = std::get<0>(events_.top());
  while (!events_.empty() && std::get<0>(events_.top()) == cycle) {
    const auto [at, number, way, index] = events_.top();
    events_.pop();
    const std::size_t asked = way == no_way ? index : ways_[way].hops[index].link;
    if (way != no_way) links_[asked].asking.push_back({way, index});
    asked_links_.push_back(asked);
  }
  for (const std::size_t asked : asked_links_) give(asked, cycle);
  asked_links_.clear();
}

void LinkReservation::run(std::int64_t until) {
  deliveries_.clear();
  while (!events_.empty() && std::get<0>(events_.top()) <= until) serve_first();
}

std::int64_t LinkReservation::finish(std::uint32_t packet) {
  deliveries_.clear();
  while (packets_[packet].copies_left > 0) serve_first();
  std::int64_t last = 0;
  for (const Delivery& copy : packets_[packet].copies) last = std::max(last, copy.tail);
  return last;
}

std::size_t LinkReservation::next_in_turn(const Link& link) const {
  const int inputs = inputs_[static_cast<std::size_t>(&link - links_.data())];
  if (inputs == 0) return 0;  // a node's packets in their order
  const auto turn = [&](const Step& step) {
    const int input = ways_[step.way].hops[step.hop].input;
    return input > link.last_given ? input - link.last_given : input + inputs - link.last_given;
  };
  return static_cast<std::size_t>(
      std::min_element(link.asking.begin(), link.asking.end(),
                       [&](const Step& a, const Step& b) { return turn(a) < turn(b); }) -
      link.asking.begin());
}

void LinkReservation::give(std::size_t at, std::int64_t cycle) {
  Link& link = links_[at];
  if (link.taken || link.asking.empty()) return;
  if (link.given_from > cycle) {
    events_.emplace(link.given_from, asked_++, no_way, at);
    return;
  }
  const std::size_t next = next_in_turn(link);
  const Step step = link.asking[next];
  link.asking.erase(link.asking.begin() + static_cast<std::ptrdiff_t>(next));
  take(step, cycle);
}

void LinkReservation::take(const Step& step, std::int64_t cycle) {
  const int flits = ways_[step.way].flits;
  Hop& hop = hop_of(step);
  Link& link = links_[hop.link];
  hop.granted = cycle;
  hop.first = link.flits;
  link.taken = true;
  link.owner = step;
  link.last_given = hop.input;
  link.flits += flits;
  if (hop.parent >= 0) counters_.crossings += flits;
  if (hop.router >= 0) {
    counters_.buffer_writes += flits;
    counters_.buffer_reads += flits;
    ++counters_.routes;
  }
  to_place_.push_back(step);
  while (!to_place_.empty()) {
    const Step next = to_place_.back();
    to_place_.pop_back();
    place(next);
  }
}

// When a flit leaves on a hop whose earlier ones are placed, or unknown.
std::int64_t LinkReservation::cycle_of(Way& way, std::size_t at, int flit) {
  const Hop& hop = way.hops[at];
  const Link& link = links_[hop.link];
  std::int64_t cycle = std::max(hop.granted, link.free);
  if (hop.parent >= 0) {
    const auto parent = static_cast<std::size_t>(hop.parent);
    if (way.hops[parent].placed <= flit) return unknown;
    cycle = std::max(cycle, sent(way, parent, flit) + router_cycles);
  }
  if (hop.router < 0) return cycle;
  // Before the buffer was full once, its places were left in cycle 0, so to say.
  const std::int64_t left = link.leaving[static_cast<std::size_t>((hop.first + flit) % parameters_.buffer)];
  return left == unknown ? unknown : std::max(cycle, left + (hop.first + flit < parameters_.buffer ? 0 : 1));
}

void LinkReservation::place(const Step& step) {
  Way& way = ways_[step.way];
  Hop& hop = way.hops[step.hop];
  if (hop.granted == unknown) return;
  const int before = hop.placed;
  while (hop.placed < way.flits) {
    const std::int64_t cycle = cycle_of(way, step.hop, hop.placed);
    if (cycle == unknown) break;
    const int flit = hop.placed++;
    sent(way, step.hop, flit) = cycle;
    Link& link = links_[hop.link];
    link.free = cycle + parameters_.link_cycles;
    if (hop.router >= 0)
      link.leaving[static_cast<std::size_t>((hop.first + flit) % parameters_.buffer)] = unknown;
    if (flit == 0) place_head(step);
    if (hop.parent >= 0) leave_buffer(way, static_cast<std::size_t>(hop.parent), flit);
  }
  if (hop.placed == before) return;
  for (std::size_t child = 0; child < hop.children; ++child)
    to_place_.push_back({step.way, hop.first_child + child});
  if (hop.placed == way.flits) place_tail(step);
}

void LinkReservation::place_head(const Step& step) {
  Hop& hop = hop_of(step);
  hop.head = sent(ways_[step.way], step.hop, 0);
  if (hop.router < 0) return;
  Link& link = links_[hop.link];
  link.stays.push_back(step);
  if (link.stays.size() == 1) come_to_front(step, link.gone + 1);
}

void LinkReservation::come_to_front(const Step& step, std::int64_t cycle) {
  const Hop& hop = hop_of(step);
  for (std::size_t child = 0; child < hop.children; ++child)
    ask({step.way, hop.first_child + child}, std::max(cycle, hop.head + router_cycles));
}

// A flit has left the buffer behind a hop by one of the ways on: once by all of them, its place is free, and
// who has the link to the buffer may know more.
void LinkReservation::leave_buffer(Way& way, std::size_t at, int flit) {
  const Hop& hop = way.hops[at];
  std::int64_t left = 0;
  for (std::size_t child = hop.first_child; child < hop.first_child + hop.children; ++child) {
    if (way.hops[child].placed <= flit) return;
    left = std::max(left, sent(way, child, flit));
  }
  Link& link = links_[hop.link];
  link.leaving[static_cast<std::size_t>((hop.first + flit) % parameters_.buffer)] = left;
  if (link.taken) to_place_.push_back(link.owner);
}

void LinkReservation::place_tail(const Step& step) {
  Way& way = ways_[step.way];
  Hop& hop = way.hops[step.hop];
  Link& link = links_[hop.link];
  const std::int64_t tail = sent(way, step.hop, way.flits - 1);
  link.taken = false;
  link.given_from = tail + 1;
  if (!link.asking.empty()) events_.emplace(link.given_from, asked_++, no_way, hop.link);
  if (keeping_holds_) holds_.push_back({hop.link, hop.head, link.free, way.flits});
  if (hop.router < 0) arrive(way, hop, tail);
  if (hop.parent >= 0) leave(step.way, static_cast<std::size_t>(hop.parent));
  if (--way.hops_left == 0) free_ways_.push_back(step.way);
}

// A worm whose last flit has left the buffer behind a hop by all its ways on makes place for the next.
void LinkReservation::leave(std::uint32_t number, std::size_t at) {
  Way& way = ways_[number];
  const Hop& hop = way.hops[at];
  std::int64_t last = 0;
  for (std::size_t child = hop.first_child; child < hop.first_child + hop.children; ++child) {
    if (way.hops[child].placed < way.flits) return;
    last = std::max(last, sent(way, child, way.flits - 1));
  }
  Link& link = links_[hop.link];
  link.stays.pop_front();
  link.gone = last;
  if (!link.stays.empty()) come_to_front(link.stays.front(), last + 1);
}

void LinkReservation::arrive(const Way& way, const Hop& hop, std::int64_t tail) {
  UnderWay& under_way = packets_[way.packet];
  std::size_t copy = 0;
  while (under_way.copies[copy].destination != hop.node) ++copy;
  Delivery& delivery = under_way.copies[copy];
  delivery.head = std::min(delivery.head, hop.head);
  delivery.tail = std::max(delivery.tail, tail);
  if (--under_way.pieces_left[copy] > 0) return;
  deliveries_.push_back(delivery);
  if (--under_way.copies_left == 0) free_packets_.push_back(way.packet);
}

}  // namespace basil
