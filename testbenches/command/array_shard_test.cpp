// The part of a study that a task of a job array takes, as each manager says which task it is.
#include <gtest/gtest.h>

#include <fstream>

#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

class ArrayShard : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(scratch.file("s.yaml"))
        << "traces: " << sample("lenet.npz")
        << "\naccelerators: eyeriss\nlayers: L3\nparameters: {array.rows: [3, 4, 6, 12]}\n";
  }
  Outcome sweep(const std::string& variables, const std::string& options = "") const {
    return run_shell("cd " + scratch.path().string() + " && env " + variables + " " + BASIL_COMMAND +
                     " sweep s.yaml --quiet " + options);
  }
  [[nodiscard]] bool made(const std::string& name) const {
    const bool there = std::filesystem::exists(scratch.file(name));
    std::filesystem::remove(scratch.file(name));
    return there;
  }
  Scratch scratch;
};

TEST_F(ArrayShard, FollowsFromTheManagersVariables) {
  for (const auto& [variables, file] : std::vector<std::pair<std::string, std::string>>{
           {"SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=4",
            "s.2-of-2.sqlite"},
           {"SGE_TASK_ID=2 SGE_TASK_FIRST=1 SGE_TASK_LAST=3 SGE_TASK_STEPSIZE=1", "s.2-of-3.sqlite"},
           {"SGE_TASK_ID=undefined", "s.sqlite"},
           {"LSB_JOBINDEX=3 LSB_JOBINDEX_END=4", "s.3-of-4.sqlite"},
           {"LSB_JOBINDEX=0", "s.sqlite"},
           {"AWS_BATCH_JOB_ARRAY_INDEX=0 AWS_BATCH_JOB_ARRAY_SIZE=4", "s.1-of-4.sqlite"}}) {
    const Outcome outcome = sweep(variables);
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_TRUE(made(file)) << variables;
  }
}

TEST_F(ArrayShard, IsOfTheNumberOfPartsGivenWhereTheArrayDoesNotTell) {
  for (const auto& [variables, file] : std::vector<std::pair<std::string, std::string>>{
           {"PBS_ARRAY_INDEX=3", "s.3-of-4.sqlite"},
           {"PBS_ARRAYID=1", "s.1-of-4.sqlite"},
           {"AWS_BATCH_JOB_ARRAY_INDEX=0", "s.1-of-4.sqlite"},
           {"SLURM_ARRAY_TASK_ID=2 SLURM_ARRAY_TASK_COUNT=1 SLURM_ARRAY_TASK_MIN=2 SLURM_ARRAY_TASK_MAX=2",
            "s.2-of-4.sqlite"}}) {
    const Outcome outcome = sweep(variables, "--shard array/4");
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_TRUE(made(file)) << variables;
  }
}

TEST_F(ArrayShard, IsAskedForWhereItIsInDoubt) {
  for (const auto& [variables, said] : std::vector<std::pair<std::string, std::string>>{
           {"SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=1 SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_MAX=5",
            "an array of one task"},
           {"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=1 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=1",
            "an array of one task"},
           {"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=3",
            "without gaps"},
           {"SGE_TASK_ID=3 SGE_TASK_FIRST=1 SGE_TASK_LAST=5 SGE_TASK_STEPSIZE=2", "without gaps"},
           {"PBS_ARRAY_INDEX=3", "does not tell its size"},
           {"SLURM_ARRAY_TASK_ID=x", "a whole number"}}) {
    const Outcome outcome = sweep(variables);
    EXPECT_EQ(outcome.status, 2) << variables;
    EXPECT_NE(outcome.output.find(said), std::string::npos) << outcome.output;
    EXPECT_FALSE(made("s.sqlite"));
  }
  EXPECT_NE(sweep("A=1", "--shard array/4").output.find("no job array"), std::string::npos);
}

}  // namespace
}  // namespace basil::testing
