// What can be added costs one file or folder: the command with the toys beside Basil's own runs them, and a
// build finds them wherever they lie.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

namespace fs = std::filesystem;

const fs::path testbenches = fs::path(BASIL_SOURCE_DIR) / "testbenches";
const std::string toy = (testbenches / "toy_unit").string();

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

// A recipe with the toy's step, to the toy's encoding, on a machine whose unit takes whatever it can read.
const std::string recipe = "steps: [{prune_blocks: {ratio: 0.5}}, {quantise: {bits: 8}}, {encode: blocks}]";

void write_text(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

void expect_toys_run(const std::string& command, const Scratch& scratch) {
  write_text(scratch.file("r.yaml"), recipe);
  const Outcome made = run_shell(command + " compress " + sample("digits-lenet.npz") + " --recipe " +
                                 scratch.file("r.yaml") + " -o " + scratch.file("t.npz"));
  ASSERT_EQ(made.status, 0) << made.output;
  EXPECT_NE(made.output.find("blocks"), std::string::npos) << made.output;
  for (const std::string& machine : {std::string("dcnn"), toy + "/serial.yaml"}) {
    const Outcome ran = run_shell(command + " run " + scratch.file("t.npz") + " --on " + machine);
    ASSERT_EQ(ran.status, 0) << ran.output;
    EXPECT_NE(ran.output.find("every layer equals the golden executor"), std::string::npos) << ran.output;
  }
}

TEST(ToyEncoding, IsListedMadeAndRun) {
  const std::string encodings = run_command("list encodings").output;
  EXPECT_NE(encodings.find("\n  blocks "), std::string::npos) << encodings;
  EXPECT_NE(run_command("list steps").output.find("  prune_blocks "), std::string::npos);
  EXPECT_NE(run_command("compress --help").output.find("- prune_blocks: {ratio: 0.5}"), std::string::npos);
  expect_toys_run(BASIL_COMMAND, Scratch());
}

// Cycles of a run with these settings of the memory.
std::int64_t cycles_of(const std::string& settings) {
  const Scratch scratch;
  const Outcome outcome = run_command("run " + sample("lenet.npz") + " --on eyeriss " + settings +
                                      " --json " + scratch.file("out.json"));
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  std::int64_t cycles = 0;
  const auto result = nlohmann::json::parse(text_of(scratch.file("out.json")));
  for (const auto& layer : result["layers"]) cycles += layer["cycles"].get<std::int64_t>();
  return cycles;
}

// Flat with 10 cycles is a link of 50 ns at 200 MHz whose rows are always open.
TEST(ToyMemory, IsChosenByItsKeyAndItsKeyCounts) {
  EXPECT_NE(run_command("list memories").output.find("  flat "), std::string::npos);
  const std::int64_t link = cycles_of("--set dram.latency_ns=50 --set dram.row_miss_ns=0");
  EXPECT_EQ(cycles_of("--set dram.kind=flat --set dram.access_cycles=10"), link);
  EXPECT_GT(cycles_of("--set dram.kind=flat --set dram.access_cycles=500"), link);
}

TEST(ToyMemory, IsRefusedWithADevice) {
  const Outcome outcome = run_command("run " + sample("lenet.npz") +
                                      " --on eyeriss --set dram.kind=flat --set dram.device=ddr4-2400");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.output.find("expected none, or a kind that is made of a device"), std::string::npos)
      << outcome.output;
}

// A sum in each PE, one product a cycle: no cycle but of products, at either fidelity.
TEST(ToyDataflow, RunsVerifiedAtBothFidelities) {
  EXPECT_NE(run_command("list dataflows").output.find("  broadcast "), std::string::npos);
  std::vector<nlohmann::json> results;
  for (const std::string fidelity : {"transaction", "cycle"}) {
    const Scratch scratch;
    const Outcome outcome = run_command("run " + sample("lenet.npz") +
                                        " --on tpu-like --set array.dataflow=broadcast --fidelity " +
                                        fidelity + " --json " + scratch.file("out.json"));
    ASSERT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_NE(outcome.output.find("every layer equals the golden executor"), std::string::npos)
        << outcome.output;
    results.push_back(nlohmann::json::parse(text_of(scratch.file("out.json"))));
  }
  for (std::size_t i = 0; i < results[0]["layers"].size(); ++i) {
    const auto& fast = results[0]["layers"][i];
    const auto& clocked = results[1]["layers"][i];
    EXPECT_EQ(fast["cycles"], clocked["cycles"]);
    EXPECT_EQ(fast["bins_pe_cycles"]["compute"], fast["macs"]);
    EXPECT_EQ(clocked["bins_pe_cycles"]["compute"], fast["macs"]);
    EXPECT_EQ(fast["bins_pe_cycles"]["wait-activations"], 0);
  }
}

// What a file of the sources would say of the encoding that is not there.
TEST(ToyEncoding, IsUnknownToTheCommandWithoutIt) {
  const Scratch scratch;
  write_text(scratch.file("r.yaml"), recipe);
  const Outcome refused = run_shell(BASIL_BUILD "/testbenches/basil compress " + sample("digits-lenet.npz") +
                                    " --recipe " + scratch.file("r.yaml") + " -o " + scratch.file("t.npz"));
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.output.find("prune_blocks: unknown key"), std::string::npos) << refused.output;
}

// Words one blank apart, as CMake's messages break lines between them.
std::string on_one_line(const std::string& text) {
  std::string words;
  for (const char letter : text) {
    if (letter != '\n' && letter != ' ')
      words += letter;
    else if (!words.ends_with(' '))
      words += ' ';
  }
  return words;
}

// The toys copied out of the sources, as a user's own folder.
void copy_toys(const fs::path& folder) {
  for (const char* kind : {"toy_unit", "toy_encoding", "toy_step", "toy_memory", "toy_dataflow"})
    fs::copy(testbenches / kind, folder, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

std::string configured(const std::string& sources, const Scratch& scratch, const std::string& options) {
  return BASIL_CMAKE " -G Ninja -S " + sources + " -B " + scratch.file("build") +
         " -DBASIL_EXTRA=" + scratch.file("mine") + " " + options;
}

// cmake/extra: a folder outside the sources, compiled alone and linked against this build.
TEST(Extra, IsLinkedAgainstAFinishedBuild) {
  const Scratch scratch;
  copy_toys(scratch.file("mine"));
  const Outcome built =
      run_shell(configured(BASIL_SOURCE_DIR "/cmake/extra", scratch, "-DBASIL_BUILD=" BASIL_BUILD) +
                " && " BASIL_CMAKE " --build " + scratch.file("build"));
  ASSERT_EQ(built.status, 0) << built.output;
  const std::string command = scratch.file("build") + "/basil";
  EXPECT_NE(run_shell(command + " list units").output.find("  serial "), std::string::npos);
  expect_toys_run(command, scratch);
}

// The preset's build with the folder named: tables and rules have what lies there, and nothing was copied.
TEST(Extra, IsFoundByTheWholeBuild) {
  const Scratch scratch;
  copy_toys(scratch.file("mine"));
  const Outcome outcome = run_shell(configured(BASIL_SOURCE_DIR, scratch, "-DBASIL_TESTS=OFF"));
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  const std::string build = scratch.file("build");
  EXPECT_NE(text_of(build + "/pe/unit_types.cpp").find("&serial_unit,"), std::string::npos);
  EXPECT_NE(text_of(build + "/traces/encoding_types.cpp").find("&blocks_encoding,"), std::string::npos);
  EXPECT_NE(text_of(build + "/models/dataflow_types.cpp").find("&broadcast_dataflow,"), std::string::npos);
  EXPECT_NE(text_of(build + "/traces/recipe_step_types.cpp").find("&prune_blocks_step,"), std::string::npos);
  const std::string rules = text_of(build + "/build.ninja");
  for (const std::string source : {"pe/serial/unit.cpp", "models/dataflows/broadcast.cpp",
                                   "traces/encodings/blocks.cpp", "traces/compress/prune_blocks.cpp"})
    EXPECT_NE(rules.find(std::string("mine/") + source), std::string::npos) << source;
  EXPECT_EQ(rules.find("serial_test.cpp"), std::string::npos);
}

// What a table could not name is refused where it stands, in one line.
TEST(Extra, IsRefusedWhereFileAndSymbolDiffer) {
  for (const auto& [from, to, expected] : std::vector<std::array<std::string, 3>>{
           {"toy_unit/pe/serial/unit.cpp", "pe/parallel/unit.cpp",
            "defines serial_unit, expected parallel_unit"},
           {"toy_unit/pe/serial/unit.cpp", "pe/bit-serial/unit.cpp",
            "would make the symbol 'bit-serial_unit'"},
           {"toy_encoding/traces/encodings/blocks.cpp", "traces/encodings/eights.cpp",
            "defines blocks_encoding, expected eights_encoding"}}) {
    const Scratch scratch;
    const fs::path file = fs::path(scratch.file("mine")) / to;
    fs::create_directories(file.parent_path());
    fs::copy(testbenches / from, file);
    const Outcome outcome = run_shell(configured(BASIL_SOURCE_DIR, scratch, "-DBASIL_TESTS=OFF"));
    EXPECT_NE(outcome.status, 0);
    EXPECT_NE(on_one_line(outcome.output).find(expected), std::string::npos) << outcome.output;
  }
}

}  // namespace
}  // namespace basil::testing
