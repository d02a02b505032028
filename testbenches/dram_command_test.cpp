// `basil dram` as a user runs it.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "testbenches/command.h"

namespace basil::testing {
namespace {

TEST(DramCommand, ReplaysATraceAndAccountsForEveryPicojoule) {
  const Scratch scratch;
  std::ofstream(scratch.file("t.txt")) << "# a read and a write of its row\n0x0 READ 0\n0x40 WRITE 5\n";
  const Outcome outcome =
      run_command("dram " + scratch.file("t.txt") + " --device ddr4-2400 --json " + scratch.file("t.json"));
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_NE(outcome.output.find("read latency"), std::string::npos) << outcome.output;
  std::ifstream in(scratch.file("t.json"));
  const nlohmann::json json = nlohmann::json::parse(in);
  EXPECT_EQ(json["read_latency_cycles"]["worst"], 17 + 17 + 4);  // tRCD + CL + BL/2
  double parts = 0;
  for (const auto& [part, pj] : json["energy_pj"].items()) parts += part == "total" ? 0 : pj.get<double>();
  EXPECT_NEAR(parts, json["energy_pj"]["total"].get<double>(), 1e-6);
}

TEST(DramCommand, ExplainsItself) {
  const Outcome outcome = run_command("dram --help");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.output.find("example:"), std::string::npos);
}

TEST(DramCommand, RefusesBadTracesAndImpossibleDevicesInOneLine) {
  struct Bad {
    const char* words;
    const char* said;
  };
  const Scratch scratch;
  std::ofstream(scratch.file("good.txt")) << "0x40 READ 0\n";
  std::ofstream(scratch.file("bad.txt")) << "0x40 READ 0\n0x80 FETCH 4\n";
  std::ofstream(scratch.file("far.txt")) << "0xFFFFFFFFFF READ 0\n";
  for (const Bad& bad :
       {Bad{"good.txt", "no device"}, Bad{"bad.txt --device ddr4-2400", "bad.txt:2: '0x80 FETCH 4'"},
        Bad{"far.txt --device ddr4-2400", "far.txt:1: address"}, Bad{"good.txt --device ddr5", "ddr4-2400"},
        Bad{"nothing.txt --device hbm2", "nothing.txt"},
        Bad{"good.txt --device ddr4-2400 --set timing.tRAS=16", "timing.tRAS: 16"},
        Bad{"good.txt --device ddr4-2400 --set organisation.banks=0", "organisation.banks: 0"},
        Bad{"good.txt --device ddr4-2400 --set timing.tRDC=3", "'tRCD'"},
        Bad{"good.txt --device ddr4-2400 --json no/such/out.json", "no/such"}}) {
    const Outcome outcome = run_command(std::string("--version >/dev/null; cd ") + scratch.path().string() +
                                        " && " + BASIL_COMMAND + " dram " + bad.words + " --quiet");
    EXPECT_EQ(outcome.status, 2) << bad.words << ": " << outcome.output;
    EXPECT_NE(outcome.output.find(bad.said), std::string::npos) << outcome.output;
    EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
  }
}

}  // namespace
}  // namespace basil::testing
