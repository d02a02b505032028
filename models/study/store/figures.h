// The figures of a point and of its layers as a study keeps them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "models/result/column.h"
#include "models/result/result.h"

namespace basil {

using Datum = nlohmann::json;  // a number, a text, or null

// Columns of the tables `results` and `layers`: all of a run and of a layer, but for those that point_rows
// and layer_rows have by themselves: trace and accelerator, and layer_index.
[[nodiscard]] const std::vector<const MetricColumn*>& stored_run_columns();
[[nodiscard]] const std::vector<const MetricColumn*>& stored_layer_columns();

// A word of objectives, which may be a column of numbers that a run has, or the short name of one: energy is
// energy_pj. Null for another.
[[nodiscard]] const MetricColumn* figure_of_objectives(std::string_view word);
// What to expect in place of an unknown word.
[[nodiscard]] std::string words_of_objectives(const std::string& unknown);

// How a point ended: refused by the machine (Error), or failed: a mismatch, a crash, a limit.
enum class PointStatus { done, refused, failed };
[[nodiscard]] std::string_view to_string(PointStatus status);
[[nodiscard]] PointStatus parse_status(std::string_view word);

struct PointResult {
  PointStatus status = PointStatus::failed;
  std::string error;                       // of what was refused or failed
  std::vector<Datum> figures;              // as stored_run_columns(); nulls where not done
  std::vector<std::vector<Datum>> layers;  // as stored_layer_columns(), in the order they ran
  std::vector<std::string> scaling = {};   // overrides that brought the machine to the study's size
};

[[nodiscard]] PointResult point_result(const Result& result);
[[nodiscard]] PointResult unfinished(PointStatus status, const std::string& error);

}  // namespace basil
