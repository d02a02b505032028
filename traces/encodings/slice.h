// Reading a stretch of an encoded operand without decoding the rest of it.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/encodings/operand.h"

namespace basil {

// Random access to an operand in its compressed form. A stretch is [first, first + count) of the
// flat order of Extent; it must lie inside the extent. Keeps a reference to the operand and a small
// index (ranks of the bitmap's words, positions of the run-length pairs, codes before each filter). Values
// of basis, comparator and binary weights are not read here: their units take the parts themselves.
class SliceReader {
 public:
  explicit SliceReader(const Operand& operand);

  void read(std::int64_t first, std::int64_t count, std::int16_t* out) const;
  void read(std::int64_t first, std::int64_t count, float* out) const;
  // Of a power of two: what planes first_term .. last_term - 1 of each weight's terms add up to.
  void read_terms(std::int64_t first, std::int64_t count, int first_term, int last_term,
                  std::int16_t* out) const;
  // Non-zero positions in the stretch.
  [[nodiscard]] std::int64_t nonzeros(std::int64_t first, std::int64_t count) const;
  // Bits the stretch takes when it is shipped by itself in the operand's encoding.
  [[nodiscard]] std::int64_t encoded_bits(std::int64_t first, std::int64_t count) const;
  [[nodiscard]] const Operand& operand() const { return operand_; }

 private:
  template <class T>
  void read_from(const std::vector<T>& payload, std::int64_t first, std::int64_t count, T* out) const;
  [[nodiscard]] std::int64_t weight_bits(std::int64_t first, std::int64_t count) const;
  // Index of the first payload entry at or after a position (bitmap: its rank).
  [[nodiscard]] std::int64_t payload_at(std::int64_t position) const;

  const Operand& operand_;
  std::vector<std::int64_t>
      index_;  // bitmap: payload entries before each word; run_length: position of each pair
};

}  // namespace basil
