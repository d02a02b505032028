// Whole numbers that never wrap: an account that did would close all the same. And what they are turned into.
#pragma once

#include <cstdint>

namespace basil {

// Throws Failure: a count beyond 2^63.
[[noreturn]] void refuse_count();

constexpr std::int64_t checked_sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) refuse_count();
  return sum;
}
constexpr std::int64_t checked_product(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) refuse_count();
  return product;
}

// Of a value that is known to be one.
constexpr int narrow(std::int64_t value) { return static_cast<int>(value); }
constexpr double as_double(std::int64_t count) { return static_cast<double>(count); }

}  // namespace basil
