#include "memory/noc/interconnect.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace basil {
namespace {

template <class Net>
std::vector<std::int64_t> flits_of(const Net& network) {
  const Topology& topology = network.topology();
  std::vector<std::int64_t> flits;
  for (int router = 0; router < topology.routers(); ++router) {
    const auto ports = static_cast<int>(topology.ports[static_cast<std::size_t>(router)].size());
    for (int port = 0; port < ports; ++port) flits.push_back(network.flits_sent(router, port));
  }
  for (int node = 0; node < topology.nodes(); ++node)
    flits.push_back(network.flits_from(static_cast<NodeId>(node)));
  return flits;
}

void add(std::vector<std::int64_t>& sum, const std::vector<std::int64_t>& flits) {
  sum.resize(flits.size());
  for (std::size_t i = 0; i < flits.size(); ++i) sum[i] += flits[i];
}

}  // namespace

std::vector<std::int64_t> link_flits(const LinkReservation& network) { return flits_of(network); }
std::vector<std::int64_t> link_flits(const Network& network) { return flits_of(network); }

NocActivity activity_of(const Topology& topology, const std::vector<std::int64_t>& link_flits,
                        const RouterCounters& routers) {
  NocActivity activity{.routers = routers};
  std::size_t link = 0;
  for (int router = 0; router < topology.routers(); ++router) {
    const auto ports = static_cast<int>(topology.ports[static_cast<std::size_t>(router)].size());
    for (int port = 0; port < ports; ++port, ++link) {
      const auto flits = static_cast<double>(link_flits[link]);
      activity.flit_ports += flits * ports;
      activity.flit_pitches += flits * topology.end(router, port).pitches;
    }
  }
  for (const PortEnd& home : topology.homes)
    activity.flit_pitches += static_cast<double>(link_flits[link++]) * home.pitches;
  return activity;
}

Interconnect::Interconnect(Topology topology, const NocParameters& parameters, Level level)
    : level_(level), reservation_(std::move(topology), parameters) {}

void Interconnect::reset() {
  reservation_ = LinkReservation(reservation_.topology(), reservation_.parameters());
  if (keeping_holds_) reservation_.keep_holds();
  packets_ = 0;
  moving_.clear();
  network_.reset();
  flits_before_.clear();
  counters_before_ = {};
  sent_.clear();
  flits_noted_.clear();
}

std::int64_t Interconnect::carry(const std::vector<Packet>& packets, std::int64_t born, std::int64_t now) {
  if (packets.empty()) return born;
  packets_ += static_cast<std::int64_t>(packets.size());
  if (level_ == Level::transaction) return reserve(packets) + 1;
  if (empty_at_ <= now) forget_the_arrived();
  moving_.insert(moving_.end(), packets.begin(), packets.end());
  return move_flits(moving_.size() - packets.size()) + 1;
}

std::uint64_t Interconnect::send(const Packet& packet, std::int64_t now) {
  ++packets_;
  if (!network_) {
    network_ = std::make_unique<Network>(topology(), parameters());
    network_->skip(now);
  }
  advance(now);
  const std::uint32_t by_network = network_->offer(packet);
  sent_by_network_.resize(std::max<std::size_t>(sent_by_network_.size(), by_network + 1));
  sent_by_network_[by_network] = ++sent_packets_;
  sent_[sent_packets_].copies_left = packet.destinations.size();
  return sent_packets_;
}

void Interconnect::advance(std::int64_t until) {
  if (!network_) return;
  while (network_->cycle() < until) {
    const std::int64_t quiet = std::min(network_->quiet_for(), until - network_->cycle());
    if (quiet > 0) {
      network_->skip(quiet);
      continue;
    }
    network_->step();
    network_->commit();
    if (keeping_holds_) note_holds(flits_noted_);
    for (const Delivery& delivery : network_->deliveries()) {
      Sent& sent = sent_[sent_by_network_[delivery.packet]];
      --sent.copies_left;
      sent.arrived = std::max(sent.arrived, delivery.tail + 1);
      empty_at_ = std::max(empty_at_, delivery.tail + 1);
    }
  }
}

std::optional<std::int64_t> Interconnect::arrival(std::uint64_t sent) {
  const auto found = sent_.find(sent);
  if (found == sent_.end() || found->second.copies_left > 0) return std::nullopt;
  const std::int64_t arrived = found->second.arrived;
  sent_.erase(found);
  return arrived;
}

std::int64_t Interconnect::reserve(const std::vector<Packet>& packets) {
  std::int64_t last = 0;
  for (const Packet& packet : packets) last = std::max(last, reservation_.finish(reservation_.offer(packet)));
  return last;
}

void Interconnect::forget_the_arrived() {
  if (network_) {
    add(flits_before_, link_flits(*network_));
    counters_before_ += network_->counters();
  }
  holds_.insert(holds_.end(), moving_holds_.begin(), moving_holds_.end());
  moving_holds_.clear();
  network_.reset();
  moving_.clear();
}

void Interconnect::keep_holds() {
  keeping_holds_ = true;
  reservation_.keep_holds();
}

Interconnect::Holds Interconnect::take_holds(std::int64_t now, bool over) {
  if (level_ == Level::transaction) return {reservation_.take_holds(), now};
  if (sent_packets_ > 0) return {std::exchange(moving_holds_, {}), now};  // moved as they are told
  if (over || empty_at_ <= now) forget_the_arrived();
  std::int64_t known = now;
  for (const Packet& packet : moving_) known = std::min(known, packet.born);
  return {std::exchange(holds_, {}), known};
}

// After a cycle of the network; `sent`: by link, flits before it.
void Interconnect::note_holds(std::vector<std::int64_t>& sent) {
  std::vector<std::int64_t> after = link_flits(*network_);
  sent.resize(after.size());
  const std::int64_t cycle = network_->cycle() - 1;
  for (std::size_t link = 0; link < after.size(); ++link) {
    if (after[link] > sent[link]) moving_holds_.push_back({link, cycle, cycle + parameters().link_cycles, 1});
  }
  sent = std::move(after);
}

std::int64_t Interconnect::move_flits(std::size_t first_new) {
  network_ = std::make_unique<Network>(topology(), parameters());
  std::vector<std::size_t> order(moving_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return moving_[a].born < moving_[b].born; });
  std::vector<std::size_t> packet_of;  // by the network's number
  std::vector<std::int64_t> sent;      // by link, where the holds are kept
  moving_holds_.clear();
  std::int64_t last_new = 0;
  std::size_t next = 0;
  while (next < order.size() || network_->packets_under_way() > 0) {
    for (; next < order.size() && moving_[order[next]].born <= network_->cycle(); ++next) {
      const std::uint32_t number = network_->offer(moving_[order[next]]);
      packet_of.resize(std::max<std::size_t>(packet_of.size(), number + 1));
      packet_of[number] = order[next];
    }
    std::int64_t quiet = network_->quiet_for();
    if (next < order.size()) quiet = std::min(quiet, moving_[order[next]].born - network_->cycle());
    if (quiet == quiet_for_ever) throw Failure("the network on chip has come to a standstill");
    if (quiet > 0) {
      network_->skip(quiet);
      continue;
    }
    network_->step();
    network_->commit();
    if (keeping_holds_) note_holds(sent);
    for (const Delivery& delivery : network_->deliveries()) {
      empty_at_ = std::max(empty_at_, delivery.tail + 1);
      if (packet_of[delivery.packet] >= first_new) last_new = std::max(last_new, delivery.tail);
    }
  }
  return last_new;
}

std::vector<std::int64_t> Interconnect::all_link_flits() const {
  if (level_ == Level::transaction) return link_flits(reservation_);
  std::vector<std::int64_t> flits = flits_before_;
  if (network_) add(flits, link_flits(*network_));
  flits.resize(link_flits(reservation_).size());
  return flits;
}

NocActivity Interconnect::activity() const {
  RouterCounters counters = level_ == Level::transaction ? reservation_.counters() : counters_before_;
  if (network_) counters += network_->counters();
  NocActivity activity = activity_of(topology(), all_link_flits(), counters);
  activity.packets = packets_;
  return activity;
}

std::int64_t Interconnect::busiest_link() const {
  const std::vector<std::int64_t> flits = all_link_flits();
  return *std::max_element(flits.begin(), flits.end());
}

}  // namespace basil
