// Cells as JSON has them: of whatever order of keys.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <variant>

#include "core/error.h"
#include "models/result/column.h"

namespace basil {

// null where the cell holds nothing.
template <class Json>
[[nodiscard]] Json json_of(const MetricCell& cell) {
  return std::visit(
      [](const auto& value) -> Json {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::monostate>) {
          return nullptr;
        } else {
          return value;
        }
      },
      cell);
}

// The inverse. Error for another kind of value, a negative count, a real that is not finite, or below 0 where
// the column's may not be.
template <class Json>
[[nodiscard]] MetricCell cell_from(const Json& value, const MetricColumn& column) {
  const auto refuse = [&](const char* expected) -> MetricCell {
    throw Error("result: " + column.name, value.dump(), expected);
  };
  if (value.is_null()) return {};
  switch (column.kind) {
    case MetricKind::flag:
      return value.is_boolean() ? MetricCell(value.template get<bool>()) : refuse("true or false");
    case MetricKind::text:
      return value.is_string() ? MetricCell(value.template get<std::string>()) : refuse("a text");
    case MetricKind::count: {
      // nlohmann would take 1e300 for one, and 2^63 for a negative one.
      const bool huge = value.is_number_unsigned() && value.template get<std::uint64_t>() > INT64_MAX;
      if (!value.is_number_integer() || huge || value.template get<std::int64_t>() < 0)
        return refuse("a whole number from 0 to 2^63 - 1");
      return value.template get<std::int64_t>();
    }
    case MetricKind::real:
      break;
  }
  const double real = value.is_number() ? value.template get<double>() : -HUGE_VAL;
  if (!std::isfinite(real)) return refuse("a finite number");
  if (real < 0 && !column.below_zero) return refuse("a finite number, 0 or more");
  return real;
}

// What the object says by the column's name: nothing where it is not there.
template <class Json>
[[nodiscard]] MetricCell cell_in(const Json& object, const MetricColumn& column) {
  const auto found = object.find(column.name);
  return found == object.end() ? MetricCell() : cell_from(*found, column);
}

}  // namespace basil
