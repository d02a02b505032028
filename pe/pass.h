// What one pass asks of an array: slices of the operands, never the whole layer. Dataflows make
// passes; units compute them.
#pragma once

#include <cstdint>

#include "core/range.h"

namespace basil {

// Row stationary: every PE convolves one filter row with one ifmap row (Eyeriss, JSSC 2017).
// The pass covers the ofmap block n x rows x all columns x filters, summed over its channels and taps.
struct RowPass {
  int group = 0;
  Range n;         // ifmaps
  Range filters;   // of the layer's K, all in `group`
  Range channels;  // within the group
  Range taps_y;    // filter rows
  Range taps_x;    // filter columns
  Range rows;      // ofmap rows
  int p = 1, q = 1, r = 1,
      t = 1;            // filters and channels interleaved in a PE; sets over channels, over filters
  int ifmap_words = 0;  // that the ifmap bus sends in a cycle; 0: as many as it can
  bool first = true;    // sums start here (from the bias), else psums come back in
  bool last = true;     // sums are complete after this pass
};

// Systolic: one fold of the matrix product ofmap(M x K) = patches(M x L) * weights(L x K), where a
// pixel is a flat index over N, P, Q and the reduction L runs over R, S, C/groups, C innermost.
struct GemmPass {
  int group = 0;
  Range pixels;     // of N * P * Q
  Range reduction;  // of R * S * C/groups
  Range filters;    // of the layer's K, all in `group`
  bool first = true;
  bool last = true;
};

// Tiles: an ofmap block for an array that brings its own order of work (see pe/tile.h): n x filters x rows
// x all columns, summed over all channels of the group and all taps.
struct TilePass {
  int group = 0;
  Range n;        // ifmaps
  Range filters;  // of the layer's K, all in `group`
  Range rows;     // ofmap rows
  friend bool operator==(const TilePass&, const TilePass&) = default;
};

}  // namespace basil
