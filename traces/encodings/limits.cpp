#include "traces/encodings/limits.h"

#include <fmt/format.h>

#include <cmath>

#include "core/error.h"

namespace basil {

void check_positions(std::initializer_list<std::int64_t> axes, const std::string& where) {
  std::int64_t positions = 1;
  for (const std::int64_t axis : axes) {
    positions *= axis;  // at most 2^31 * 2^20 here
    if (positions > greatest_positions) {
      throw Error(where, "a tensor too large", fmt::format("at most {} positions", greatest_positions));
    }
  }
}

void check_scale(float scale, const std::string& where) {
  if (!(std::isfinite(scale) && scale > 0.0F)) {
    throw Error(where, fmt::format("{}", scale), "a finite number above 0");
  }
}

}  // namespace basil
