// check(Operand): an operand that does not contradict itself.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/limits.h"

namespace basil {
namespace {

void check_extent(const Extent& extent, const std::string& where) {
  for (const int length : {extent.outer, extent.rows, extent.cols, extent.depth}) {
    if (length < 1 || length > greatest_dimension) {
      throw Error(where + ".extent", fmt::format("an axis of {}", length),
                  fmt::format("1 to {}", greatest_dimension));
    }
  }
  check_positions({extent.outer, extent.rows, extent.cols, extent.depth}, where + ".extent");
}

void check_scales(const Operand& operand, const std::string& where) {
  const auto outer = static_cast<std::size_t>(operand.extent.outer);
  if (operand.scales.size() != 1 && operand.scales.size() != outer) {
    throw Error(where + ".scale", fmt::format("{} scales", operand.scales.size()),
                outer == 1 ? std::string("1") : fmt::format("1 or {}", outer));
  }
  for (const float scale : operand.scales) check_scale(scale, where + ".scale");
}

// The values are those of the dtype, and no others.
void check_payload(const Operand& operand, const std::string& where) {
  if (operand.is_real() ? operand.values.empty() : operand.reals.empty()) return;
  throw Error(where + (operand.is_real() ? ".values" : ".reals"), "a part to spare",
              fmt::format("none for {} {}", to_string(operand.encoding), to_string(operand.dtype)));
}

void check_integers(const Operand& operand, const std::string& where) {
  const std::int32_t low = lowest(operand.dtype);
  const std::int32_t high = highest(operand.dtype);
  const auto outside = [=](std::int16_t value) { return value < low || value > high; };
  std::int64_t wrong = 0;  // counted without branches, so that good data passes at full speed
  for (const std::int16_t value : operand.values) wrong += outside(value) ? 1 : 0;
  if (wrong == 0) return;
  const auto first = std::find_if(operand.values.begin(), operand.values.end(), outside);
  throw Error(where + ".values", fmt::format("{} at {}", *first, first - operand.values.begin()),
              fmt::format("{} to {} ({})", low, high, to_string(operand.dtype)));
}

void check_reals(const Operand& operand, const std::string& where) {
  const auto first = std::find_if(operand.reals.begin(), operand.reals.end(),
                                  [](float value) { return !std::isfinite(value); });
  if (first == operand.reals.end()) return;
  throw Error(where + ".values", fmt::format("{} at {}", *first, first - operand.reals.begin()),
              "finite numbers");
}

// Each value and its zero point make a code.
void check_author_codes(const Operand& operand, const std::string& where) {
  if (!operand.codes) return;
  const Codes& codes = *operand.codes;
  if (operand.is_real() || only_weights(operand.encoding))
    throw Error(where + ".codes", std::string(to_string(codes.dtype)),
                fmt::format("none with {} {}", to_string(operand.encoding), to_string(operand.dtype)));
  const auto outer = static_cast<std::size_t>(operand.extent.outer);
  if (codes.dtype == Dtype::fp32) throw Error(where + ".codes", "fp32", "an integer dtype");
  if (codes.zero_points.size() != 1 && codes.zero_points.size() != outer)
    throw Error(where + ".zero_point", fmt::format("{} zero points", codes.zero_points.size()),
                outer == 1 ? std::string("1") : fmt::format("1 or {}", outer));
  const std::int32_t low = lowest(codes.dtype), high = highest(codes.dtype);
  for (const std::int32_t zero : codes.zero_points) {
    if (zero < low || zero > high)
      throw Error(where + ".zero_point", std::to_string(zero),
                  fmt::format("{} to {} ({})", low, high, to_string(codes.dtype)));
  }
  const std::vector<std::int16_t> integers = decode(operand);
  const std::size_t filter = integers.size() / outer;
  for (std::size_t i = 0; i < integers.size(); ++i) {
    const std::int32_t code = integers[i] + codes.zero_point(static_cast<int>(i / filter));
    if (code < low || code > high)
      throw Error(where + ".values", fmt::format("code {} at {}", code, i),
                  fmt::format("{} to {} ({})", low, high, to_string(codes.dtype)));
  }
}

}  // namespace

void check(const Operand& operand, const std::string& where) {
  check_extent(operand.extent, where);
  check_scales(operand, where);
  check_payload(operand, where);
  operand.encoding->check(operand, where);
  if (operand.is_real()) {
    check_reals(operand, where);
  } else {
    check_integers(operand, where);
  }
  check_author_codes(operand, where);
}

}  // namespace basil
