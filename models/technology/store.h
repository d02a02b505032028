// What a store costs: registers (flip-flops behind multiplexers) or an SRAM macro, never a line between the
// two.
#pragma once

#include "models/technology/technology.h"
#include "pe/tile.h"

namespace basil {

struct Store {
  std::int64_t words = 1;
  int bits = 1;   // of a word
  int ports = 1;  // words given and taken in the same cycle, together
  StoreKind kind = StoreKind::by_area;
};

// Of one store: the energy of a word read and of a word written. No figure falls as words, bits or ports grow
// while the kind stays, and the area does not where the kind is left to it.
struct StoreCost {
  Price read, write;
  Leakage leakage;
  double area_mm2 = 0;
  StoreKind kind = StoreKind::registers;  // as built
};

// Registers: rows register_file_write (a bit written: its clock and its data; words that are not written are
// clock-gated) and register_file_mux. A read is a tree of two-way multiplexers: words - 1 of them a bit. A
// read and a write port are in the row's area; each further one has a multiplexer a bit. SRAM: the table of
// the technology for one port. Each further port has a word line and bit lines of its own, which make the
// cell `port_growth` longer and wider: energy grows like its edge, area like its square, leakage by two of
// the cell's six transistors. Error for a store without words, bits or ports, or a technology without these
// rows.
[[nodiscard]] StoreCost store_cost(const Store& store, const Technology& technology, Cell cell);

// "registers" or "sram"; of by_area "by_area".
[[nodiscard]] std::string_view to_string(StoreKind kind);

}  // namespace basil
