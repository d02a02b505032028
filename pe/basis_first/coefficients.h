// The ternary coefficients of one filter and basis, read from their encoding.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/encodings/operand.h"

namespace basil::basis_first {

// Channels with coefficient +1 and -1, and the coefficient map in rows of `lanes` channels.
struct CoefficientRow {
  std::vector<int> plus, minus;
  std::vector<std::uint64_t> map;
};

class CoefficientReader {
 public:
  // Keeps a reference to the operand, whose encoding is basis.
  explicit CoefficientReader(const Operand& operand);

  // Of the first `coefficients`, in the order of the operand.
  [[nodiscard]] std::int64_t nonzeros_before(std::int64_t coefficients) const;
  void read(int filter, int basis, int lanes, CoefficientRow& row) const;

 private:
  const Operand& operand_;
  std::vector<std::int64_t> ranks_;  // coefficients set before each word of the map
};

}  // namespace basil::basis_first
