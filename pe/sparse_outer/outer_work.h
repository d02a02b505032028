// What happened in a sparse outer-product array, and how it is accounted.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/sparse_outer/outer_plan.h"
#include "pe/tile.h"
#include "traces/encodings/slice.h"

namespace basil {

// Events of a pass. A step takes a vector of activations and a vector of weights and multiplies all by all:
// each of a PE's multipliers has a pair of operands, or is empty for want of one.
struct OuterEvents {
  std::int64_t cycles = 0;
  // Pairs of operands, one a multiplier and cycle.
  std::int64_t landed = 0;  // products added to an accumulator
  std::int64_t discarded =
      0;  // products whose ofmap pixel lies outside of the plane or on no row of the pass
  std::int64_t zero_pairs = 0;  // a zero takes a slot, where zeros are not skipped
  std::int64_t empty = 0;       // multiplier-cycles of steps without a pair: the vectors were not full
  // PE-cycles without a step.
  std::int64_t stalled = 0;     // a product found no room before its bank, or banks empty their queues
  std::int64_t waiting = 0;     // for the slowest PE
  std::int64_t exchanging = 0;  // halo psums
  std::int64_t unmapped = 0;
  // Vectors through the ifmap RAM and the weight FIFO, psums through the accumulators.
  std::int64_t ifmap_reads = 0, ifmap_writes = 0;
  std::int64_t weight_reads = 0, weight_writes = 0;
  std::int64_t halo = 0, finished = 0;

  friend bool operator==(const OuterEvents&, const OuterEvents&) = default;
};

// The parts of the array, in the order of TileWork::uses.
[[nodiscard]] std::vector<Part> outer_parts(const UnitParameters& parameters);

// Cycles, bins and uses. Bins of a step's multipliers: landed products compute; discarded products and zeros
// are slots spent without effect, so gated (a discarded product costs a whole multiplication); an empty
// multiplier is imbalance, the work of a vector being less than its peers'.
[[nodiscard]] TileWork outer_work(const OuterEvents& events, const OuterMachine& machine);

// The ifmap stays in the PEs' RAMs while the filters of its tile go by (input stationary): a pass after the
// first finds it there, unless its vectors (in the RAMs of all PEs) are more than the RAMs hold.
[[nodiscard]] bool finds_ifmap(const LayerShape& shape, const TilePass& pass, const OuterMachine& machine,
                               std::int64_t vectors);

// What fills the array's stores before a pass's work, and what is left in them after it.
struct OuterFill {
  int sets = 1;              // of PEs, each with weights of its own
  int tiles = 1;             // PEs of a set
  std::int64_t vectors = 0;  // of the ifmap, in the RAMs of all sets
  std::int64_t rounds = 0;   // of an image, of all bands: what the accumulators hold at a time
};
void add_fills(const OuterMachine& machine, const TilePass& pass, const OuterFill& fill, TileWork& work);

// Bits of the plane's ifmap words, as encoded, for image n.
[[nodiscard]] std::int64_t ifmap_bits(const SliceReader& ifmap, const LayerShape& shape, int group,
                                      const OuterPlane& plane, int n);
// Weights stream once an image and band of rows.
[[nodiscard]] Bytes streamed_weights(const Layer& layer, const TilePass& pass, std::size_t bands);

}  // namespace basil
