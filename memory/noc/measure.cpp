#include "memory/noc/measure.h"

#include <algorithm>

#include "core/error.h"

namespace basil {
namespace {

Delays summary(std::vector<std::int64_t>& delays) {
  if (delays.empty()) return {};
  double sum = 0;
  for (const std::int64_t delay : delays) sum += static_cast<double>(delay);
  // The least delay that 99 % do not exceed.
  const auto p99 = delays.begin() + static_cast<std::ptrdiff_t>((delays.size() * 99 + 99) / 100 - 1);
  std::nth_element(delays.begin(), p99, delays.end());
  return {sum / static_cast<double>(delays.size()), *p99, *std::max_element(delays.begin(), delays.end())};
}

// Sums up deliveries.
class Meter {
 public:
  Meter(std::int64_t cycles, std::int64_t warmup) {
    result_.cycles = cycles;
    result_.warmup = warmup;
  }

  void born(const Packet& packet) {
    if (packet.born < result_.warmup) return;
    ++result_.offered;
    offered_flits_ += packet.flits * static_cast<std::int64_t>(packet.destinations.size());
  }
  void arrived(const Delivery& delivery) {
    if (delivery.tail >= result_.warmup && delivery.tail < result_.cycles) accepted_flits_ += delivery.flits;
    if (delivery.born < result_.warmup || delivery.tail >= result_.cycles) return;
    heads_.push_back(delivery.head - delivery.born);
    tails_.push_back(delivery.tail - delivery.born);
  }
  template <class Net>
  NocMeasure result(const Net& network, const RouterCounters& counters) {
    const Topology& topology = network.topology();
    const double node_cycles =
        static_cast<double>(topology.nodes()) * static_cast<double>(result_.cycles - result_.warmup);
    result_.delivered = static_cast<std::int64_t>(heads_.size());
    result_.head = summary(heads_);
    result_.tail = summary(tails_);
    result_.offered_rate = static_cast<double>(offered_flits_) / node_cycles;
    result_.accepted_rate = static_cast<double>(accepted_flits_) / node_cycles;
    result_.counters = counters;
    for (int router = 0; router < topology.routers(); ++router) {
      const auto& ports = topology.ports[static_cast<std::size_t>(router)];
      for (int port = 0; port < static_cast<int>(ports.size()); ++port) {
        if (topology.end(router, port).kind != PortEnd::Kind::none)
          result_.links.push_back({router, port, network.flits_sent(router, port)});
      }
    }
    return result_;
  }

 private:
  NocMeasure result_;
  std::vector<std::int64_t> heads_, tails_;
  std::int64_t offered_flits_ = 0, accepted_flits_ = 0;
};

}  // namespace

NocMeasure measure(Network& network, const PacketStream& stream, std::int64_t cycles, std::int64_t warmup) {
  Meter meter(cycles, warmup);
  std::optional<Packet> next = stream();
  while (network.cycle() < cycles) {
    for (; next && next->born <= network.cycle(); next = stream()) {
      meter.born(*next);
      network.offer(*next);
    }
    if (network.deadlocked()) throw Failure("NoC: a deadlock: packets under way, and nothing can move");
    const std::int64_t until = next ? std::min(next->born, cycles) : cycles;
    if (const std::int64_t quiet = std::min(network.quiet_for(), until - network.cycle()); quiet > 0) {
      network.skip(quiet);
      continue;
    }
    network.step();
    network.commit();
    for (const Delivery& delivery : network.deliveries()) meter.arrived(delivery);
  }
  NocMeasure result = meter.result(network, network.counters());
  result.injected = network.injected();
  result.ejected = network.ejected();
  result.held = network.held();
  return result;
}

NocMeasure measure(LinkReservation& network, const PacketStream& stream, std::int64_t cycles,
                   std::int64_t warmup) {
  Meter meter(cycles, warmup);
  std::int64_t injected = 0, ejected = 0;
  const auto run = [&](std::int64_t until) {
    network.run(until);
    for (const Delivery& delivery : network.deliveries()) {
      meter.arrived(delivery);
      ejected += delivery.flits;
    }
  };
  for (std::optional<Packet> next = stream(); next && next->born < cycles; next = stream()) {
    run(next->born - 1);
    meter.born(*next);
    injected += next->flits;
    network.offer(*next);
  }
  run(cycles);
  NocMeasure result = meter.result(network, network.counters());
  result.injected = injected;
  result.ejected = ejected;
  return result;
}

}  // namespace basil
