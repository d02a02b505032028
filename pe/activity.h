// What happened on an array, in countable events: the energy account multiplies them by a table.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "pe/pass.h"
#include "pe/tile.h"
#include "pe/unit.h"

namespace basil {

struct Activity {
  std::int64_t products = 0;   // multiplied
  std::int64_t gated = 0;      // slots frozen by a zero
  std::int64_t psum_adds = 0;  // incoming psums added
  std::int64_t filter_spad_reads = 0, filter_spad_writes = 0;
  std::int64_t ifmap_spad_reads = 0, ifmap_spad_writes = 0;
  std::int64_t psum_spad_reads = 0, psum_spad_writes = 0;
  std::int64_t register_bits = 0;  // written in a systolic grid
  std::int64_t link_bits = 0;      // moved between neighbouring PEs
  std::int64_t waiting = 0;        // PE-cycles of mapped PEs without a product: their clock runs on
  std::vector<Uses> parts;         // of an array that a unit brings, in the order of its parts

  Activity& operator+=(const Activity& other) {
    products += other.products;
    gated += other.gated;
    psum_adds += other.psum_adds;
    filter_spad_reads += other.filter_spad_reads;
    filter_spad_writes += other.filter_spad_writes;
    ifmap_spad_reads += other.ifmap_spad_reads;
    ifmap_spad_writes += other.ifmap_spad_writes;
    psum_spad_reads += other.psum_spad_reads;
    psum_spad_writes += other.psum_spad_writes;
    register_bits += other.register_bits;
    link_bits += other.link_bits;
    waiting += other.waiting;
    parts.resize(std::max(parts.size(), other.parts.size()));
    for (std::size_t i = 0; i < other.parts.size(); ++i) {
      parts[i].count += other.parts[i].count;
      parts[i].writes += other.parts[i].writes;
    }
    return *this;
  }
};

// What a row-stationary array does with products: each reads a filter word and a psum, and writes the psum;
// a sum that leaves with a gated slot is read.
void add_products(const Products& products, Activity& activity);

// What a pass on the unit's own array comes to.
[[nodiscard]] Activity tile_activity(const TileWork& work);

// The registers of a systolic PE.
struct SystolicRegisters {
  int word_bits = 16, psum_bits = 16;
  bool sums_stay = false;       // output stationary
  bool shadow_weights = false;  // weights shift in through registers of their own
};

// Bits written into the registers of a systolic grid by a fold.
[[nodiscard]] std::int64_t systolic_register_bits(const SystolicRegisters& registers, const GemmPass& pass,
                                                  std::int64_t products);

}  // namespace basil
