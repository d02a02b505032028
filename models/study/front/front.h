// What a study has found, for a person and for a program: how its points ended, and its Pareto fronts.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "models/study/store/database.h"
#include "models/study/study.h"

namespace basil {

// The points of one trace that no other beats.
struct Front {
  std::string trace;
  Rows points;                                  // of point_rows
  std::vector<std::size_t> rows;                // their places among all rows of point_rows
  std::vector<std::vector<double>> objectives;  // of each, in the study's order
};

// What is kept of it are the fronts alone: it is made from row after row.
struct StudySummary {
  std::string study, program;
  std::vector<std::string> objectives;
  Listing::Named descriptions, traces;  // as the database has them
  std::vector<Front> fronts;            // a trace each, as the study names them
  std::size_t points = 0, done = 0, refused = 0, failed = 0, missing = 0;
  std::string first_error;  // of the first point refused or failed: "point 7 (...): ..."
};

// What the study is to make small, of a row of point_rows() that is done.
[[nodiscard]] std::vector<double> objectives_of(const Study& study, const Rows& rows, std::size_t row);

[[nodiscard]] StudySummary summary(const Study& study, StudyDatabase& database);

[[nodiscard]] std::string to_text(const StudySummary& summary);
[[nodiscard]] nlohmann::ordered_json to_json(const StudySummary& summary);
// A row of CSV, null being an empty cell.
[[nodiscard]] std::string csv_cells(const std::vector<Datum>& cells);

}  // namespace basil
