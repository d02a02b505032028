// The results of a study: one SQLite file in WAL mode that survives a kill at any moment.
//   study    its name, the program's name, version and build
//   accelerators, traces   their names, with the whole description, and with what tells the layers from
//   others
//   points   the study's points: number, key, trace, accelerator, values
//   results  a row a key: how it ended, and its figures
//   layers   a row a key and layer
//   scaled   a row a key: the overrides that brought a machine to the study's common size
//   point_rows, layer_rows   views for readers: by point, a column a parameter
// A key says all that a result depends on (PointKeys in points.h); so a result is stored once, found again
// after an interruption, and still there when the study has grown.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/study/store/figures.h"
#include "models/study/store/listing.h"
#include "models/study/store/rows.h"
#include "models/study/store/sqlite.h"

namespace basil {

class StudyDatabase {
 public:
  // Makes the file if need be; only one process at a time may hold it. Errors as look().
  StudyDatabase(const std::filesystem::path& file, const Listing& listing);
  // As it is, for readers. Error when it is no study's database, or of another schema.
  static StudyDatabase look(const std::filesystem::path& file);
  // For what is not to be kept: a database in a file without a name, gone with the process.
  static StudyDatabase draft(const Listing& listing);
  StudyDatabase(const StudyDatabase&) = delete;
  StudyDatabase& operator=(const StudyDatabase&) = delete;
  // Whether a kill left the file before anything was in it.
  static bool is_empty(const std::filesystem::path& file);
  // Whether `file` was begun. Error when this listing's results may not go there: no study's database,
  // another build of the program, another study. Touches nothing.
  static bool begun(const std::filesystem::path& file, const Listing& listing);

  [[nodiscard]] std::string study();
  [[nodiscard]] std::string program();
  // What is known of a point by its key.
  struct State {
    std::string key;
    std::optional<PointStatus> ended;
  };
  [[nodiscard]] State state(std::size_t point);
  [[nodiscard]] std::size_t results();  // how many there are
  // Whether two points have the same key, and so one result.
  [[nodiscard]] bool has_repeats();
  // Keys of points of the shard that have no result, or, if asked for, one that failed.
  [[nodiscard]] std::size_t pending(int part, int of, bool retry);
  // All in one transaction; a result of a key that has one takes its place.
  void store(const std::vector<std::pair<std::string, PointResult>>& results);
  // The results of another file of the same study. Of a key that both have, the one that is done stays.
  // Error when its points differ from these.
  void take(const std::filesystem::path& other);
  // How the points of another file ended, without their figures.
  void know(StudyDatabase& other);

  // Of this file, and good as long as it is open.
  [[nodiscard]] Listing listing();
  [[nodiscard]] std::size_t size();  // in points
  // Calls `each` with every row of the view, one at a time, in the order of the points (and layers).
  using Each = std::function<void(const Rows& row)>;
  void each_point(const Each& each) { each_row(point_view() + " ORDER BY point", each); }
  void each_layer(const Each& each) { each_row(layer_view() + " ORDER BY point, layer_index", each); }
  // The columns of the views, and no row. Those of an older file are called as today; it may have fewer.
  [[nodiscard]] Rows point_columns_only() { return rows(point_view() + " LIMIT 0"); }
  [[nodiscard]] Rows layer_columns_only() { return rows(layer_view() + " LIMIT 0"); }
  // Of one point: its row, if there is such a point, and those of its layers, if it is done.
  [[nodiscard]] Rows point_row(std::size_t point);
  [[nodiscard]] Rows layer_rows(std::size_t point);
  // Of one point: the description of its accelerator, as YAML, the overrides that brought it to the study's
  // size, and what tells its trace from others; all empty in a file of an older program.
  struct Subject {
    std::string description, trace;
    std::vector<std::string> scaling;
  };
  [[nodiscard]] Subject subject_of(std::size_t point);
  // A row an accelerator: its name, then the energy of all its points by tag, pJ: a column a tag.
  [[nodiscard]] Rows energy_by_tag();

 private:
  class Lock {  // of this process, gone with it however it ends
   public:
    Lock() = default;
    explicit Lock(const std::filesystem::path& file);
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock();

   private:
    int descriptor_ = -1;
  };

  explicit StudyDatabase(const std::filesystem::path& file);
  explicit StudyDatabase(const Listing& draft);
  // A view of whatever schema by today's names, as the beginning of a statement.
  [[nodiscard]] std::string view(const std::string& name);
  [[nodiscard]] std::string point_view() { return view("point_rows"); }
  [[nodiscard]] std::string layer_view() { return view("layer_rows"); }
  [[nodiscard]] std::string as_own_columns(const std::string& table);
  [[nodiscard]] Rows rows(const std::string& sql);
  void each_row(const std::string& sql, const Each& each);
  [[nodiscard]] bool has(const std::string& table);
  void make_tables();
  void list(const Listing& listing);
  [[nodiscard]] bool lists(const Listing& listing);
  void insert_points(const Listing& listing, std::vector<std::string>& parameters);
  void make_views(const std::vector<std::string>& parameters);

  Lock lock_;
  SqliteFile file_;
  std::optional<SqliteStatement> state_;  // of state()
};

}  // namespace basil
