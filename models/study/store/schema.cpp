#include "models/study/store/schema.h"

#include <fmt/format.h>

#include <cctype>

#include "core/error.h"

namespace basil {
namespace {

// Whether a view is one SELECT from tables, as ours are, and cannot go on for ever: names and texts in quotes
// aside.
bool is_flat(const std::string& sql) {
  std::string bare;
  char quote = 0;
  for (const char letter : sql) {
    if (quote == 0 && (letter == '"' || letter == '\''))
      quote = letter;
    else if (quote != 0)
      quote = letter == quote ? '\0' : quote;
    else
      bare += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  std::size_t selects = 0;
  for (std::size_t at = 0; (at = bare.find("SELECT", at)) != std::string::npos; ++at) ++selects;
  return selects == 1 && bare.find("WITH") == std::string::npos;
}

// Who wrote the file may have put anything behind the names that are read.
void check_views(SqliteFile& file, const std::filesystem::path& name) {
  SqliteStatement select(file, "SELECT type, name, sql, tbl_name FROM sqlite_master");
  while (select.step()) {
    const std::string type = select.text(0), own = select.text(1);
    const bool is_table = own == "study" || own == "points" || own == "results" || own == "layers" ||
                          own == "accelerators" || own == "traces" || own == "scaled";
    const bool is_view = own == "point_rows" || own == "layer_rows";
    if ((is_table && type != "table") || (is_view && (type != "view" || !is_flat(select.text(2)))) ||
        type == "trigger")
      throw Error(name.string(), fmt::format("{} '{}' that Basil did not make", type, own),
                  "a database that 'basil sweep' made");
  }
}

}  // namespace

std::string todays_name(const std::string& old) {
  if (old == "layer") return "layer_index";
  if (old == "layer_name") return "layer";
  return old == "edp_js" ? "energy_delay_js" : old;
}

void check_kind(SqliteFile& file, const std::filesystem::path& name) {
  if (file.number("PRAGMA application_id") != study_application)
    throw Error(name.string(), "a database of something else", "one that 'basil sweep' made");
  if (const auto found = file.number("PRAGMA user_version");
      found < oldest_study_schema || found > study_schema)
    throw Error(name.string(), fmt::format("schema {}", found),
                fmt::format("schema {} or {}", oldest_study_schema, study_schema));
  check_views(file, name);
}

}  // namespace basil
