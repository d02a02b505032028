#include "models/study/store/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cctype>

#include "core/error.h"
#include "core/names.h"

namespace basil {
namespace {

// With whatever a URI gives a meaning of its own as %xx.
std::string uri_path(const std::string& path) {
  std::string text;
  for (const char letter : path) {
    const bool plain = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '/' ||
                       letter == '.' || letter == '-' || letter == '_';
    text += plain ? std::string(1, letter) : fmt::format("%{:02x}", static_cast<unsigned char>(letter));
  }
  return text;
}

}  // namespace

void SqliteStatement::Finalise::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

SqliteStatement::SqliteStatement(SqliteFile& file, const std::string& sql) : file_(file) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(file.handle(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr) !=
      SQLITE_OK)
    file.refuse();
  statement_.reset(statement);
}

void SqliteStatement::bind(const std::vector<nlohmann::json>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const nlohmann::json& cell = cells[i];
    const int at = static_cast<int>(i) + 1;
    int code = SQLITE_OK;
    if (cell.is_string()) {
      const auto& text = cell.get_ref<const std::string&>();
      code = sqlite3_bind_text(statement_.get(), at, text.data(), static_cast<int>(text.size()),
                               SQLITE_TRANSIENT);
    } else if (cell.is_number_integer()) {
      code = sqlite3_bind_int64(statement_.get(), at, cell.get<std::int64_t>());
    } else if (cell.is_number()) {
      code = sqlite3_bind_double(statement_.get(), at, cell.get<double>());
    } else {
      code = sqlite3_bind_null(statement_.get(), at);
    }
    if (code != SQLITE_OK) file_.refuse();
  }
}

bool SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) file_.refuse();
  sqlite3_reset(statement_.get());
  return false;
}

void SqliteStatement::run(const std::vector<nlohmann::json>& cells) {
  bind(cells);
  while (step()) continue;
}

std::vector<std::string> SqliteStatement::columns() const {
  const int count = sqlite3_column_count(statement_.get());
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) names.emplace_back(sqlite3_column_name(statement_.get(), i));
  return names;
}

nlohmann::json SqliteStatement::cell(int column) const {
  switch (sqlite3_column_type(statement_.get(), column)) {
    case SQLITE_INTEGER:
      return sqlite3_column_int64(statement_.get(), column);
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement_.get(), column);
    case SQLITE_NULL:
      return nullptr;
    default:
      return text(column);
  }
}

std::string SqliteStatement::text(int column) const {
  const auto* letters = sqlite3_column_text(statement_.get(), column);
  const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  const std::string word =
      letters == nullptr ? "" : std::string(reinterpret_cast<const char*>(letters), length);
  return is_utf8(word) ? word : printable(word);  // whoever wrote the file: results are UTF-8
}

void SqliteFile::Close::operator()(sqlite3* handle) const { sqlite3_close(handle); }

// Without a log beside it the file is all there is, and looking at it as immutable leaves no log behind.
SqliteFile::SqliteFile(const std::filesystem::path& file, Use use) : name_(file.string()) {
  const bool alone = use == Use::look && !std::filesystem::exists(name_ + "-wal");
  const int flags = use == Use::change ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                    : alone            ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
                                       : SQLITE_OPEN_READWRITE;
  const std::string address = alone ? "file:" + uri_path(name_) + "?immutable=1" : name_;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(address.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) refuse();
  sqlite3_busy_timeout(handle, 10000);
  if (use == Use::look) sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  static_cast<void>(number("SELECT count(*) FROM sqlite_master"));  // reads the header: is it a database?
}

void SqliteFile::run(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) refuse();
}

std::int64_t SqliteFile::number(const std::string& sql) {
  SqliteStatement statement(*this, sql);
  return statement.step() ? statement.cell(0).get<std::int64_t>() : 0;
}

void SqliteFile::refuse() const { refuse(handle_ ? sqlite3_errmsg(handle_.get()) : "not enough memory"); }

void SqliteFile::refuse(const std::string& found) const {
  throw Error(name_, found, "a study's database that can be read and written");
}

SqliteTransaction::~SqliteTransaction() {
  if (open_) sqlite3_exec(file_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

std::string sql_name(const std::string& name) {
  std::string quoted = "\"";
  for (const char letter : name) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
  return quoted + "\"";
}

}  // namespace basil
