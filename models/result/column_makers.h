// Makes columns of fields and of functions: what a file of models/result/columns/ is written with.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/units.h"
#include "models/result/column.h"
#include "models/result/result.h"

namespace basil {

inline MetricCell cell_of(bool value) { return value; }
inline MetricCell cell_of(int value) { return std::int64_t{value}; }
inline MetricCell cell_of(std::int64_t value) { return value; }
inline MetricCell cell_of(double value) { return value; }
template <class Tag>
MetricCell cell_of(Count<Tag> value) {
  return value.value;
}
inline MetricCell cell_of(Picojoules value) { return value.value; }
inline MetricCell cell_of(std::string_view value) { return std::string(value); }
inline MetricCell cell_of(const std::string& value) { return value; }
inline MetricCell cell_of(const char* value) { return std::string(value); }
template <class Value>
MetricCell cell_of(const std::optional<Value>& value) {
  return value ? cell_of(*value) : MetricCell();
}

// The inverse. A cell without a value leaves the field as it is; one of another kind throws
// std::bad_variant_access, which readers that check kinds never meet.
inline void put(const MetricCell& cell, bool& field) {
  if (known(cell)) field = std::get<bool>(cell);
}
inline void put(const MetricCell& cell, std::int64_t& field) {
  if (known(cell)) field = std::get<std::int64_t>(cell);
}
inline void put(const MetricCell& cell, int& field) {
  if (known(cell))
    field = static_cast<int>(
        std::min<std::int64_t>(std::get<std::int64_t>(cell), std::numeric_limits<int>::max()));
}
inline void put(const MetricCell& cell, double& field) {
  if (known(cell)) field = number_in(cell);
}
inline void put(const MetricCell& cell, std::string& field) {
  if (known(cell)) field = std::get<std::string>(cell);
}
template <class Tag>
void put(const MetricCell& cell, Count<Tag>& field) {
  put(cell, field.value);
}
inline void put(const MetricCell& cell, Picojoules& field) { put(cell, field.value); }
template <class Value>
void put(const MetricCell& cell, std::optional<Value>& field) {
  if (known(cell)) put(cell, field.emplace());
}

template <class Value>
struct KindOf {
  static constexpr MetricKind kind = KindOf<std::remove_cvref_t<decltype(std::declval<Value>().value)>>::kind;
};
template <>
struct KindOf<bool> {
  static constexpr MetricKind kind = MetricKind::flag;
};
template <>
struct KindOf<int> {
  static constexpr MetricKind kind = MetricKind::count;
};
template <>
struct KindOf<std::int64_t> : KindOf<int> {};
template <>
struct KindOf<double> {
  static constexpr MetricKind kind = MetricKind::real;
};
template <>
struct KindOf<std::string> {
  static constexpr MetricKind kind = MetricKind::text;
};
template <>
struct KindOf<std::string_view> : KindOf<std::string> {};
template <>
struct KindOf<const char*> : KindOf<std::string> {};
template <class Value>
struct KindOf<std::optional<Value>> : KindOf<Value> {};

template <class Value>
inline constexpr bool is_optional = false;
template <class Value>
inline constexpr bool is_optional<std::optional<Value>> = true;

// What a column is called, as it starts every entry.
struct ColumnName {
  std::string name, unit, description;
};

// Of a layer, by a function of the result and the layer.
template <class Figure>
MetricColumn of_layers(ColumnName of, Figure figure) {
  using Value = std::invoke_result_t<Figure, const Result&, const LayerResult&>;
  MetricColumn column{.name = std::move(of.name),
                      .unit = std::move(of.unit),
                      .description = std::move(of.description),
                      .kind = KindOf<std::remove_cvref_t<Value>>::kind,
                      .optional = is_optional<std::remove_cvref_t<Value>>};
  column.of_layer = [figure](const Result& result, const LayerResult& layer) {
    return cell_of(figure(result, layer));
  };
  return column;
}

// Of a layer, kept in a field: `field` gives a reference to it, [](auto& layer) -> auto& { return ...; }.
template <class Field>
MetricColumn in_layers(ColumnName of, Field field) {
  MetricColumn column = of_layers(std::move(of), [field](const Result&, const LayerResult& layer) {
    return std::as_const(field(layer));
  });
  column.put_in_layer = [field](LayerResult& layer, const MetricCell& cell) { put(cell, field(layer)); };
  return column;
}

// The same of a part that a layer may lack: of `part`, a field of it.
template <class Part, class Field>
MetricColumn in_part_of_layers(ColumnName of, std::optional<Part> LayerResult::*part, Field field) {
  using Value = std::remove_cvref_t<std::invoke_result_t<Field, Part&>>;
  MetricColumn column = of_layers(std::move(of), [part, field](const Result&, const LayerResult& layer) {
    return layer.*part ? std::optional<Value>(field(*(layer.*part))) : std::nullopt;
  });
  column.put_in_layer = [part, field](LayerResult& layer, const MetricCell& cell) {
    if (!known(cell)) return;
    if (!(layer.*part)) (layer.*part).emplace();
    put(cell, field(*(layer.*part)));
  };
  return column;
}

// Of a run alone, by a function of the result.
template <class Figure>
MetricColumn of_runs(ColumnName of, Figure figure) {
  using Value = std::invoke_result_t<Figure, const Result&>;
  MetricColumn column{.name = std::move(of.name),
                      .unit = std::move(of.unit),
                      .description = std::move(of.description),
                      .kind = KindOf<std::remove_cvref_t<Value>>::kind,
                      .optional = is_optional<std::remove_cvref_t<Value>>};
  column.of_run = [figure](const Result& result) { return cell_of(figure(result)); };
  return column;
}

// Of a run alone, kept in a field.
template <class Field>
MetricColumn in_runs(ColumnName of, Field field) {
  MetricColumn column =
      of_runs(std::move(of), [field](const Result& result) { return std::as_const(field(result)); });
  column.put_in_run = [field](Result& result, const MetricCell& cell) { put(cell, field(result)); };
  return column;
}

// A layer's column of which a run has the sum, or the most, or what a function of the result says.
[[nodiscard]] MetricColumn summed(MetricColumn column);
[[nodiscard]] MetricColumn most(MetricColumn column);
template <class Figure>
MetricColumn with_run(MetricColumn column, Figure figure) {
  column.of_run = [figure](const Result& result) { return cell_of(figure(result)); };
  return column;
}

// Of a column that may be below zero.
[[nodiscard]] MetricColumn of_either_sign(MetricColumn column);
// With fewer digits than a real usually has in CSV.
[[nodiscard]] MetricColumn rounded(MetricColumn column);
// Stands in layers' rows, too.
[[nodiscard]] MetricColumn heading_rows(MetricColumn column);

}  // namespace basil
