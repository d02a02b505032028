// What a network on chip does under a load: delays, throughput, and what its parts were used for.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "memory/noc/network.h"
#include "memory/noc/reservation.h"
#include "memory/noc/traffic.h"

namespace basil {

// More, and a run far above saturation would end for want of memory.
inline constexpr std::size_t most_packets_under_way = 4'000'000;

struct Delays {
  double average = 0;
  std::int64_t p99 = 0, longest = 0;
};

struct LinkUse {
  int router = 0, port = 0;
  std::int64_t flits = 0;
};

// Delays and rates are of the packets born in [warmup, cycles) that arrived by then; counts are of the whole
// run.
struct NocMeasure {
  std::int64_t cycles = 0, warmup = 0;
  std::int64_t offered = 0, delivered = 0;  // packets born, and copies arrived, after the warm-up
  Delays head, tail;  // from birth to the head's, and the tail's, departure from the last router
  double offered_rate = 0, accepted_rate = 0;  // flits a node and cycle, copies counted
  RouterCounters counters;
  std::vector<LinkUse> links;                        // all that lead from a router to another or to a node
  std::vector<std::int64_t> node_flits;              // by node: what it sent to its router
  std::int64_t injected = 0, ejected = 0, held = 0;  // flits; held: in routers at the end

  // Less arrives than is offered, by more than a twentieth.
  [[nodiscard]] bool saturated() const { return accepted_rate < 0.95 * offered_rate; }
};

// Runs `cycles` cycles from an empty network, or fewer when the stream ends and its packets have arrived.
// Error for a warm-up that leaves no cycle; Failure when the network can never move again, or when more than
// most_packets_under_way wait. `after_cycle` looks at the network after each cycle in which it did something.
[[nodiscard]] NocMeasure measure(Network& network, const PacketStream& stream, std::int64_t cycles,
                                 std::int64_t warmup,
                                 const std::function<void(const Network&)>& after_cycle = {});
// The same at transaction level, where nothing is in between: held is 0. `at_cycle` is told how far it is.
[[nodiscard]] NocMeasure measure(LinkReservation& network, const PacketStream& stream, std::int64_t cycles,
                                 std::int64_t warmup,
                                 const std::function<void(std::int64_t cycle)>& at_cycle = {});

}  // namespace basil
