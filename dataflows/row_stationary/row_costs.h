// What a layer on a row-stationary array costs, and what its costs are made of.
#pragma once

#include <vector>

#include "core/units.h"

namespace basil {

// pJ an event; what a mapping cannot change may be left at 0.
struct RowPrices {
  struct Stream {
    double access = 0;              // of the buffer, a port wide
    double beat = 0, row_beat = 0;  // of the bus: along the array's height, and of each row's bus it drives
    friend bool operator==(const Stream&, const Stream&) = default;
  };
  double product = 0, gated = 0, waiting = 0;  // a slot of a mapped PE is one of the three
  double psum_add = 0, link_bit = 0;
  double filter_read = 0, filter_write = 0, ifmap_read = 0, ifmap_write = 0, psum_read = 0, psum_write = 0;
  Stream filters, ifmap, psums_in, psums_out;
  double fill_filters = 0, fill_fmaps = 0, drain_fmaps = 0;  // an access of the DMA's
  double dram_read_byte = 0, dram_write_byte = 0;
  double cycle = 0;  // leakage
  friend bool operator==(const RowPrices&, const RowPrices&) = default;
};

// Of a layer's data, what its price depends on.
struct RowData {
  std::vector<int> slots;    // of each filter's weights; empty for one each
  double weight_coding = 1;  // bytes in DRAM over those expanded
  double ifmap_coding = 1;   // bytes in DRAM over those dense
  double ifmap_zeros = 0;    // of its words: slots that a gating PE spends on zeros
  friend bool operator==(const RowData&, const RowData&) = default;
};

struct RowCost {
  Cycles cycles;
  double energy_pj = 0;
  Bytes dram;  // moved, the ofmap dense
};

enum class RowObjective { cycles, energy, edp };

// Of a cost, the less the better: cycles, pJ or their product.
[[nodiscard]] double score(const RowCost& cost, RowObjective objective);

}  // namespace basil
