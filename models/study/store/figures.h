// The figures of a point and of its layers as a study keeps them: one list of columns for all who write or
// read them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "models/result/result.h"

namespace basil {

using Datum = nlohmann::json;  // a number, a text, or null

struct Column {
  std::string name;
  std::string_view type;  // of SQL
};

// `figure` is the word of objectives, the column's name without its unit.
struct PointColumn {
  Column column;
  std::string_view figure;
};

[[nodiscard]] const std::vector<PointColumn>& point_columns();
[[nodiscard]] const std::vector<Column>& layer_columns();
// Of them, the column of a bin (PE-cycles) and that of a component of the energy (pJ).
[[nodiscard]] std::string bin_column(Bin bin);
[[nodiscard]] std::string component_column(std::string_view component);

// How a point ended: refused by the machine (Error), or failed: a mismatch, a crash, a limit.
enum class PointStatus { done, refused, failed };
[[nodiscard]] std::string_view to_string(PointStatus status);
[[nodiscard]] PointStatus parse_status(std::string_view word);

struct PointResult {
  PointStatus status = PointStatus::failed;
  std::string error;                       // of what was refused or failed
  std::vector<Datum> figures;              // as point_columns(); nulls where not done
  std::vector<std::vector<Datum>> layers;  // as layer_columns(), in the order they ran
  std::vector<std::string> scaling = {};   // overrides that brought the machine to the study's size
};

// `output_error`: of result.layers, as a Contender has it.
[[nodiscard]] PointResult point_result(const Result& result, const std::vector<double>& output_error);
[[nodiscard]] PointResult unfinished(PointStatus status, const std::string& error);

// For the way from a child process.
[[nodiscard]] std::string pack(const PointResult& result);
[[nodiscard]] PointResult unpack(std::string_view bytes);

}  // namespace basil
