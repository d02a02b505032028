// How operands come to an array: through ports of a stated width into stores of a stated size.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/units.h"

namespace basil {

// Which of the array's stores are in two halves (section `delivery` of a machine). A doubled store takes the
// next pass's operands, or gives the last one's sums, under this pass's work; of any other the array waits.
struct OperandDelivery {
  bool weights = false, ifmap = false, psums = false;
  friend bool operator==(const OperandDelivery&, const OperandDelivery&) = default;
};

// Halves of a store, all of which are priced.
[[nodiscard]] constexpr int halves(bool doubled) { return doubled ? 2 : 1; }

// Of a slice of `all` bytes and `words` words at the array, what `held` words of a store take: in proportion,
// since a coded word takes fewer bytes on its way than in the store.
[[nodiscard]] inline Bytes fill_of(Bytes all, std::int64_t words, std::int64_t held) {
  return held >= words ? all : Bytes(ceil_div(all.value * held, words));
}

}  // namespace basil
