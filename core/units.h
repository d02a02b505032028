// The quantities everyone speaks of, kept apart by type.
#pragma once

#include <compare>
#include <cstdint>

namespace basil {

// A whole number of one kind (cycles, bytes): adds to its own kind, scales by plain integers.
template <class Tag>
struct Count {
  std::int64_t value = 0;

  constexpr Count() = default;
  constexpr explicit Count(std::int64_t n) : value(n) {}

  constexpr Count& operator+=(Count other) {
    value += other.value;
    return *this;
  }
  constexpr Count& operator-=(Count other) {
    value -= other.value;
    return *this;
  }
  friend constexpr Count operator+(Count a, Count b) { return Count(a.value + b.value); }
  friend constexpr Count operator-(Count a, Count b) { return Count(a.value - b.value); }
  friend constexpr Count operator*(Count a, std::int64_t n) { return Count(a.value * n); }
  friend constexpr Count operator*(std::int64_t n, Count a) { return Count(a.value * n); }
  friend constexpr auto operator<=>(Count, Count) = default;
};

using Cycles = Count<struct CyclesTag>;  // of the accelerator's core clock
using Bytes = Count<struct BytesTag>;

struct Picojoules {
  double value = 0;

  constexpr Picojoules() = default;
  constexpr explicit Picojoules(double pj) : value(pj) {}

  constexpr Picojoules& operator+=(Picojoules other) {
    value += other.value;
    return *this;
  }
  friend constexpr Picojoules operator+(Picojoules a, Picojoules b) { return Picojoules(a.value + b.value); }
  friend constexpr Picojoules operator*(Picojoules a, double n) { return Picojoules(a.value * n); }
  friend constexpr Picojoules operator*(double n, Picojoules a) { return Picojoules(a.value * n); }
  friend constexpr auto operator<=>(Picojoules, Picojoules) = default;
};

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace basil
