#include "memory/noc/reservation.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace basil {
namespace {

inline constexpr std::size_t most_trees_kept = 4096;

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
}

LinkReservation::Hop LinkReservation::hop_over(int router, int port, std::size_t parent) const {
  const PortEnd& end = topology_.end(router, port);
  Hop hop;
  hop.link = link(router, port);
  hop.parent = static_cast<int>(parent);
  if (end.kind == PortEnd::Kind::router) hop.router = end.index;
  if (end.kind == PortEnd::Kind::node) hop.node = static_cast<NodeId>(end.index);
  return hop;
}

std::vector<LinkReservation::Hop> LinkReservation::planned(const Packet& packet) const {
  std::vector<Hop> tree(1);
  tree[0].link = first_link_.back() + packet.source;
  tree[0].router = topology_.homes[packet.source].index;
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
        tree.push_back(hop_over(router, port, at));
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

std::uint32_t LinkReservation::take_way(const Packet& packet) {
  std::uint32_t number = static_cast<std::uint32_t>(ways_.size());
  if (free_ways_.empty()) {
    ways_.emplace_back();
  } else {
    number = free_ways_.back();
    free_ways_.pop_back();
  }
  ways_[number].hops = tree(packet);
  ways_[number].hops_left = ways_[number].hops.size();
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
    const std::uint32_t way = take_way(packet);
    ways_[way].packet = number;
    ways_[way].flits = std::min(left, piece);
    ask({way, 0}, packet.born);
  }
  return number;
}

void LinkReservation::ask(const Step& step, std::int64_t cycle) {
  events_.emplace(cycle, asked_++, step.way, step.hop);
}

void LinkReservation::serve_first() {
  const auto [cycle, number, way, hop] = events_.top();
  events_.pop();
  ways_[way].hops[hop].asked = cycle;
  const std::size_t asked = ways_[way].hops[hop].link;
  links_[asked].asking.push_back({way, hop});
  retry_.push_back(asked);
  while (!retry_.empty()) {
    const std::size_t link = retry_.back();
    retry_.pop_back();
    grant(link);
  }
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

// When the buffer behind a link takes another head.
std::int64_t LinkReservation::room(const Link& link) const {
  if (link.stays.empty()) return 0;
  const Step& ahead = link.stays.back();
  const Way& way = ways_[ahead.way];
  const int last_held = way.flits - parameters_.buffer;
  if (way.hops[ahead.hop].router < 0 || last_held < 0) return 0;
  const std::int64_t left = gone(way, ahead.hop, last_held);
  return left == unknown ? unknown : left + 1;
}

// Gives a link to those that asked for it, as far as it is known when it is free.
void LinkReservation::grant(std::size_t at) {
  Link& link = links_[at];
  while (!link.asking.empty()) {
    const std::int64_t with_room = room(link);
    if (link.end == unknown || with_room == unknown) return;
    const Step step = link.asking.front();
    link.asking.pop_front();
    take(step, std::max({link.end, with_room, hop_of(step).asked}));
  }
}

void LinkReservation::take(const Step& step, std::int64_t head) {
  const int flits = ways_[step.way].flits;
  Hop& hop = hop_of(step);
  Link& link = links_[hop.link];
  hop.head = head;
  link.flits += flits;
  link.end = unknown;
  link.stays.push_back(step);
  if (hop.parent >= 0) counters_.crossings += flits;
  if (hop.router >= 0) {
    counters_.buffer_writes += flits;
    counters_.buffer_reads += flits;
    ++counters_.routes;
  }
  if (link.stays.size() == 1) come_to_front(step, link.gone + 1);
  settle(step);
}

void LinkReservation::come_to_front(const Step& step, std::int64_t cycle) {
  const Hop& hop = hop_of(step);
  for (std::size_t child = 0; child < hop.children; ++child)
    ask({step.way, hop.first_child + child}, std::max(cycle, hop.head + router_cycles));
}

std::int64_t LinkReservation::leaves(const Way& way, std::size_t hop, int index) const {
  std::int64_t latest = unknown;
  std::int64_t j = 0;
  for (int left = index; left >= 0; left -= parameters_.buffer, ++j) {
    const Hop& ahead = way.hops[hop];
    if (ahead.head == unknown) return unknown;
    latest = std::max(latest, ahead.head + std::int64_t{parameters_.link_cycles} * left + j);
    if (ahead.router < 0) break;
    hop = ahead.first_child;  // more than a buffer full: a unicast, so the only one
  }
  return latest;
}

std::int64_t LinkReservation::gone(const Way& way, std::size_t hop, int index) const {
  std::int64_t latest = 0;
  for (std::size_t child = 0; child < way.hops[hop].children; ++child) {
    const std::int64_t left = leaves(way, way.hops[hop].first_child + child, index);
    if (left == unknown) return unknown;
    latest = std::max(latest, left);
  }
  return latest;
}

// After a hop got its head: places the last flits that can now be placed, from the source on, and lets those
// ask again that wait for this packet to move.
void LinkReservation::settle(const Step& step) {
  Way& way = ways_[step.way];
  const int reach = (way.flits - 1) / parameters_.buffer;
  line_.clear();
  int at = static_cast<int>(step.hop);
  for (int back = 0; at >= 0 && back <= reach; ++back) {
    line_.push_back(static_cast<std::size_t>(at));
    retry_.push_back(way.hops[static_cast<std::size_t>(at)].link);
    at = way.hops[static_cast<std::size_t>(at)].parent;
  }
  if (at >= 0) retry_.push_back(way.hops[static_cast<std::size_t>(at)].link);
  for (auto hop = line_.rbegin(); hop != line_.rend(); ++hop) {
    if (way.hops[*hop].tail != unknown) continue;
    const std::int64_t left = leaves(way, *hop, way.flits - 1);
    if (left == unknown) return;
    place_tail({step.way, *hop}, left);
  }
  if (way.hops_left == 0) free_ways_.push_back(step.way);
}

void LinkReservation::place_tail(const Step& step, std::int64_t left) {
  Way& way = ways_[step.way];
  Hop& hop = way.hops[step.hop];
  Link& link = links_[hop.link];
  hop.tail = left;
  if (hop.parent >= 0) {
    const Hop& before = way.hops[static_cast<std::size_t>(hop.parent)];
    hop.tail = std::max(left, before.tail + router_cycles);
  }
  link.end = hop.tail + parameters_.link_cycles;
  if (keeping_holds_) holds_.push_back({hop.link, hop.head, link.end, way.flits});
  --way.hops_left;
  if (hop.router < 0) {
    link.stays.clear();
    arrive(way, hop);
  }
  if (hop.parent >= 0) leave(step.way, static_cast<std::size_t>(hop.parent));
}

// A packet whose last flit has left the buffer behind a hop by all its ways on makes place for the next.
void LinkReservation::leave(std::uint32_t number, std::size_t at) {
  const Way& way = ways_[number];
  const Hop& hop = way.hops[at];
  std::int64_t last = 0;
  for (std::size_t child = hop.first_child; child < hop.first_child + hop.children; ++child) {
    if (way.hops[child].tail == unknown) return;
    last = std::max(last, way.hops[child].tail);
  }
  Link& link = links_[hop.link];
  link.stays.pop_front();
  link.gone = last;
  retry_.push_back(hop.link);
  if (!link.stays.empty()) come_to_front(link.stays.front(), last + 1);
}

void LinkReservation::arrive(const Way& way, const Hop& hop) {
  UnderWay& under_way = packets_[way.packet];
  std::size_t copy = 0;
  while (under_way.copies[copy].destination != hop.node) ++copy;
  Delivery& delivery = under_way.copies[copy];
  delivery.head = std::min(delivery.head, hop.head);
  delivery.tail = std::max(delivery.tail, hop.tail);
  if (--under_way.pieces_left[copy] > 0) return;
  deliveries_.push_back(delivery);
  if (--under_way.copies_left == 0) free_packets_.push_back(way.packet);
}

}  // namespace basil
