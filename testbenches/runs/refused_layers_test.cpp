// A layer that a machine cannot run does not lose the others', nor an accelerator that cannot run them.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

// Kernels of 40 x 40 need more accumulators than this array is left with.
const std::string few_accumulators = " --set scnn:unit.banks=1";

std::string mixed_trace(const Scratch& scratch) {
  std::ofstream(scratch.file("mix.yaml")) << "name: mix\nsource: test\nlayers:\n"
                                             "  - {name: ok1, C: 4, H: 6, K: 4, R: 1}\n"
                                             "  - {name: big, C: 3, H: 48, K: 2, R: 40}\n"
                                             "  - {name: ok2, C: 4, H: 6, K: 4, R: 1}\n";
  const Outcome made = run_command("synth " + scratch.file("mix.yaml") + " -o " + scratch.file("mix.npz"));
  EXPECT_EQ(made.status, 0) << made.output;
  return scratch.file("mix.npz");
}

nlohmann::json json_of(const std::string& file) {
  std::ifstream in(file);
  return nlohmann::json::parse(in);
}

void expect_the_others(const Scratch& scratch, const std::string& more) {
  const Outcome outcome = run_command("run " + mixed_trace(scratch) + " --on scnn --set unit.banks=1" + more +
                                      " --json " + scratch.file("r.json"));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.output.find("NOT RUN: layer big: accumulators of a PE"), std::string::npos)
      << outcome.output;
  EXPECT_NE(outcome.output.find("\nbasil run: layer big: accumulators of a PE"), std::string::npos);
  const nlohmann::json json = json_of(scratch.file("r.json"));
  ASSERT_EQ(json["layers"].size(), 2U);
  EXPECT_EQ(json["layers"][0]["layer"], "ok1");
  EXPECT_EQ(json["layers"][1]["layer"], "ok2");
  EXPECT_EQ(json["layers"][1]["verified"], true);
  ASSERT_EQ(json["refused"].size(), 1U);
  EXPECT_EQ(json["refused"][0]["layer"], "big");
}

TEST(RefusedLayers, RunGivesTheOthers) { expect_the_others(Scratch(), ""); }
TEST(RefusedLayers, RunInChildrenGivesTheOthers) { expect_the_others(Scratch(), " --jobs 3"); }

TEST(RefusedLayers, WhereNoneRunsTheErrorIsTheirs) {
  const Scratch scratch;
  const Outcome outcome =
      run_command("run " + mixed_trace(scratch) + " --on scnn --layer big --set unit.banks=1");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.output.find("layer big: accumulators of a PE"), std::string::npos) << outcome.output;
}

TEST(RefusedLayers, CompareKeepsTheOtherAccelerators) {
  const Scratch scratch;
  const Outcome outcome = run_command("compare " + mixed_trace(scratch) + " --on dcnn,scnn,sparten" +
                                      few_accumulators + " --json " + scratch.file("c.json"));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.output.find("NOT COMPARED scnn: layer big: accumulators of a PE"), std::string::npos)
      << outcome.output;
  const nlohmann::json json = json_of(scratch.file("c.json")).at(0);
  ASSERT_EQ(json["accelerators"].size(), 2U);
  EXPECT_EQ(json["accelerators"][1]["accelerator"], "sparten");
  EXPECT_EQ(json["accelerators"][1]["layers"].size(), 3U);
  EXPECT_EQ(json["refused"][0]["accelerator"], "scnn");
}

TEST(RefusedLayers, CompareWhereNoneRunsIsAnError) {
  const Scratch scratch;
  const Outcome outcome = run_command("compare " + mixed_trace(scratch) + " --on scnn" + few_accumulators);
  EXPECT_EQ(outcome.status, 2);
}

}  // namespace
}  // namespace basil::testing
