// Reading a stretch of an encoded operand without decoding the rest of it.
#pragma once

#include <cstdint>
#include <memory>

#include "traces/encodings/operand.h"

namespace basil {

// Random access to an operand in its compressed form, as its encoding gives it. A stretch is
// [first, first + count) of the flat order of Extent; it must lie inside the extent.
class EncodedSlices {
 public:
  EncodedSlices() = default;
  EncodedSlices(const EncodedSlices&) = delete;
  EncodedSlices& operator=(const EncodedSlices&) = delete;
  virtual ~EncodedSlices() = default;

  virtual void read(std::int64_t first, std::int64_t count, std::int16_t* out) const = 0;
  virtual void read(std::int64_t first, std::int64_t count, float* out) const = 0;
  // Where a weight is a sum of terms: what terms first_term .. last_term - 1 of each add up to.
  virtual void read_terms(std::int64_t first, std::int64_t count, int first_term, int last_term,
                          std::int16_t* out) const;
  // Non-zero positions in the stretch.
  [[nodiscard]] virtual std::int64_t nonzeros(std::int64_t first, std::int64_t count) const = 0;
  // Bits the stretch takes when it is shipped by itself in the operand's encoding.
  [[nodiscard]] virtual std::int64_t encoded_bits(std::int64_t first, std::int64_t count) const = 0;
};

// Of weights whose parts do not lie position by position. A stretch counts its share of each filter's bits,
// which is exact for whole filters; its values are not read, since their units take the parts themselves.
class FilterSlices : public EncodedSlices {
 public:
  // Keeps a reference to the operand.
  explicit FilterSlices(const Operand& operand) : operand_(operand) {}

  void read(std::int64_t first, std::int64_t count, std::int16_t* out) const override;
  void read(std::int64_t first, std::int64_t count, float* out) const override;
  [[nodiscard]] std::int64_t nonzeros(std::int64_t first, std::int64_t count) const override;
  [[nodiscard]] std::int64_t encoded_bits(std::int64_t first, std::int64_t count) const override;

 protected:
  [[nodiscard]] const Operand& operand() const { return operand_; }
  [[nodiscard]] virtual std::int64_t filter_bits(int filter) const;
  [[noreturn]] void refuse() const;

 private:
  const Operand& operand_;
};

// The slices of any operand: keeps a reference to it, and whatever index its encoding needs.
class SliceReader {
 public:
  explicit SliceReader(const Operand& operand);

  void read(std::int64_t first, std::int64_t count, std::int16_t* out) const {
    slices_->read(first, count, out);
  }
  void read(std::int64_t first, std::int64_t count, float* out) const { slices_->read(first, count, out); }
  void read_terms(std::int64_t first, std::int64_t count, int first_term, int last_term,
                  std::int16_t* out) const {
    slices_->read_terms(first, count, first_term, last_term, out);
  }
  [[nodiscard]] std::int64_t nonzeros(std::int64_t first, std::int64_t count) const {
    return slices_->nonzeros(first, count);
  }
  [[nodiscard]] std::int64_t encoded_bits(std::int64_t first, std::int64_t count) const {
    return slices_->encoded_bits(first, count);
  }
  [[nodiscard]] const Operand& operand() const { return operand_; }

 private:
  const Operand& operand_;
  std::shared_ptr<const EncodedSlices> slices_;  // copies of a reader share it
};

}  // namespace basil
