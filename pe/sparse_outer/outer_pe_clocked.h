// A PE of the sparse outer-product array, clock by clock: operand vectors, a full crossbar, and accumulator
// banks with a queue in front of each.
//
// A cycle: every bank takes one product from its queue and adds it; then the products of the step in hand
// enter the queues, as many as there is room for; the next step comes once all have entered.
#pragma once

#include <cstdint>
#include <vector>

#include "core/clocked.h"
#include "pe/sparse_outer/outer_plan.h"
#include "pe/sparse_outer/outer_work.h"

namespace basil {

// An ifmap word of a tile, a weight of a set's share.
struct OuterActivation {
  std::int16_t value = 0;
  int y = 0, x = 0;
};
struct OuterWeight {
  std::int16_t value = 0;
  int filter = 0, r = 0, s = 0;  // filter within the share
};

// The operands of a round, by stream: channel after channel, phase after phase.
using OuterActivationStreams = std::vector<std::vector<OuterActivation>>;
using OuterWeightStreams = std::vector<std::vector<OuterWeight>>;

enum class OuterPeState { multiply, stall, empty_queues, wait, exchange };

class OuterPeClocked {
 public:
  OuterPeClocked(const OuterMachine& machine, const LayerShape& shape, const OuterPlane& plane,
                 const OuterTile& tile);

  // A new round: accumulators at zero. The streams belong to the caller.
  void begin(const OuterActivationStreams& activations, const OuterWeightStreams& weights, int filters,
             OuterEvents& events);
  void step(OuterEvents& events);
  void commit();
  // At the barrier: nothing to multiply, in the crossbar or in a queue.
  [[nodiscard]] bool at_barrier() const;

  // Halo exchange: gives away up to halo_words psums a cycle, each to the PE that owns it.
  void step_exchange(const std::vector<OuterPeClocked*>& pe_of_tile, OuterEvents& events);
  [[nodiscard]] bool gave_all() const;

  // An ofmap pixel of a filter of the share.
  struct Cell {
    int filter = 0, p = 0, q = 0;
  };
  // 0 where the PE has no accumulator of it: its window lies on padding.
  [[nodiscard]] std::int64_t psum(const Cell& cell) const;
  [[nodiscard]] const OuterTile& tile() const { return tile_; }

  [[nodiscard]] std::vector<double> view() const;

 private:
  struct Product {
    std::int64_t value = 0;
    std::size_t address = 0;
  };
  // The next step.
  struct Place {
    std::size_t stream = 0, activation = 0, weight = 0;
  };

  [[nodiscard]] OuterPeState next_state() const;
  [[nodiscard]] bool has_step() const { return place_.get().stream < activations_->size(); }
  [[nodiscard]] std::vector<Product> multiply(OuterEvents& events);
  [[nodiscard]] Place after(Place place) const;
  void seek(Place& place) const;
  void accumulate();
  void route(const std::vector<Product>& products);
  [[nodiscard]] bool owns(int p, int q) const;
  [[nodiscard]] std::size_t address(int filter, int p, int q) const;
  [[nodiscard]] std::int64_t cells() const;
  void receive(const Cell& cell, std::int64_t psum);
  [[nodiscard]] Cell cell_at(std::int64_t cell) const;
  [[nodiscard]] std::int64_t next_halo(std::int64_t cell) const;

  const OuterMachine& machine_;
  const LayerShape& shape_;
  const OuterPlane& plane_;
  OuterTile tile_;
  const OuterActivationStreams* activations_ = nullptr;
  const OuterWeightStreams* weights_ = nullptr;
  int filters_ = 0;

  Register<Place> place_;
  Register<std::vector<Product>> pending_;  // products of a step that found no room yet
  std::vector<Fifo<Product>> queues_;
  std::vector<std::int64_t> accumulators_;
  Register<std::int64_t> halo_cell_;  // next psum to give away, counted over its accumulators in the plane
  OuterPeState state_ = OuterPeState::wait;
};

}  // namespace basil
