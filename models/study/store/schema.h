// What kind of file a study's database is, of which version, and whether its views are Basil's.
#pragma once

#include <filesystem>
#include <string>

#include "models/study/store/sqlite.h"

namespace basil {

inline constexpr int study_application = 0x42736c31;  // "Bsl1", in SQLite's header
inline constexpr int study_schema = 2;
inline constexpr int oldest_study_schema = 1;  // that can be read

// What schema 1 called a column of its views and tables: its layer was a number, its layer_name the layer.
[[nodiscard]] std::string todays_name(const std::string& old);

// Error when the file is no study's database, of another schema, or has what Basil did not make.
void check_kind(SqliteFile& file, const std::filesystem::path& name);

}  // namespace basil
