// Mapping files by the command: a run with its own mappings is the same run, and what does not fit is one
// line.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

// But for how it was asked for.
nlohmann::json result_of(const std::string& file) {
  nlohmann::json result = nlohmann::json::parse(text_of(file));
  for (const char* key : {"command", "overrides", "description"}) result.erase(key);
  return result;
}

class WrittenMappings : public ::testing::TestWithParam<const char*> {};

TEST_P(WrittenMappings, MakeTheSameRun) {
  const Scratch scratch;
  const std::string run = "run " + sample("lenet.npz") + " --quiet --on " + GetParam() + " --json ";
  ASSERT_EQ(run_command(run + scratch.file("a.json") + " --mappings-out " + scratch.file("m.yaml")).status,
            0);
  const Outcome again =
      run_command(run + scratch.file("b.json") + " --set mappings=" + scratch.file("m.yaml") +
                  " --mappings-out " + scratch.file("again.yaml"));
  ASSERT_EQ(again.status, 0) << again.output;
  EXPECT_EQ(result_of(scratch.file("a.json")), result_of(scratch.file("b.json")));
  EXPECT_EQ(text_of(scratch.file("m.yaml")), text_of(scratch.file("again.yaml")));
  EXPECT_NE(text_of(scratch.file("m.yaml")).find("layer: \"L0\""), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Machines, WrittenMappings,
                         ::testing::Values("eyeriss", "eyeriss --set tiles=3", "int16",
                                           "eyeriss --set mapper.objective=energy"));

struct RefusedMappings {
  const char* mappings;
  const char* said;
};
class BadMappings : public ::testing::TestWithParam<RefusedMappings> {};

TEST_P(BadMappings, AreOneLineAndExitCode2) {
  const Scratch scratch;
  std::ofstream(scratch.file("m.yaml")) << GetParam().mappings;
  const Outcome outcome =
      run_command("run " + sample("lenet.npz") + " --on eyeriss --set mappings=" + scratch.file("m.yaml") +
                  " --json " + scratch.file("out.json"));
  EXPECT_EQ(outcome.status, 2) << outcome.output;
  EXPECT_NE(outcome.output.find(GetParam().said), std::string::npos) << outcome.output;
  EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
  EXPECT_FALSE(std::filesystem::exists(scratch.file("out.json")));
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadMappings,
    ::testing::Values(
        RefusedMappings{"mappings:\n  - {layer: L0, m: 1, n: 1, e: 1, p: 1, q: 1, r: 1, t: 1, u: 2}\n",
                        "m.yaml:2:59: mappings[0].u: unknown key"},
        RefusedMappings{"mappings:\n  - {layer: L9, m: 1, n: 1, e: 1, p: 1, q: 1, r: 1, t: 1}\n",
                        "m.yaml:2:13: mappings[0].layer: 'L9', no layer of lenet_digits"},
        RefusedMappings{"mappings:\n  - {layer: L0, m: 99, n: 1, e: 1, p: 99, q: 1, r: 1, t: 1}\n",
                        "m.yaml:2:13: mappings[0].layer: layer L0 on eyeriss: mapping p: 99, expected at "
                        "most the psum spad's "
                        "24 words"},
        RefusedMappings{"- {layer: L0}\n", "m.yaml:1:1: a list, expected a map"},
        RefusedMappings{"mappings:\n  - {layer: L0, m: 1e3}\n", "m.yaml:2:20: mappings[0].m: '1e3'"}));

TEST(MappingsOut, NeedsARowStationaryArrayAndOneProcess) {
  const Scratch scratch;
  const std::string out = " --mappings-out " + scratch.file("m.yaml");
  const Outcome other = run_command("run " + sample("lenet.npz") + " --on tpu-like" + out);
  EXPECT_EQ(other.status, 2);
  EXPECT_NE(other.output.find("a row-stationary accelerator"), std::string::npos) << other.output;
  const Outcome jobs = run_command("run " + sample("lenet.npz") + " --on eyeriss --jobs 2" + out);
  EXPECT_EQ(jobs.status, 2);
  EXPECT_FALSE(std::filesystem::exists(scratch.file("m.yaml")));
}

}  // namespace
}  // namespace basil::testing
