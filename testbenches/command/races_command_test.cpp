// Two commands at once on one file, and commands killed on it.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

int rounds(int quick, int full) { return std::getenv("BASIL_FULL") != nullptr ? full : quick; }

class Races : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(scratch.file("s.yaml"))
        << "traces: " << sample("lenet.npz")
        << "\naccelerators: [eyeriss, scnn]\nlayers: L1\nparameters:\n  clock_mhz: "
           "{from: 100, to: 400, step: 50}\n  dram.link_mhz: [60, 120, 240]\n";
    ASSERT_EQ(in_folder("sweep s.yaml --quiet --db whole.sqlite").status, 0);
    whole = in_folder("export whole.sqlite").output;
  }
  Outcome in_folder(const std::string& words) const {
    return run_shell("cd " + scratch.path().string() + " && " + BASIL_COMMAND + " " + words);
  }
  pid_t start(const std::string& words, const std::string& log) const {
    const pid_t child = fork();
    if (child != 0) return child;
    const std::string line =
        "cd " + scratch.path().string() + " && exec " + BASIL_COMMAND + " " + words + " >" + log + " 2>&1";
    execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    _exit(9);
  }
  static int code_of(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string log(const std::string& name) const { return text_of(scratch.file(name)); }

  Scratch scratch;
  std::string whole;
};

// The second waits for the first to end, and finds all done; or is told after a while.
TEST_F(Races, TwoSweepsOnANewDatabaseRunEachPointOnce) {
  for (int round = 0; round < rounds(3, 20); ++round) {
    const pid_t first = start("sweep s.yaml --db new.sqlite", "1.log"),
                second = start("sweep s.yaml --db new.sqlite", "2.log");
    const int code_1 = code_of(first), code_2 = code_of(second);
    EXPECT_TRUE(code_1 == 0 || code_2 == 0);
    for (const auto& [code, name] : {std::pair{code_1, "1.log"}, {code_2, "2.log"}}) {
      if (code != 0) {
        EXPECT_NE(log(name).find("in use by another process"), std::string::npos) << log(name);
      }
    }
    EXPECT_EQ(in_folder("export new.sqlite").output, whole);
    for (const char* end : {"", "-wal", "-shm"})
      std::filesystem::remove(scratch.file(std::string("new.sqlite") + end));
  }
}

TEST_F(Races, OfTwoMergesIntoOneFileOneIsRefused) {
  for (int round = 0; round < rounds(5, 40); ++round) {
    const pid_t first = start("merge whole.sqlite -o m.sqlite", "1.log"),
                second = start("merge whole.sqlite -o m.sqlite", "2.log");
    const int code_1 = code_of(first), code_2 = code_of(second);
    EXPECT_EQ(code_1 + code_2, 2) << log("1.log") << log("2.log");
    EXPECT_NE((log("1.log") + log("2.log")).find("a file already"), std::string::npos);
    EXPECT_EQ(in_folder("export m.sqlite").output, whole);
    std::filesystem::remove(scratch.file("m.sqlite"));
    for (const auto& entry : std::filesystem::directory_iterator(scratch.path()))
      EXPECT_FALSE(entry.path().filename().string().starts_with(".")) << entry.path();
  }
}

TEST_F(Races, AStudyKilledAtAnyMomentGoesOnToTheSameRows) {
  for (int round = 0; round < rounds(8, 100); ++round) {
    const pid_t doomed = start("sweep s.yaml --quiet --db killed.sqlite", "k.log");
    std::this_thread::sleep_for(std::chrono::milliseconds(3 + 37 * round % 300));
    kill(doomed, SIGKILL);
    code_of(doomed);
  }
  const Outcome last = in_folder("sweep s.yaml --quiet --db killed.sqlite");
  EXPECT_EQ(last.status, 0) << last.output;
  EXPECT_EQ(in_folder("export killed.sqlite").output, whole);
}

}  // namespace
}  // namespace basil::testing
