// How large a layer may be. The limits keep every index, product and sum inside 64 bits.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

namespace basil {

inline constexpr int greatest_dimension = 1 << 20;                         // of any axis
inline constexpr std::int64_t greatest_positions = std::int64_t{1} << 31;  // of any tensor
inline constexpr std::int64_t greatest_bias = std::int64_t{1} << 53;       // exact as a double

// Throws Error unless the axes, each 1 to greatest_dimension, hold at most greatest_positions together.
void check_positions(std::initializer_list<std::int64_t> axes, const std::string& where);

// Throws Error unless the scale is a finite number above zero.
void check_scale(float scale, const std::string& where);

}  // namespace basil
