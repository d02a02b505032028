// SparTen's array (Gondimalla et al., MICRO 2019): clusters of units that multiply only where an ifmap chunk
// and a filter chunk both hold something.
//
//   - A filter is its R * S * C/groups weights in order, C innermost, cut into chunks of `chunk` positions;
//     the patch of an ofmap pixel is cut likewise, padding of the ifmap being zeros.
//   - The filters of a pass sit in the units of every cluster, one a unit or two collocated. The pixels of a
//     pass (n, rows, columns) are dealt to the clusters round robin, and clusters run by themselves.
//   - A cluster broadcasts a chunk of its pixel's patch to its units. A unit ANDs the mask of the patch with
//     that of its filter, and with that of the second when the first has no match left: one match a cycle.
//     A chunk without a match takes the one cycle that finds it out. The side that is not skipped counts as
//     all ones.
//   - When all units of the cluster have issued their last match, the next chunk is broadcast: operand
//     buffers are double, so that no cycle is lost.
//   - The filters of a pass cross the array's door once, for all clusters; each cluster takes the patches of
//     its own pixels. Operand buffers hold chunks, so a cluster refills those of its filters for each pixel;
//     this counts as writes to them and takes no cycle: the filters are taken to be at hand.
//   - Three stages: AND and encode; multiply; accumulate. So a pass ends two cycles after its last match.
//
// Bins: compute, a match of two nonzeros. gated, a match with a zero on the side that is not skipped, and the
// cycle of a chunk without a match. imbalance, waiting for the slowest unit of the cluster or for the slowest
// cluster. drain, the last two cycles. idle, units without a filter and clusters without a pixel.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/units.h"
#include "pe/tile.h"
#include "pe/unit.h"

namespace basil {

// Which filters share a unit.
enum class Balance {
  none,       // one filter a unit
  by_filter,  // GB-S: the densest with the sparsest
  by_chunk    // GB-H: the same for every chunk, psums being routed to the accumulators of their filters
};

inline constexpr int inner_pipeline = 3;  // stages

struct InnerArray {
  int clusters = 1, units = 1;  // units: of a cluster
  int chunk = 128;              // positions
  bool skip_ifmap = true, skip_weights = true;
  Balance balance = Balance::by_filter;
  Dtype dtype = Dtype::int16;  // widest operand
  int accumulator_bits = 32;   // of a sum while it is added up

  [[nodiscard]] int filters_a_unit() const { return balance == Balance::none ? 1 : 2; }
  [[nodiscard]] int filters_a_pass() const { return units * filters_a_unit(); }
  [[nodiscard]] std::int64_t pes() const { return std::int64_t{clusters} * units; }
  [[nodiscard]] std::int64_t chunks(std::int64_t positions) const { return ceil_div(positions, chunk); }
};
[[nodiscard]] InnerArray inner_array(const UnitParameters& parameters);

// What a pass uses besides the bins' cycles. Every unit with a filter takes part in every chunk of the
// cluster's pixels. A filter chunk is written to its operand buffer whenever another one lies there: once for
// the pass if the filter is one chunk long, else with each pixel anew.
struct InnerEvents {
  std::int64_t joins = 0;    // cycles of the AND and encode stage: matches and chunks without one
  std::int64_t matches = 0;  // each reads an ifmap word and a weight
  std::int64_t ifmap_writes = 0, filter_writes = 0;  // words of the operand buffers
  std::int64_t mask_writes = 0;                      // 16-bit pieces of the masks
  std::int64_t routed = 0;                           // psums through the crossbar (by_chunk)

  InnerEvents& operator+=(const InnerEvents& other);
};

[[nodiscard]] std::vector<Part> inner_parts(const InnerArray& array);
// Uses of those parts. `bins` and `products` must have been filled in.
[[nodiscard]] std::vector<Uses> inner_uses(const InnerArray& array, const TileWork& work,
                                           const InnerEvents& events);

// Throws Error "layer NAME: ..." for operands the array does not take.
void check_inner_layer(const Layer& layer, const UnitParameters& parameters);
void check_inner_parameters(const UnitParameters& parameters, const std::string& where);

}  // namespace basil
