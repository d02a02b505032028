#include "models/study/store/listing.h"

#include <cmath>

#include "core/expression.h"
#include "models/study/store/rows.h"

namespace basil {
namespace {

bool is_whole(double number) { return std::abs(number) < 9e18 && number == std::trunc(number); }

// Numbers as numbers, so that readers can plot them.
std::string values_json(const ListedPoint& point) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [key, word] : point.values) {
    const ExpressionValue value = value_of(word);
    const double* const number = std::get_if<double>(&value);
    if (number == nullptr || word == "true" || word == "false") {
      json[key] = word;
    } else if (is_whole(*number)) {
      json[key] = static_cast<std::int64_t>(*number);
    } else {
      json[key] = *number;
    }
  }
  return json.dump();
}

}  // namespace

std::vector<Datum> cells_of(std::size_t number, const ListedPoint& point) {
  return {number, point.key, point.trace, point.accelerator, values_json(point)};
}

ListedPoint point_of_cells(const std::vector<Datum>& cells) {
  ListedPoint point{.key = cell_text(cells[1]),
                    .trace = cell_text(cells[2]),
                    .accelerator = cell_text(cells[3]),
                    .values = {}};
  const auto json = nlohmann::ordered_json::parse(cell_text(cells[4]));
  for (const auto& [key, value] : json.items())
    point.values.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
  return point;
}

}  // namespace basil
