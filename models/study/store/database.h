// The results of a study: one SQLite file in WAL mode that survives a kill at any moment.
//   study    its name, the program's name, version and build
//   points   the study's points: number, key, trace, accelerator, values
//   results  a row a key: how it ended, and its figures
//   layers   a row a key and layer
//   point_rows, layer_rows   views for readers: by point, a column a parameter
// A key says all that a result depends on (keys_of() in points.h); so a result is stored once, found again
// after an interruption, and still there when the study has grown.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/study/store/figures.h"
#include "models/study/store/rows.h"
#include "models/study/store/sqlite.h"

namespace basil {

// One point as the database lists it.
struct ListedPoint {
  std::string key, trace, accelerator;
  std::vector<std::pair<std::string, std::string>> values;
};

struct Listing {
  std::string study, program;
  std::vector<ListedPoint> points;
};

class StudyDatabase {
 public:
  // Makes the file if need be; only one process at a time may hold it. Errors as look().
  StudyDatabase(const std::filesystem::path& file, const Listing& listing);
  // As it is, for readers. Error when it is no study's database, or of another schema.
  static StudyDatabase look(const std::filesystem::path& file);
  // Whether a kill left the file before anything was in it.
  static bool is_empty(const std::filesystem::path& file);
  // Whether `file` was begun. Error when this listing's results may not go there: no study's database,
  // another build of the program, another study. Touches nothing.
  static bool begun(const std::filesystem::path& file, const Listing& listing);

  [[nodiscard]] std::string study();
  [[nodiscard]] std::string program();
  [[nodiscard]] std::map<std::string, PointStatus> results();
  // All in one transaction; a result of a key that has one takes its place.
  void store(const std::vector<std::pair<std::string, PointResult>>& results);
  // The results of another file of the same study. Of a key that both have, the one that is done stays.
  // Error when its points differ from these.
  void take(const std::filesystem::path& other);

  [[nodiscard]] Listing listing();
  [[nodiscard]] std::size_t size();  // in points
  [[nodiscard]] Rows point_rows() { return rows("SELECT * FROM point_rows ORDER BY point"); }
  [[nodiscard]] Rows layer_rows() { return rows("SELECT * FROM layer_rows ORDER BY point, layer"); }
  // Of one point: its row, if there is such a point, and those of its layers, if it is done.
  [[nodiscard]] Rows point_row(std::size_t point);
  [[nodiscard]] Rows layer_rows(std::size_t point);
  // A row an accelerator: its name, then the energy of all its points by tag, pJ: a column a tag.
  [[nodiscard]] Rows energy_by_tag();

 private:
  class Lock {  // of this process, gone with it however it ends
   public:
    Lock() = default;
    explicit Lock(const std::filesystem::path& file);
    Lock(Lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Lock& operator=(Lock&&) = delete;
    ~Lock();

   private:
    int descriptor_ = -1;
  };

  explicit StudyDatabase(const std::filesystem::path& file);
  [[nodiscard]] Rows rows(const std::string& sql);
  void make_tables();
  void list(const Listing& listing);
  void make_views(const Listing& listing);

  Lock lock_;
  SqliteFile file_;
};

}  // namespace basil
