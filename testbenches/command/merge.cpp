#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/interrupt.h"
#include "models/study/store/database.h"
#include "testbenches/command/verb.h"

namespace basil {
namespace {

namespace po = boost::program_options;

int run_merge(const Arguments& arguments) {
  std::vector<std::string> files = arguments.list("databases");
  std::erase_if(files, [](const std::string& file) { return StudyDatabase::is_empty(file); });
  if (files.empty()) throw Error("basil merge", "databases that hold nothing yet", "one with points");
  const std::filesystem::path out = arguments.get<std::string>("output");
  const Error taken(out.string(), "a file already", "a name that is free");
  if (std::filesystem::exists(out)) throw taken;
  StudyDatabase first = StudyDatabase::look(files.front());
  const Listing listing = first.listing();
  UnfinishedFile draft(out);
  std::size_t results = 0;
  {
    StudyDatabase merged(draft.name(), listing);
    for (const std::string& file : files) merged.take(file);
    results = merged.results();
  }
  if (!draft.become(out)) {
    if (errno == EEXIST) throw taken;  // another merge was faster
    throw Error(out.string(), std::string("cannot be written: ") + std::strerror(errno));
  }
  print(fmt::format("{}: {} points, {} results from {} files\n", out.string(), listing.size, results,
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
                    "databases of 'basil sweep'")("output,o", database_output(), "the file to write");
              },
          .run = run_merge};
}

}  // namespace basil
