// Pilots on a shared folder: between them they run each point, whoever is killed.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

class Pull : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(scratch.file("s.yaml"))
        << "traces: " << sample("lenet.npz")
        << "\naccelerators: [eyeriss, scnn]\nparameters:\n  clock_mhz: {from: 100, to: 400, "
           "step: 50}\n  dram.link_mhz: [60, 120, 240]\n";
    ASSERT_EQ(in_folder("sweep s.yaml --quiet --db whole.sqlite").status, 0);
  }
  Outcome in_folder(const std::string& words) const {
    return run_shell("cd " + scratch.path().string() + " && " + BASIL_COMMAND + " " + words);
  }
  pid_t pilot() const {
    const pid_t child = fork();
    if (child != 0) return child;
    if (chdir(scratch.path().c_str()) != 0) _exit(9);
    execl(BASIL_COMMAND, "basil", "sweep", "s.yaml", "--quiet", "--pull", "pool", nullptr);
    _exit(9);
  }
  static int end_of(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return status;
  }
  // What the pilots ran, joined, is what one run says.
  void expect_whole() const {
    ASSERT_EQ(in_folder("merge pool/*.sqlite -o merged.sqlite").status, 0);
    for (const char* rows : {" --rows points", " --rows layers"})
      EXPECT_EQ(in_folder("export merged.sqlite" + std::string(rows)).output,
                in_folder("export whole.sqlite" + std::string(rows)).output);
  }
  Scratch scratch;
};

TEST_F(Pull, SharesThePointsOut) {
  const pid_t first = pilot(), second = pilot();
  EXPECT_EQ(end_of(first), 0);
  EXPECT_EQ(end_of(second), 0);
  expect_whole();
}

TEST_F(Pull, SurvivesTheEndOfAnyPilot) {
  for (int round = 0; round < 6; ++round) {
    const pid_t doomed = pilot();
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + 25 * round));
    kill(doomed, SIGKILL);
    end_of(doomed);
  }
  const pid_t last = pilot();
  EXPECT_EQ(end_of(last), 0);
  expect_whole();
}

}  // namespace
}  // namespace basil::testing
