// A unit is one folder and a YAML file: the command with the toy's folder beside those of pe/ runs a shipped
// trace on it, and a copy of the sources finds the folder by itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

namespace fs = std::filesystem;

const std::string toy = std::string(BASIL_SOURCE_DIR) + "/testbenches/toy_unit";

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

nlohmann::json run_serial(const std::string& fidelity) {
  const Scratch scratch;
  const Outcome outcome =
      run_command("run " + sample("lenet.npz") + " --on " + toy + "/serial.yaml --fidelity " + fidelity +
                  " --json " + scratch.file("out.json"));
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_NE(outcome.output.find("every layer equals the golden executor"), std::string::npos)
      << outcome.output;
  return nlohmann::json::parse(text_of(scratch.file("out.json")));
}

TEST(ToyUnit, IsListedBesideTheOthers) {
  const std::string units = run_command("list units").output;
  EXPECT_NE(units.find("\n  serial "), std::string::npos) << units;
  EXPECT_NE(units.find("\n  mac "), std::string::npos) << units;
}

// L0: 64 pixels of 16 filters of 9 products over 16 rows: 4 rounds x 144.
TEST(ToyUnit, RunsATraceVerifiedAtBothFidelities) {
  const nlohmann::json fast = run_serial("transaction"), clocked = run_serial("cycle");
  ASSERT_EQ(fast["layers"].size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(fast["layers"][i]["verified"]);
    EXPECT_TRUE(clocked["layers"][i]["verified"]);
    EXPECT_EQ(fast["layers"][i]["cycles"], clocked["layers"][i]["cycles"]);
  }
  EXPECT_EQ(fast["layers"][0]["bins_pe_cycles"]["compute"], 16 * 4 * 144);
}

TEST(ToyUnit, IsComparedLikeAnyOther) {
  const Outcome outcome = run_command("compare " + sample("lenet.npz") + " --on sparten," + toy +
                                      "/serial.yaml --multipliers 64 --layer L1");
  EXPECT_EQ(outcome.status, 0) << outcome.output;
}

// What the table could not name is refused where it stands, in one line.
TEST(ToyUnit, IsRefusedByCMakeWhereFolderAndSymbolDiffer) {
  for (const auto& [folder, expected] : std::vector<std::pair<std::string, std::string>>{
           {"parallel", "defines serial_unit, expected parallel_unit"},
           {"bit-serial", "a unit's folder named 'bit-serial'"}}) {
    const Scratch scratch;
    for (const std::string room :
         {"CMakeLists.txt", "cmake", "core", "traces", "pe", "memory", "dataflows", "models", "testbenches"})
      fs::copy(fs::path(BASIL_SOURCE_DIR) / room, scratch.path() / room, fs::copy_options::recursive);
    fs::copy(toy + "/pe/serial", scratch.path() / "pe" / folder, fs::copy_options::recursive);
    const Outcome outcome = run_shell(BASIL_CMAKE " -G Ninja -DBASIL_TESTS=OFF -S " +
                                      scratch.path().string() + " -B " + scratch.file("build"));
    EXPECT_NE(outcome.status, 0);
    std::string words;  // CMake breaks lines between them
    for (const char letter : outcome.output) {
      if (letter != '\n' && letter != ' ')
        words += letter;
      else if (!words.ends_with(' '))
        words += ' ';
    }
    EXPECT_NE(words.find(expected), std::string::npos) << outcome.output;
  }
}

// The way of docs/extending.md: the folder copied into pe/ of sources that are otherwise as they were.
TEST(ToyUnit, IsFoundWhereItsFolderIsCopiedIntoPe) {
  const Scratch scratch;
  for (const std::string room :
       {"CMakeLists.txt", "cmake", "core", "traces", "pe", "memory", "dataflows", "models", "testbenches"}) {
    fs::copy(fs::path(BASIL_SOURCE_DIR) / room, scratch.path() / room, fs::copy_options::recursive);
  }
  fs::copy(toy + "/pe/serial", scratch.path() / "pe/serial",
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  const std::string build = scratch.file("build");
  const Outcome outcome = run_command("--version >/dev/null; " BASIL_CMAKE " -G Ninja -DBASIL_TESTS=ON -S " +
                                      scratch.path().string() + " -B " + build);
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_NE(text_of(build + "/pe/unit_table.cpp").find("&serial_unit,"), std::string::npos);
  const std::string rules = text_of(build + "/build.ninja");
  EXPECT_NE(rules.find("basil_pe.dir/serial/unit.cpp.o"), std::string::npos);
  EXPECT_NE(rules.find("pe_tests.dir/serial/serial_test.cpp.o"), std::string::npos);
}

}  // namespace
}  // namespace basil::testing
