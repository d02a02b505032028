// That a study's size costs neither the memory of whoever runs it nor that of its points.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "models/study/store/database.h"
#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

class StudySize : public ::testing::Test {
 protected:
  // 100 times `clocks` points of a small layer.
  std::string study(int clocks) const {
    const std::string file = scratch.file("study.yaml");
    std::ofstream(file) << "traces: " << sample("lenet.npz")
                        << "\naccelerators: eyeriss\nlayers: L3\nverify: false\nparameters:\n"
                           "  clock_mhz: {from: 100, to: "
                        << 99 + clocks << ", step: 1}\n  dram.link_mhz: {from: 60, to: 159, step: 1}\n";
    return file;
  }
  // The most that a process of the command held, in bytes; its children aside.
  std::int64_t most_memory(const std::vector<std::string>& words) const {
    const pid_t pid = fork();
    if (pid == 0) {
      std::vector<char*> all{const_cast<char*>(BASIL_COMMAND)};
      for (const std::string& word : words) all.push_back(const_cast<char*>(word.c_str()));
      all.push_back(nullptr);
      execv(BASIL_COMMAND, all.data());
      _exit(127);
    }
    int status = 0;
    rusage usage{};
    wait4(pid, &status, 0, &usage);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    return std::int64_t{usage.ru_maxrss} * 1024;
  }

  Scratch scratch;
};

#ifndef __SANITIZE_ADDRESS__  // which keeps what was freed

TEST_F(StudySize, CostsNoMemoryWhereItsPointsAreListed) {
  const bool full = std::getenv("BASIL_FULL") != nullptr;
  const auto dry = [&](int clocks) { return most_memory({"sweep", study(clocks), "--dry-run"}); };
  const std::int64_t small = dry(300), large = dry(full ? 10000 : 2000);  // up to a million points
  EXPECT_LT(large - small, 4'000'000) << "from " << small << " to " << large;
}

// Front, table, JSON and CSV of a study as they are made from a database.
TEST_F(StudySize, CostsNoMemoryWhereItsResultsAreShown) {
  const auto shown = [&](int clocks) {
    const std::string file = study(clocks), database = scratch.file(std::to_string(clocks) + ".sqlite");
    {
      const Listing listing{.study = "study",
                            .program = "basil of a test",
                            .size = static_cast<std::size_t>(100 * clocks),
                            .point = [](std::size_t i) {
                              return ListedPoint{.key = std::to_string(i),
                                                 .trace = "lenet",
                                                 .accelerator = "eyeriss",
                                                 .values = {{"clock_mhz", std::to_string(i)}}};
                            }};
      StudyDatabase made(database, listing);
      std::vector<std::pair<std::string, PointResult>> results;
      for (std::size_t i = 0; i < listing.size; ++i) {
        PointResult result{.status = PointStatus::done, .error = {}, .figures = {}, .layers = {}};
        for (const MetricColumn* column : stored_run_columns())
          result.figures.push_back(column->name == "energy_pj" ? Datum(1e6 + static_cast<double>(i % 97))
                                                               : Datum(1 + i % 89));
        results.emplace_back(std::to_string(i), std::move(result));
      }
      made.store(results);
    }
    return std::max(most_memory({"sweep", file, "--show", "--quiet", "--db", database, "--json",
                                 scratch.file("out.json"), "--report", scratch.file("out.html")}),
                    most_memory({"export", database, "-o", scratch.file("out.csv")}));
  };
  const std::int64_t small = shown(100), large = shown(1000);
  EXPECT_LT(large - small, 4'000'000) << "from " << small << " to " << large;
}

#endif

}  // namespace
}  // namespace basil::testing
