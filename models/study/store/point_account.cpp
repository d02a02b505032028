#include "models/study/store/point_account.h"

#include <fmt/format.h>

#include "core/error.h"
#include "models/description/accelerator_document.h"
#include "models/study/store/database.h"

namespace basil {
namespace {

// By the columns' names: a file of an older program may lack some.
LayerAccount layer_of(const Rows& rows, const std::vector<Datum>& cells) {
  const auto datum = [&](const std::string& name) {
    const std::size_t place = column_of(rows, name);
    return place < cells.size() ? cells[place] : Datum();
  };
  return account_of_layer(cell_text(datum("layer")), [&](const MetricColumn& column) -> MetricCell {
    const Datum found = datum(column.name);
    return found.is_number() ? MetricCell(found.get<double>()) : MetricCell();
  });
}

// All of the machine's description; where an older program made the file, the accelerator and what the study
// varied of it.
std::vector<std::pair<std::string, std::string>> described(const Rows& rows, const std::vector<Datum>& cells,
                                                           const StudyDatabase::Subject& subject) {
  std::vector<std::pair<std::string, std::string>> keys{
      {"accelerator", cell_text(cells[column_of(rows, "accelerator")])}};
  const auto [first, end] = parameter_columns(rows);
  for (std::size_t i = first; i < end; ++i) {
    if (!cells[i].is_null()) keys.emplace_back(rows.columns[i], cell_text(cells[i]));
  }
  if (subject.description.empty()) return keys;
  std::vector<std::string> overrides;
  for (std::size_t i = 1; i < keys.size(); ++i) overrides.push_back(keys[i].first + "=" + keys[i].second);
  overrides.insert(overrides.end(), subject.scaling.begin(), subject.scaling.end());
  return described_keys(subject.description, keys.front().second, overrides);
}

}  // namespace

ResultAccount account_of_point(const std::filesystem::path& file, std::size_t point) {
  StudyDatabase database = StudyDatabase::look(file);
  const std::string where = fmt::format("{}:{}", file.string(), point);
  const Rows found = database.point_row(point);
  if (found.cells.empty())
    throw Error(where, "no such point", fmt::format("a point from 0 to {}", database.size() - 1));
  const std::vector<Datum>& cells = found.cells.front();
  const std::string status = cell_text(cells[column_of(found, "status")]);
  if (status != "done") {
    const std::string error = cell_text(cells[column_of(found, "error")]);
    throw Error(where, status == "missing" ? "a point not run yet" : status + ": " + error,
                "a point that is done");
  }
  const StudyDatabase::Subject subject = database.subject_of(point);
  ResultAccount account{.title = fmt::format("{} on {} ({})", cell_text(cells[column_of(found, "trace")]),
                                             design(found, 0), where),
                        .trace_fingerprint = subject.trace,
                        .description = described(found, cells, subject),
                        .pes = cells[column_of(found, "pes")].get<std::int64_t>(),
                        .layers = {}};
  const Rows layers = database.layer_rows(point);
  for (const std::vector<Datum>& layer : layers.cells) account.layers.push_back(layer_of(layers, layer));
  return account;
}

}  // namespace basil
