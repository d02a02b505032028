#include "models/study/store/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <thread>

#include "core/error.h"
#include "core/expression.h"

namespace basil {
namespace {

inline constexpr int application = 0x42736c31, schema = 1;  // "Bsl1", in SQLite's header

std::string definitions(const std::vector<Column>& columns) {
  std::string text;
  for (const Column& column : columns) text += fmt::format(", {} {}", sql_name(column.name), column.type);
  return text;
}

std::string names(const std::vector<Column>& columns, const std::string& table) {
  std::string text;
  for (const Column& column : columns) text += fmt::format(", {}.{}", table, sql_name(column.name));
  return text;
}

std::vector<Column> figure_columns() {
  std::vector<Column> columns;
  for (const PointColumn& column : point_columns()) columns.push_back(column.column);
  return columns;
}

std::string places(std::size_t count) {
  std::string text = "?";
  for (std::size_t i = 1; i < count; ++i) text += ", ?";
  return text;
}

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

void check_kind(SqliteFile& file, const std::filesystem::path& name) {
  if (file.number("PRAGMA application_id") != application)
    throw Error(name.string(), "a database of something else", "one that 'basil sweep' made");
  if (const auto found = file.number("PRAGMA user_version"); found != schema)
    throw Error(name.string(), fmt::format("schema {}", found), fmt::format("schema {}", schema));
  check_views(file, name);
}

// A file that a kill left before its tables were made is as good as none.
bool is_blank(SqliteFile& file) { return file.number("SELECT count(*) FROM sqlite_master") == 0; }

std::string word(SqliteFile& file, const std::string& sql) {
  SqliteStatement statement(file, sql);
  return statement.step() ? statement.text(0) : std::string();
}

// The same of one that has tables and no study in them yet.
bool is_unnamed(SqliteFile& file) { return file.number("SELECT count(*) FROM study") == 0; }

void check_heading(SqliteFile& file, const std::filesystem::path& name, const Listing& listing) {
  check_kind(file, name);
  if (is_unnamed(file)) return;
  if (const std::string program = word(file, "SELECT program FROM study"); program != listing.program)
    throw Error(name.string(), "results of " + program,
                listing.program + ": another file (" + field_name("StudyDatabase()") +
                    "), or what it holds (" + field_name("StudyDatabase::look()") + ")");
  if (const std::string study = word(file, "SELECT name FROM study"); study != listing.study)
    throw Error(name.string(), "results of study '" + study + "'", "'" + listing.study + "'");
}

}  // namespace

// A lock on a byte that SQLite has no use for, of the open file and not of the process: such a one is not
// lost when SQLite closes or unlocks another descriptor of the file.
StudyDatabase::Lock::Lock(const std::filesystem::path& file) {
  descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw Error(file.string(), "cannot be written", "a folder with room");
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = off_t{1} << 40;
  range.l_len = 1;
  for (int tries = 0; fcntl(descriptor_, F_OFD_SETLK, &range) != 0; ++tries) {
    if (tries == 20) throw Error(file.string(), "in use by another process", "one sweep at a time on a file");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // of a process on its way out
  }
}

StudyDatabase::Lock::~Lock() {
  if (descriptor_ >= 0) close(descriptor_);
}

StudyDatabase::StudyDatabase(const std::filesystem::path& file) : file_(file, SqliteFile::Use::look) {
  check_kind(file_, file);
}

StudyDatabase::StudyDatabase(const std::filesystem::path& file, const Listing& listing)
    : lock_(file), file_(file, SqliteFile::Use::change) {
  file_.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL");
  if (is_blank(file_)) {
    make_tables();
  } else {
    check_heading(file_, file, listing);
  }
  list(listing);
}

StudyDatabase::StudyDatabase(const Listing& draft) : file_("", SqliteFile::Use::change) {
  make_tables();
  list(draft);
}

StudyDatabase StudyDatabase::draft(const Listing& listing) { return StudyDatabase(listing); }

StudyDatabase StudyDatabase::look(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored))
    throw Error(file.string(), "no such file", "a database that 'basil sweep' made");
  return StudyDatabase(file);
}

bool StudyDatabase::is_empty(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return false;
  if (std::filesystem::file_size(file, ignored) == 0) return true;
  SqliteFile found(file, SqliteFile::Use::look);
  return is_blank(found);
}

bool StudyDatabase::begun(const std::filesystem::path& file, const Listing& listing) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored) || std::filesystem::file_size(file, ignored) == 0) return false;
  SqliteFile found(file, SqliteFile::Use::look);
  if (is_blank(found)) return false;
  check_heading(found, file, listing);
  return !is_unnamed(found);
}

void StudyDatabase::make_tables() {
  SqliteTransaction transaction(file_);
  file_.run(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application, schema));
  file_.run(
      "CREATE TABLE study (name TEXT, program TEXT);"
      "CREATE TABLE points (point INTEGER PRIMARY KEY, key TEXT, trace TEXT, accelerator TEXT, parameters "
      "TEXT);"
      "CREATE TABLE results (key TEXT PRIMARY KEY, status TEXT, error TEXT" +
      definitions(figure_columns()) +
      ") WITHOUT ROWID;"
      "CREATE TABLE layers (key TEXT, layer INTEGER" +
      definitions(layer_columns()) + ", PRIMARY KEY (key, layer)) WITHOUT ROWID");
  transaction.commit();
}

bool StudyDatabase::has(const std::string& table) {
  SqliteStatement select(file_, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?");
  select.bind({table});
  return select.step();
}

bool StudyDatabase::lists(const Listing& listing) {
  if (!has("scaled") || size() != listing.size) return false;
  std::size_t number = 0;
  bool same = true;
  SqliteStatement select(file_, "SELECT * FROM points ORDER BY point");
  for (; same && select.step(); ++number) {
    const std::vector<Datum> wanted = cells_of(number, listing.point(number));
    for (std::size_t i = 0; i < wanted.size(); ++i)
      same = same && select.cell(static_cast<int>(i)) == wanted[i];
  }
  return same;
}

void StudyDatabase::list(const Listing& listing) {
  if (lists(listing)) return;
  SqliteTransaction transaction(file_);
  file_.run(
      "CREATE TABLE IF NOT EXISTS accelerators (name TEXT PRIMARY KEY, description TEXT) WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS traces (name TEXT PRIMARY KEY, fingerprint TEXT) WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS scaled (key TEXT PRIMARY KEY, overrides TEXT) WITHOUT ROWID;"
      "DELETE FROM study; DELETE FROM points; DELETE FROM accelerators; DELETE FROM traces");
  SqliteStatement(file_, "INSERT INTO study VALUES (?, ?)").run({listing.study, listing.program});
  for (const auto& [table, named] :
       {std::pair{"accelerators", &listing.descriptions}, {"traces", &listing.traces}}) {
    SqliteStatement insert(file_, fmt::format("INSERT OR REPLACE INTO {} VALUES (?, ?)", table));
    for (const auto& [name, text] : *named) insert.run({name, text});
  }
  std::vector<std::string> parameters;
  insert_points(listing, parameters);
  make_views(parameters);
  transaction.commit();
}

// `parameters`: every key that a point has a value of, in the order met.
void StudyDatabase::insert_points(const Listing& listing, std::vector<std::string>& parameters) {
  SqliteStatement insert(file_, "INSERT INTO points VALUES (?, ?, ?, ?, ?)");
  for (std::size_t number = 0; number < listing.size; ++number) {
    const ListedPoint point = listing.point(number);
    insert.run(cells_of(number, point));
    for (const auto& value : point.values) {
      if (std::find(parameters.begin(), parameters.end(), value.first) == parameters.end())
        parameters.push_back(value.first);
    }
  }
}

void StudyDatabase::make_views(const std::vector<std::string>& keys) {
  std::string parameters;
  for (const std::string& key : keys) {
    const std::string path = "$." + sql_name(key);
    std::string quoted;
    for (const char letter : path) quoted += letter == '\'' ? std::string("''") : std::string(1, letter);
    parameters += fmt::format(", json_extract(parameters, '{}') AS {}", quoted, sql_name(key));
  }
  file_.run("DROP VIEW IF EXISTS point_rows; DROP VIEW IF EXISTS layer_rows");
  file_.run("CREATE VIEW point_rows AS SELECT point, trace, accelerator" + parameters +
            ", coalesce(status, 'missing') AS status, error" + names(figure_columns(), "results") +
            " FROM points LEFT JOIN results USING (key)");
  file_.run("CREATE VIEW layer_rows AS SELECT point, trace, accelerator" + parameters + ", layer" +
            names(layer_columns(), "layers") + " FROM points JOIN layers USING (key)");
}

std::string StudyDatabase::study() { return word(file_, "SELECT name FROM study"); }
std::string StudyDatabase::program() { return word(file_, "SELECT program FROM study"); }

StudyDatabase::State StudyDatabase::state(std::size_t point) {
  if (!state_)
    state_.emplace(file_, "SELECT key, status FROM points LEFT JOIN results USING (key) WHERE point = ?");
  state_->bind({point});
  State state;
  while (state_->step()) {
    state.key = state_->text(0);
    if (const std::string word = state_->text(1); !word.empty()) state.ended = parse_status(word);
  }
  return state;
}

std::size_t StudyDatabase::results() {
  return static_cast<std::size_t>(file_.number("SELECT count(*) FROM results"));
}

bool StudyDatabase::has_repeats() {
  return file_.number("SELECT count(DISTINCT key) < count(*) FROM points") != 0;
}

std::size_t StudyDatabase::pending(int part, int of, bool retry) {
  return static_cast<std::size_t>(file_.number(fmt::format(
      "SELECT count(DISTINCT key) FROM points LEFT JOIN results USING (key) WHERE point % {} = {} "
      "AND (status IS NULL OR (status = 'failed' AND {}))",
      of, part - 1, retry ? 1 : 0)));
}

void StudyDatabase::store(const std::vector<std::pair<std::string, PointResult>>& results) {
  SqliteStatement result_row(
      file_, "INSERT OR REPLACE INTO results VALUES (" + places(3 + point_columns().size()) + ")");
  SqliteStatement layer_row(
      file_, "INSERT OR REPLACE INTO layers VALUES (" + places(2 + layer_columns().size()) + ")");
  SqliteStatement scaled_row(file_, "INSERT OR REPLACE INTO scaled VALUES (?, ?)");
  SqliteTransaction transaction(file_);
  for (const auto& [key, result] : results) {
    std::vector<Datum> cells{key, to_string(result.status), result.error};
    cells.insert(cells.end(), result.figures.begin(), result.figures.end());
    result_row.run(cells);
    if (!result.scaling.empty()) scaled_row.run({key, nlohmann::json(result.scaling).dump()});
    for (std::size_t i = 0; i < result.layers.size(); ++i) {
      cells = {key, i};
      cells.insert(cells.end(), result.layers[i].begin(), result.layers[i].end());
      layer_row.run(cells);
    }
  }
  transaction.commit();
}

void StudyDatabase::take(const std::filesystem::path& other) {
  bool has_scaled = false;
  {
    StudyDatabase from = look(other);
    check_heading(from.file_, other, {.study = study(), .program = program()});
    has_scaled = from.has("scaled");
  }
  SqliteStatement(file_, "ATTACH ? AS other").run({other.string()});
  if (file_.number(
          "SELECT (SELECT count(*) FROM main.points) != (SELECT count(*) FROM other.points) OR EXISTS "
          "(SELECT * FROM main.points EXCEPT SELECT * FROM other.points)") != 0)
    throw Error(other.string(), "other points", "those of the first file: parts of one study");
  {
    SqliteTransaction transaction(file_);
    file_.run(
        "INSERT OR REPLACE INTO main.results SELECT * FROM other.results AS theirs WHERE NOT EXISTS "
        "(SELECT 1 FROM main.results AS own WHERE own.key = theirs.key AND "
        "(own.status = 'done' OR theirs.status != 'done'));"
        "INSERT OR REPLACE INTO main.layers SELECT * FROM other.layers");
    if (has_scaled) file_.run("INSERT OR REPLACE INTO main.scaled SELECT * FROM other.scaled");
    transaction.commit();
  }
  file_.run("DETACH other");
}

void StudyDatabase::know(StudyDatabase& other) {
  SqliteStatement select(other.file_, "SELECT key, status FROM results");
  SqliteStatement insert(file_, "INSERT OR REPLACE INTO results (key, status) VALUES (?, ?)");
  SqliteTransaction transaction(file_);
  while (select.step()) insert.run({select.text(0), select.text(1)});
  transaction.commit();
}

Listing StudyDatabase::listing() {
  Listing listing{.study = study(), .program = program(), .size = size()};
  for (const auto& [table, named] :
       {std::pair{"accelerators", &listing.descriptions}, {"traces", &listing.traces}}) {
    if (!has(table)) continue;
    SqliteStatement select(file_, fmt::format("SELECT * FROM {}", table));
    while (select.step()) named->emplace_back(select.text(0), select.text(1));
  }
  const auto select = std::make_shared<SqliteStatement>(file_, "SELECT * FROM points WHERE point = ?");
  listing.point = [this, select](std::size_t number) {
    select->bind({number});
    if (!select->step()) file_.refuse(fmt::format("no point {} of {}", number, size()));
    std::vector<Datum> cells;
    cells.reserve(5);
    for (int i = 0; i < 5; ++i) cells.push_back(select->cell(i));
    static_cast<void>(select->step());  // to its end, ready for the next
    return point_of_cells(cells);
  };
  return listing;
}

std::size_t StudyDatabase::size() {
  return static_cast<std::size_t>(file_.number("SELECT count(*) FROM points"));
}

Rows StudyDatabase::point_row(std::size_t point) {
  return rows(fmt::format("SELECT * FROM point_rows WHERE point = {}", point));
}

Rows StudyDatabase::layer_rows(std::size_t point) {
  return rows(fmt::format("SELECT * FROM layer_rows WHERE point = {} ORDER BY layer", point));
}

Rows StudyDatabase::energy_by_tag() {
  return rows(
      "SELECT accelerator, sum(tagged_measured_pj) AS measured, sum(tagged_published_pj) AS published, "
      "sum(tagged_derived_pj) AS derived, sum(tagged_estimated_pj) AS estimated FROM layer_rows GROUP BY "
      "accelerator");
}

StudyDatabase::Subject StudyDatabase::subject_of(std::size_t point) {
  Subject subject;
  if (!has("accelerators") || !has("traces") || !has("scaled")) return subject;
  SqliteStatement select(file_, fmt::format("SELECT description, fingerprint, overrides FROM points "
                                            "JOIN accelerators ON accelerator = accelerators.name "
                                            "JOIN traces ON trace = traces.name "
                                            "LEFT JOIN scaled USING (key) WHERE point = {}",
                                            point));
  if (!select.step()) return subject;
  subject = {.description = select.text(0), .trace = select.text(1), .scaling = {}};
  if (const std::string overrides = select.text(2); !overrides.empty())
    subject.scaling = nlohmann::json::parse(overrides).get<std::vector<std::string>>();
  return subject;
}

void StudyDatabase::each_row(const std::string& sql, const Each& each) {
  SqliteStatement select(file_, sql);
  Rows row{.columns = select.columns(), .cells = {{}}};
  row.cells[0].resize(row.columns.size());
  while (select.step()) {
    for (std::size_t i = 0; i < row.columns.size(); ++i) row.cells[0][i] = select.cell(static_cast<int>(i));
    each(row);
  }
}

Rows StudyDatabase::rows(const std::string& sql) {
  SqliteStatement select(file_, sql);
  Rows rows{.columns = select.columns(), .cells = {}};
  while (select.step()) {
    std::vector<Datum> cells;
    cells.reserve(rows.columns.size());
    for (int i = 0; i < static_cast<int>(rows.columns.size()); ++i) cells.push_back(select.cell(i));
    rows.cells.push_back(std::move(cells));
  }
  return rows;
}

}  // namespace basil
