// SQLite, as little of it as a study needs: statements whose errors are Errors.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace basil {

class SqliteFile;

// One statement: bind, then step through its rows. A cell is a number, a text or null.
class SqliteStatement {
 public:
  SqliteStatement(SqliteFile& file, const std::string& sql);

  // From the first parameter on.
  void bind(const std::vector<nlohmann::json>& cells);
  // Whether there is a row; after the last the statement is ready to be bound again.
  bool step();
  // bind() and step() for a statement without rows.
  void run(const std::vector<nlohmann::json>& cells = {});

  [[nodiscard]] std::vector<std::string> columns() const;
  [[nodiscard]] nlohmann::json cell(int column) const;
  [[nodiscard]] std::string text(int column) const;

 private:
  struct Finalise {
    void operator()(sqlite3_stmt* statement) const;
  };
  SqliteFile& file_;
  std::unique_ptr<sqlite3_stmt, Finalise> statement_;
};

class SqliteFile {
 public:
  enum class Use {
    look,    // what is there; leaves the file and its log as they are
    change,  // makes the file if need be
  };
  // Error naming the file when it cannot be opened or is no database.
  SqliteFile(const std::filesystem::path& file, Use use);

  void run(const std::string& sql);                           // any number of statements without rows
  [[nodiscard]] std::int64_t number(const std::string& sql);  // the first cell of the first row
  [[noreturn]] void refuse() const;                           // with SQLite's own words
  [[noreturn]] void refuse(const std::string& found) const;

  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  std::string name_;
  std::unique_ptr<sqlite3, Close> handle_;
};

// Undone unless commit() was reached.
class SqliteTransaction {
 public:
  explicit SqliteTransaction(SqliteFile& file) : file_(file) { file_.run("BEGIN IMMEDIATE"); }
  ~SqliteTransaction();
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;
  void commit() {
    file_.run("COMMIT");
    open_ = false;
  }

 private:
  SqliteFile& file_;
  bool open_ = true;
};

// A name inside double quotes, whatever letters it has.
[[nodiscard]] std::string sql_name(const std::string& name);

}  // namespace basil
