// Some of the numbers 0 to n - 1, a bit each: which they are, and what place each has among them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace basil {

class Subset {
 public:
  // The next number: whether it is one of them.
  void add(bool is_in);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool has(std::size_t number) const {
    return (words_[number / bits] >> (number % bits) & 1) != 0;
  }
  // The one that has `place` others before it; `place` below size().
  [[nodiscard]] std::size_t at(std::size_t place) const;
  // How many of them are below `number`.
  [[nodiscard]] std::size_t below(std::size_t number) const;

 private:
  static constexpr std::size_t bits = 64;

  std::size_t numbers_ = 0, size_ = 0;
  std::vector<std::uint64_t> words_;
  std::vector<std::uint32_t> before_;  // members before each word
};

}  // namespace basil
