// The arrays of an operand beside its values, on their way to a trace file and back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace basil {

// Each call is an array of its own, LAYER.OPERAND.NAME.npy.
class PartWriter {
 public:
  virtual ~PartWriter() = default;

  // u1, a bit each, the lowest of a byte first.
  virtual void bits(const std::string& name, const std::vector<std::uint64_t>& words, std::int64_t count) = 0;
  // u1 of that shape.
  virtual void bytes(const std::string& name, const std::vector<std::uint8_t>& numbers,
                     const std::vector<std::int64_t>& shape) = 0;
  // A list, u1 where `number_bits` are at most 8, else u2.
  virtual void numbers(const std::string& name, const std::vector<std::uint16_t>& numbers,
                       int number_bits) = 0;
};

// Throws Error for an array that is absent, damaged, or not of that size.
class PartReader {
 public:
  virtual ~PartReader() = default;

  virtual std::vector<std::uint64_t> bits(const std::string& name, std::int64_t count) = 0;
  virtual std::vector<std::uint8_t> bytes(const std::string& name,
                                          const std::vector<std::int64_t>& shape) = 0;
  // As many as there are, at most `max_count`.
  virtual std::vector<std::uint16_t> numbers(const std::string& name, int number_bits,
                                             std::int64_t max_count) = 0;
  // Of an error about an array: "layer conv1: weights.terms".
  [[nodiscard]] virtual std::string where(const std::string& name) const = 0;
};

}  // namespace basil
