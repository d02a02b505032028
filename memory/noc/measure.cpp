#include "memory/noc/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/error.h"

namespace basil {
namespace {

// How often each delay occurred.
class DelayCounts {
 public:
  void add(std::int64_t delay) {
    ++total_;
    sum_ += delay;
    if (delay >= most_counted) {
      ++long_[delay];
      return;
    }
    if (counts_.size() <= static_cast<std::size_t>(delay))
      counts_.resize(static_cast<std::size_t>(delay) + 1);
    ++counts_[static_cast<std::size_t>(delay)];
  }
  [[nodiscard]] std::int64_t total() const { return total_; }
  [[nodiscard]] Delays summary() const {
    if (total_ == 0) return {};
    return {static_cast<double>(sum_) / static_cast<double>(total_), least_with((total_ * 99 + 99) / 100),
            least_with(total_)};
  }

 private:
  static constexpr std::int64_t most_counted = 65536;

  // The least delay that so many do not exceed.
  [[nodiscard]] std::int64_t least_with(std::int64_t many) const {
    for (std::size_t delay = 0; delay < counts_.size(); ++delay) {
      many -= counts_[delay];
      if (many <= 0) return static_cast<std::int64_t>(delay);
    }
    for (const auto& [delay, count] : long_) {
      many -= count;
      if (many <= 0) return delay;
    }
    return 0;
  }

  std::vector<std::int64_t> counts_;
  std::map<std::int64_t, std::int64_t> long_;
  std::int64_t total_ = 0, sum_ = 0;
};

// Sums up deliveries.
class Meter {
 public:
  Meter(std::int64_t cycles, std::int64_t warmup) {
    if (warmup < 0 || warmup >= cycles)
      throw Error("NoC", fmt::format("a warm-up of {} cycles", warmup), fmt::format("0 to {}", cycles - 1));
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
    heads_.add(delivery.head - delivery.born);
    tails_.add(delivery.tail - delivery.born);
  }
  // `ended`: the cycle in which nothing was left to do, or later than the run.
  template <class Net>
  NocMeasure result(const Net& network, std::int64_t ended) {
    result_.cycles = std::clamp(ended, result_.warmup + 1, result_.cycles);
    const Topology& topology = network.topology();
    const double node_cycles =
        static_cast<double>(topology.nodes()) * static_cast<double>(result_.cycles - result_.warmup);
    result_.delivered = heads_.total();
    result_.head = heads_.summary();
    result_.tail = tails_.summary();
    result_.offered_rate = static_cast<double>(offered_flits_) / node_cycles;
    result_.accepted_rate = static_cast<double>(accepted_flits_) / node_cycles;
    result_.counters = network.counters();
    for (int router = 0; router < topology.routers(); ++router) {
      const auto& ports = topology.ports[static_cast<std::size_t>(router)];
      for (int port = 0; port < static_cast<int>(ports.size()); ++port) {
        if (topology.end(router, port).kind != PortEnd::Kind::none)
          result_.links.push_back({router, port, network.flits_sent(router, port)});
      }
    }
    for (int node = 0; node < topology.nodes(); ++node)
      result_.node_flits.push_back(network.flits_from(static_cast<NodeId>(node)));
    return result_;
  }

 private:
  NocMeasure result_;
  DelayCounts heads_, tails_;
  std::int64_t offered_flits_ = 0, accepted_flits_ = 0;
};

void refuse_a_flood(std::size_t packets) {
  if (packets > most_packets_under_way)
    throw Failure(fmt::format("NoC: {} packets wait: so far above saturation, run fewer cycles", packets));
}

}  // namespace

NocMeasure measure(Network& network, const PacketStream& stream, std::int64_t cycles, std::int64_t warmup,
                   const std::function<void(const Network&)>& after_cycle) {
  Meter meter(cycles, warmup);
  std::optional<Packet> next = stream();
  while (network.cycle() < cycles && (next || network.packets_under_way() > 0)) {
    for (; next && next->born <= network.cycle(); next = stream()) {
      meter.born(*next);
      network.offer(*next);
    }
    refuse_a_flood(network.packets_under_way());
    const std::int64_t until = next ? std::min(next->born, cycles) : cycles, quiet = network.quiet_for();
    if (quiet == quiet_for_ever && network.packets_under_way() > 0)
      throw Failure("NoC: a deadlock: packets under way, and nothing can move");
    if (quiet > 0) {
      network.skip(std::min(quiet, until - network.cycle()));
      continue;
    }
    network.step();
    network.commit();
    if (after_cycle) after_cycle(network);
    for (const Delivery& delivery : network.deliveries()) meter.arrived(delivery);
  }
  NocMeasure result = meter.result(network, network.cycle());
  result.injected = network.injected();
  result.ejected = network.ejected();
  result.held = network.held();
  return result;
}

NocMeasure measure(LinkReservation& network, const PacketStream& stream, std::int64_t cycles,
                   std::int64_t warmup, const std::function<void(std::int64_t cycle)>& at_cycle) {
  Meter meter(cycles, warmup);
  std::int64_t injected = 0, ejected = 0, last = 0;
  const auto run = [&](std::int64_t until) {
    network.run(until);
    for (const Delivery& delivery : network.deliveries()) {
      meter.arrived(delivery);
      ejected += delivery.flits;
      last = std::max(last, delivery.tail);
    }
    refuse_a_flood(network.packets_under_way());
    if (at_cycle) at_cycle(std::max<std::int64_t>(until, 0));
  };
  std::optional<Packet> next = stream();
  for (; next && next->born < cycles; next = stream()) {
    run(next->born - 1);
    meter.born(*next);
    injected += next->flits;
    network.offer(*next);
  }
  run(cycles);
  const std::int64_t ended = !next && network.packets_under_way() == 0 ? last + 1 : cycles;
  NocMeasure result = meter.result(network, ended);
  result.injected = injected;
  result.ejected = ejected;
  return result;
}

}  // namespace basil
