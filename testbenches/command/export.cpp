#include <optional>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "core/error.h"
#include "models/study/front/front.h"
#include "models/study/store/database.h"
#include "testbenches/command/verb.h"

namespace basil {
namespace {

namespace po = boost::program_options;

inline constexpr std::size_t most_bytes = 1 << 20;

int run_export(const Arguments& arguments) {
  const auto rows = arguments.get<std::string>("rows");
  if (rows != "points" && rows != "layers") throw Error("--rows", "'" + rows + "'", "points or layers");
  StudyDatabase database = StudyDatabase::look(arguments.get<std::string>("database"));
  std::optional<AtomicFile> file;
  if (arguments.has("output")) file.emplace(arguments.get<std::string>("output"));
  std::string lines;  // some, since there may be millions
  const auto hand_on = [&] {
    if (file) {
      file->write(lines);
    } else {
      print_data(lines);
    }
    lines.clear();
  };
  const auto add = [&](const Rows& row) {
    lines += csv_cells(row.cells[0]);
    if (lines.size() > most_bytes) hand_on();
  };
  if (rows == "points") {
    lines = csv_row(database.point_columns_only().columns);
    database.each_point(add);
  } else {
    lines = csv_row(database.layer_columns_only().columns);
    database.each_layer(add);
  }
  hand_on();
  if (file) file->commit();
  return 0;
}

}  // namespace

Verb export_verb() {
  return {.name = "export",
          .summary = "a study's results as CSV",
          .usage = "DATABASE [-o OUT.csv] [--rows points|layers]",
          .details =
              "A row a point, with its values and how it ended, or a row a point and layer; sorted by point. "
              "The same rows\n"
              "are the views point_rows and layer_rows of the SQLite file.",
          .example =
              "  basil export study.sqlite -o points.csv\n"
              "  basil export study.sqlite --rows layers -o layers.csv\n",
          .positional = {"database"},
          .required = {"database"},
          .options =
              [](po::options_description_easy_init add) {
                add("database", po::value<std::string>(), "a database of 'basil sweep'")(
                    "output,o", text_output(), "the file to write (standard output)")(
                    "rows", po::value<std::string>()->default_value("points"), "points or layers");
              },
          .run = run_export};
}

}  // namespace basil
