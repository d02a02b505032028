// `basil run` says why, and --why what relief gives, which is what a run of that variant gives.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

using Json = nlohmann::json;

Json run(const Scratch& scratch, const std::string& words) {
  const Outcome outcome =
      run_command("run " + sample("lenet.npz") + " --quiet " + words + " --json " + scratch.file("r.json"));
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  return Json::parse(text_of(scratch.file("r.json")));
}

std::int64_t wait(const Json& layer, const std::string& operand, const std::string& when) {
  return layer["dram_wait_" + operand + "_" + when + "_cycles"];
}

TEST(WhyCommand, AccountsForEveryCycleThatWaitsForDram) {
  const Scratch scratch;
  for (const std::string on :
       {"eyeriss", "eyeriss --fidelity cycle", "tpu-like", "scnn", "sparten --set overlap.ofmap=false",
        "eyeriss --set dram.device=ddr4-2400", "eyeriss --set tiles=3 --set noc.kind=mesh"}) {
    for (const Json& layer : run(scratch, "--on " + on)["layers"]) {
      std::int64_t waits = 0;
      for (const std::string operand : {"weights", "ifmap", "ofmap"}) {
        waits += wait(layer, operand, "edge") + wait(layer, operand, "steady");
      }
      EXPECT_EQ(waits, layer["dram_stall_cycles"].get<std::int64_t>()) << on << layer["layer"];
    }
  }
}

// A layer of one pass waits for its first weights and ifmap, and for its results; for nothing in between.
TEST(WhyCommand, TellsTheFirstLoadFromTheSteadyState) {
  const Scratch scratch;
  for (const Json& layer : run(scratch, "--on sparten")["layers"]) {
    ASSERT_EQ(layer["passes"], 1);
    for (const std::string operand : {"weights", "ifmap", "ofmap"}) {
      EXPECT_GT(wait(layer, operand, "edge"), 0);
      EXPECT_EQ(wait(layer, operand, "steady"), 0);
    }
  }
  const Json fed = run(scratch, "--on eyeriss --layer L1")["layers"][0];
  EXPECT_GT(wait(fed, "weights", "steady"), 0);  // four passes, whose weights come one after the other
}

TEST(WhyCommand, GivesWhatTheVariantGives) {
  const Scratch scratch;
  const Json why = run(scratch, "--on eyeriss --why");
  ASSERT_EQ(why["causes"].size(), 3U);
  const double gain = why["cycles"].get<double>() /
                      run(scratch, "--on eyeriss --set dram.link_mhz=120")["cycles"].get<double>();
  int relieved = 0;
  for (const Json& cause : why["causes"]) {
    if (!cause.contains("relief")) continue;  // no key stands for it
    ASSERT_EQ(cause["relief"], "twice the DRAM link");
    ++relieved;
    EXPECT_DOUBLE_EQ(cause["speedup"], gain);
    EXPECT_NE(cause["sentence"].get<std::string>().find(fmt::format("gives {:.2f}x", gain)),
              std::string::npos);
  }
  EXPECT_EQ(relieved, 2);
  for (const Json& cause : run(scratch, "--on eyeriss")["causes"]) {
    EXPECT_FALSE(cause.contains("speedup"));  // never guessed
    EXPECT_FALSE(cause.contains("relief"));
  }
}

TEST(WhyCommand, EndsTheReport) {
  const Outcome outcome = run_command("run " + sample("lenet.npz") + " --on eyeriss");
  const std::size_t at =
      outcome.output.find("  costs most (--why runs what would relieve it):\n    weights from DRAM");
  ASSERT_NE(at, std::string::npos) << outcome.output;
  EXPECT_EQ(std::count(outcome.output.begin() + static_cast<std::ptrdiff_t>(at), outcome.output.end(), '\n'),
            4);
}

}  // namespace
}  // namespace basil::testing
