#include <fmt/format.h>

#include "core/error.h"
#include "models/study/database.h"
#include "testbenches/basil/verb.h"

namespace basil {
namespace {

namespace po = boost::program_options;

// A database in the making, with what SQLite keeps beside it; gone unless it was kept.
class Draft {
 public:
  explicit Draft(const std::filesystem::path& file) : file_(file.string() + ".part") { remove(); }
  ~Draft() { remove(); }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  void keep_as(const std::filesystem::path& name) const { std::filesystem::rename(file_, name); }

 private:
  void remove() const {
    std::error_code ignored;
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + end, ignored);
  }

  std::filesystem::path file_;
};

int run_merge(const Arguments& arguments) {
  const std::vector<std::string> files = arguments.list("databases");
  const std::filesystem::path out = arguments.get<std::string>("output");
  if (std::filesystem::exists(out)) throw Error(out.string(), "a file already", "a name that is free");
  const Listing listing = StudyDatabase::look(files.front()).listing();
  const Draft draft(out);
  std::size_t results = 0;
  {
    StudyDatabase merged(draft.file(), listing);
    for (const std::string& file : files) merged.take(file);
    results = merged.results().size();
  }
  draft.keep_as(out);
  print(fmt::format("{}: {} points, {} results from {} files\n", out.string(), listing.points.size(), results,
                    files.size()));
  return 0;
}

}  // namespace

Verb merge_verb() {
  return {.name = "merge",
          .summary = "joins the databases of a study's shards",
          .usage = "DATABASE... -o OUT.sqlite",
          .details =
              "The files must hold the same study with the same points, of the same build of the program. "
              "OUT is written\n"
              "whole or not at all. 'basil sweep STUDY.yaml --db OUT.sqlite' then runs what is missing and "
              "shows the fronts.",
          .example = "  basil merge study.1-of-2.sqlite study.2-of-2.sqlite -o study.sqlite\n",
          .positional = {},
          .many = "databases",
          .required = {"databases", "output"},
          .options =
              [](po::options_description_easy_init add) {
                add("databases", po::value<std::vector<std::string>>()->composing(),
                    "databases of 'basil sweep'")("output,o", po::value<std::string>(), "the file to write");
              },
          .run = run_merge};
}

}  // namespace basil
