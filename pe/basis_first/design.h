// The basis_first array: blocks of slices that sum activations under ternary coefficients and multiply by a
// few basis kernels (ESCALATE, MICRO 2021; with the order of PENNI as a switch).
//
// Weights in encoding `basis` are W[k,c] = sum over m of Ce[k,c,m] * B[m]. Block b of the array computes
// filter b of the pass; its slice m computes basis m. A layer with more bases than slices goes several rounds
// over the slices; one with fewer leaves slices idle. The parts of a slice:
//   stage 1   `lanes` lanes that add or subtract an activation. Dilution: a channel's term is effectual where
//             the activation map AND the coefficient map have a one. Concentration: channel c waits in lane
//             c mod lanes, row c / lanes; the window shows the lanes `look_ahead` + 1 rows.
//   queue     of `queue` sums of stage 1
//   stage 2   a row of `multipliers` for the taps of B[m]
//   psums     of its own, in `psum_banks` banks behind a crossbar: ofmap value (p, q) in bank (p * reach + q)
//   mod
//             psum_banks, reach being the ofmap columns that a kernel row reaches
//   pixels    a store of `pixel_words` activations, each with its bit of the map, in places of a pixel each
// Stores that feed a window have look_ahead + 1 banks, a window's row in each in turn, so that a window may
// move on by all its rows in a cycle: those of pixels, of coefficients, and a block's store of an ifmap row.
// That one is read once for all slices, a word of `lanes` activations and their map from each bank in a
// cycle, and broadcasts pixel after pixel into the slices' stores. It begins on a pixel when every slice at
// work has a place for it: the slices of a block drift apart by as many pixels as their stores hold. A
// pixel's first words reach the window two cycles after they were read, by way of the pixel store, and the
// others come as fast as it moves; a pixel that is there follows the one before without a gap. Its place is
// free in the cycle after the slice has ended it.
//
// A window keeps its rows' activations in registers. In a cycle every lane takes at most one term of the
// window, by fixed priority, all lanes at once:
//   1. its own, in the head row; 2. its own, in each later row, nearest first (look-ahead);
//   3. in each later row, nearest first, those of its neighbours at distance 1, 2, ... `look_aside`, at each
//      distance first of the lane above, then of the one below (look-aside); the lanes form a ring.
// So a lane chooses among 1 + look_ahead * (1 + 2 * look_aside) places, each once on the ring: a multiplexer
// of so many crosspoints before each lane (and before each multiplier, which is a lane on plain weights).
// Then the window moves past its empty leading rows, at most all that it shows. So the head row always
// empties, a pixel costs at least one cycle, and a pixel that fits the window costs max(1, ceil(terms /
// lanes)) if the lanes reach all of it.
//
// Sum first (order 0, ESCALATE). A pass has at most as many filters as there are blocks. These walk over the
// ifmap pixels that the pass's ofmap rows use, row by row: stage 1 makes U[k,m] = sum over c of Ce[k,c,m] *
// I[c] at each pixel, and stage 2 multiplies U by those taps of B[m] that meet an ofmap value of the pass
// (taps beyond the plane or between strides are skipped) and adds each product to the slice's psums a cycle
// later. A cycle takes the next taps in order, at most `multipliers`, and none from the first on whose psum
// lies in a bank that an earlier one of them asks.
//   - A pixel without an effectual term queues nothing.
//   - A pixel's last cycle repeats while the queue has no place for its sum: a sum queued in cycle t starts
//     in t + 1 at the earliest, and frees its place from the cycle after its start on.
//   - A multiplication by a sum that cancelled to zero, or by a zero tap, is a gated slot.
//   - All slices of all blocks meet after every ifmap row (and every round of bases on it).
//
// Convolve first (order 1, PENNI). Stage A: block b convolves channels b, b + blocks, ... with all bases, one
// tap a multiplier and cycle, but no more than the row store has banks: its slices walk in step, so that one
// word read is for all of them. The M * C intermediate maps go to the fmap buffer. Stage B: for each filter,
// the slices sum them under the coefficients through the same lanes and window (map = coefficient AND
// intermediate value not zero); slices of all blocks meet after every ofmap row of each round. The
// intermediate maps of one ifmap image come back once for each round of filters over the blocks.
//
// Plain weights (dense, bitmap, run_length) use stage 2 alone, in either order, a filter a block: the
// reduction R * S * C (channels innermost) lies in rows of `multipliers` positions, row i belongs to slice i
// mod slices, and each slice draws its effectual products (activation AND weight not zero; padding is zero)
// through the same window, its multipliers being the lanes. The row store deals an ofmap value's positions
// out, as many in a cycle as its banks' words hold, each to the slice whose row it is in; a slice begins when
// its share is whole, since a window may move on faster than that. A share that the pixel stores do not hold
// comes in parts of half a store. What a slice sums up of a part is added to the psum a cycle later. All
// slices of all blocks meet after every ofmap row.
//
// When a row of the ofmap is complete its psums are read out, psum_banks a cycle, through a tree that adds up
// the slices': under the next row's work, which takes a cycle a value at least, by the banks' second ports. A
// pass ends with the cycle in which the last products reach the psums and those in which the rows that its
// last row completed are read out (bin drain).
//
// Bins of a multiplier: compute; gated (zero sum, activation or tap); imbalance (ragged last cycle of the
// taps, no product found in the window, or peers still at work); wait_activations (stage 1 has nothing
// ready, or the row store gives no more); wait_psums (a tap's bank is asked already; stage B: the sums need
// no multiplier); drain; idle (no filter, channel or basis).
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "pe/unit.h"

namespace basil::basis_first {

// How terms reach the lanes: see above.
struct LaneWindow {
  int lanes = 16;
  int look_ahead = 2;  // rows beyond the head
  int look_aside = 2;  // neighbours on each side

  // Places that a lane chooses among.
  [[nodiscard]] int places() const { return 1 + look_ahead * (1 + std::min(2 * look_aside, lanes - 1)); }
};

// Ofmap columns that a kernel row reaches from an ifmap pixel.
[[nodiscard]] int reach(const LayerShape& shape);

struct Design {
  explicit Design(const UnitParameters& parameters);

  Dtype dtype;  // of activations
  int blocks, slices, multipliers, queue;
  LaneWindow stage_1;
  bool convolve_first;
  int coefficients;  // that a slice holds
  int row_words;     // of the ifmap row a block holds
  int pixel_words;   // of pixels that a slice holds
  int psums;         // that a slice holds
  int psum_banks;    // of a slice
  OperandDelivery delivery;

  [[nodiscard]] std::int64_t pes() const { return std::int64_t{blocks} * slices * multipliers; }
  // The window of a slice on plain weights.
  [[nodiscard]] LaneWindow plain() const { return {multipliers, stage_1.look_ahead, stage_1.look_aside}; }
  // Of each store that feeds a window: the window's rows.
  [[nodiscard]] int banks() const { return stage_1.look_ahead + 1; }
  // Cycles in which the row store gives so many activations.
  [[nodiscard]] std::int64_t fetch(std::int64_t activations) const {
    return ceil_div(activations, std::int64_t{stage_1.lanes} * banks());
  }
};

// How a slice's pixel store is shared out.
struct PixelPlaces {
  // For streams of so many rows of a window of `lanes`.
  PixelPlaces(const Design& design, int lanes, std::int64_t stream_rows);

  std::int64_t rows;  // that a place holds; a longer stream comes in parts of these
  int places;
  std::int64_t parts;
};

[[nodiscard]] std::vector<IntegerKey> keys();

// Throws Error "layer NAME: ..." for a layer that the array cannot take.
void check_layer(const Layer& layer, const UnitParameters& parameters);

// The store that is too small for a layer of this shape and encoding.
[[nodiscard]] std::optional<Error> lacks(const Layer& layer, const UnitParameters& parameters);

[[nodiscard]] TileCut cut(const Layer& layer, const UnitParameters& parameters);

}  // namespace basil::basis_first
