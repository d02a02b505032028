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
//   - When all units of the cluster have issued their last match, the next chunk is broadcast: the buffers of
//     ifmap chunks are double, so that no cycle is lost.
//   - Chunks outside, pixels inside: a cluster works on a group of pixels at a time, as many as its units
//   have
//     psums for (`psum_words`); the pixels' first chunks against the first chunks of the filters, their
//     second ones against the second, and so on. So a filter chunk is used by all pixels of a group.
//   - The filter chunks of a place (a set: one chunk of every filter of the pass) come from the filter buffer
//     through a port of `filter_bits` a cycle, multicast into the buffers of all clusters that have pixels
//     left: once for every group, but once for the pass where a filter is one chunk long. Doubled filter
//     buffers take a set as soon as all these clusters have begun on the set before it; single ones when all
//     are through with it. A cluster that comes too early waits. The pass begins with the first set in its
//     place.
//   - Three stages: AND and encode; multiply; accumulate. So a pass ends two cycles after its last match.
//
// Bins: compute, a match of two nonzeros. gated, a match with a zero on the side that is not skipped, and the
// cycle of a chunk without a match. wait-weights, a cluster without its next set. imbalance, waiting for the
// slowest unit of the cluster or for the slowest cluster. drain, the last two cycles. idle, units without a
// filter and clusters without a pixel.
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
  int psum_words = 32;              // of a unit, or of the accumulators behind the crossbar for each unit
  std::int64_t filter_bits = 1024;  // of filter chunks a cycle, into all clusters
  Dtype dtype = Dtype::int16;       // widest operand
  int accumulator_bits = 32;        // of a sum while it is added up
  OperandDelivery delivery;

  [[nodiscard]] int filters_a_unit() const { return balance == Balance::none ? 1 : 2; }
  [[nodiscard]] int filters_a_pass() const { return units * filters_a_unit(); }
  [[nodiscard]] std::int64_t pes() const { return std::int64_t{clusters} * units; }
  [[nodiscard]] std::int64_t chunks(std::int64_t positions) const { return ceil_div(positions, chunk); }
  // Cycles in which the port brings a set: masks where zeros are skipped, and what is stored of the filters.
  [[nodiscard]] std::int64_t set_cycles(std::int64_t positions, std::int64_t stored) const {
    return ceil_div((skip_weights ? positions : 0) + stored * bits_of(dtype), filter_bits);
  }
};
[[nodiscard]] InnerArray inner_array(const UnitParameters& parameters);

// The sets of a pass, in their order: group after group, chunk after chunk.
struct FilterSets {
  // Filters that a unit holds, 1 or 2, and pixels of the pass.
  FilterSets(const InnerArray& array, int filters_a_unit, std::int64_t chunks_of_filter, std::int64_t pixels);

  std::int64_t clusters;  // with a pixel
  std::int64_t chunks;    // of a filter
  std::int64_t group;     // pixels of a cluster that use a set
  std::int64_t groups;

  [[nodiscard]] std::int64_t count() const { return groups * chunks; }
  [[nodiscard]] std::int64_t chunk_of(std::int64_t set) const { return set % chunks; }
  // Clusters with pixels in the set's group: the first ones.
  [[nodiscard]] std::int64_t clusters_of(std::int64_t set, std::int64_t pixels) const {
    return std::min(clusters, pixels - set / chunks * group * clusters);
  }
};

// What a pass uses besides the bins' cycles. Every unit with a filter takes part in every chunk of the
// cluster's pixels. A set is written into the buffers of every cluster that uses it.
struct InnerEvents {
  std::int64_t joins = 0;    // cycles of the AND and encode stage: matches and chunks without one
  std::int64_t matches = 0;  // each reads an ifmap word and a weight
  std::int64_t ifmap_writes = 0, filter_writes = 0;  // words of the operand buffers
  std::int64_t mask_writes = 0;                      // 16-bit pieces of the masks
  std::int64_t routed = 0;                           // psums through the crossbar (by_chunk)
  std::int64_t psum_reads = 0, psum_writes = 0;      // of sums between two chunks of their pixel

  InnerEvents& operator+=(const InnerEvents& other);
};

[[nodiscard]] std::vector<Part> inner_parts(const InnerArray& array);
// Uses of those parts. `bins` and `products` must have been filled in.
[[nodiscard]] std::vector<Uses> inner_uses(const InnerArray& array, const TileWork& work,
                                           const InnerEvents& events);

// What must be in the chunk buffers before a pass's work, and what is left to leave after it: the first set,
// the first chunk of the first pixel of every cluster, the sums of the last pixel of every cluster.
void add_inner_fills(const InnerArray& array, const FilterSets& sets, std::int64_t pixels, TileWork& work);

// Throws Error "layer NAME: ..." for operands the array does not take.
void check_inner_layer(const Layer& layer, const UnitParameters& parameters);
void check_inner_parameters(const UnitParameters& parameters, const std::string& where);

}  // namespace basil
