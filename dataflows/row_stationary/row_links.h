// How a row-stationary array is joined to its buffers, beyond the widths of its buses: ports, routers, and
// which of its stores have two halves.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace basil {

enum class RowStreamKind { filters, ifmap, psums_in, psums_out };

// Routers between buffers and array during one pass, with nothing under way when it begins.
class RowCarrier {
 public:
  virtual ~RowCarrier() = default;
  // Takes flits of a stream in cycle `now`, in packets to as many PEs, or from one; returns their number.
  virtual std::size_t send(RowStreamKind stream, std::int64_t flits, std::int64_t takers,
                           std::int64_t now) = 0;
  // Moves them up to the end of cycle `until` - 1.
  virtual void advance(std::int64_t until) = 0;
  // The cycle after the last flit's arrival, once it is known; asked for until then.
  [[nodiscard]] virtual std::optional<std::int64_t> arrival(std::size_t sent) = 0;
};

struct RowNetwork {
  int packet_flits = 8;
  int window = 4;  // packets of a stream under way or not wholly drawn
  std::function<std::unique_ptr<RowCarrier>()> carrier;
};

struct RowLinks {
  std::optional<RowNetwork> network;               // else buses
  int filter_port_words = 1, fmap_port_words = 1;  // that a buffer's port moves in a cycle, for packets
  // Stores of two halves: under a pass the next one's filters and first ifmap words come, and under the next
  // one the last sums leave.
  bool double_weights = false, double_ifmap = false, double_psums = false;
};

}  // namespace basil
