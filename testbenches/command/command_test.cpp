// The command as a user runs it: the main job on real networks, and one clear line for what is wrong.
#include "testbenches/command/command.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "testbenches/selftests/selftests.h"
#include "testbenches/vcd/vcd_check.h"

namespace basil::testing {
namespace {

nlohmann::json json_of(const std::string& file) { return nlohmann::json::parse(text_of(file)); }

// --- the main job

class Networks : public ::testing::TestWithParam<std::tuple<std::string, int>> {};

// import, compress to int8 with bitmap weights, run: every layer equals the golden executor.
TEST_P(Networks, VerifyOnEveryMachine) {
  const auto& [name, batch] = GetParam();
  const std::string file = std::filesystem::exists(sample(name)) ? sample(name) : shared_data(name);
  if (!std::filesystem::exists(file))
    GTEST_SKIP() << "no " << file << ": the network is not shipped with the project";
  const Scratch scratch;
  const std::string net = scratch.file("net.npz"), trace = scratch.file("trace.npz"),
                    recipe = scratch.file("recipe.yaml");
  std::ofstream(recipe) << "steps:\n  - quantise: {bits: 8, per: channel}\n  - encode: bitmap\n";
  ASSERT_EQ(run_command("import " + file + " --batch " + std::to_string(batch) + " -o " + net).status, 0);
  ASSERT_EQ(run_command("compress " + net + " --recipe " + recipe + " -o " + trace).status, 0);
  for (const std::string machine : {"eyeriss", "tpu-like"}) {
    const Outcome outcome =
        run_command("run " + trace + " --quiet --on " + machine + " --json " + scratch.file("out.json"));
    ASSERT_EQ(outcome.status, 0) << machine << ": " << outcome.output;
    for (const auto& layer : json_of(scratch.file("out.json"))["layers"]) {
      EXPECT_TRUE(layer["verified"]) << layer["layer"];
      EXPECT_EQ(layer["shape"]["N"], batch);
      std::int64_t bins = 0;
      for (const auto& [column, cycles] : layer.items())
        bins += column.starts_with("bin_") ? cycles.get<std::int64_t>() : 0;
      EXPECT_EQ(bins, layer["cycles"].get<std::int64_t>() * (machine == "eyeriss" ? 168 : 1024))
          << layer["layer"];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Real, Networks,
                         ::testing::Combine(::testing::Values("digits-lenet.npz", "fashion-vgg.npz",
                                                              "face-resnet34.npz", "facedet-sparse70.npz"),
                                            ::testing::Values(1, 4)),
                         [](const auto& tested) {
                           std::string name =
                               std::get<0>(tested.param).substr(0, std::get<0>(tested.param).size() - 4) +
                               "_batch" + std::to_string(std::get<1>(tested.param));
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Command, JobsDoNotChangeAResult) {
  const Scratch scratch;
  const std::string trace = sample("lenet.npz");
  ASSERT_EQ(run_command("run " + trace + " --on eyeriss --quiet --json " + scratch.file("1.json")).status, 0);
  ASSERT_EQ(
      run_command("run " + trace + " --on eyeriss --quiet --jobs 3 --json " + scratch.file("3.json")).status,
      0);
  EXPECT_EQ(text_of(scratch.file("1.json")), text_of(scratch.file("3.json")));
}

TEST(Command, TheWaveformParsesWholeAndEndsWithTheLastCycle) {
  const Scratch scratch;
  for (const std::string fidelity : {"transaction", "cycle"}) {
    const Outcome outcome =
        run_command("run " + sample("lenet.npz") + " --on eyeriss --quiet --fidelity " + fidelity +
                    " --vcd " + scratch.file("w.vcd") + " --json " + scratch.file("w.json"));
    ASSERT_EQ(outcome.status, 0) << outcome.output;
    const VcdSummary summary = check_vcd(std::filesystem::path(scratch.file("w.vcd")));
    EXPECT_EQ(static_cast<std::int64_t>(summary.last_time),
              json_of(scratch.file("w.json"))["cycles"].get<std::int64_t>())
        << fidelity;
    EXPECT_NE(text_of(scratch.file("w.gtkw")).find("array.state"), std::string::npos);
  }
}

TEST(Command, EveryVerbExplainsItself) {
  for (const std::string verb :
       {"run", "compare", "diff", "sweep", "merge", "export", "import", "compress", "synth", "check",
        "inspect", "dram", "noc", "list", "show", "selftest", "completion", "man"}) {
    const Outcome outcome = run_command(verb + " --help");
    EXPECT_EQ(outcome.status, 0) << verb;
    EXPECT_NE(outcome.output.find("example:"), std::string::npos) << verb;
  }
}

// The quick forms; BASIL_FULL=1 runs the full ones, with the real networks where they are.
TEST(Command, SelftestsHold) {
  const std::string data =
      std::filesystem::exists(shared_data("fashion-vgg.npz")) ? " --data " + shared_data("") : "";
  const std::string form = std::getenv("BASIL_FULL") != nullptr ? " --full" : "";
  for (const Selftest& test : selftests()) {
    const Outcome outcome = run_command("selftest " + test.name + form + data);
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_EQ(outcome.output.find("MISSED"), std::string::npos) << outcome.output;
  }
}

struct Shown {
  std::string accelerator, step, signal;  // a recipe's step for its encoding, and what its waveform must move
};

// A machine whose unit fills the array: the clocked array's own registers move, and the account is the
// cycle's.
TEST(Command, TheWaveformShowsWindowsQueuesAndStalls) {
  const Scratch scratch;
  const std::vector<Shown> all{{"sparten", "quantise: {bits: 8}", "matches_left"},
                               {"scnn", "quantise: {bits: 8}", "queue"},
                               {"dcnn", "quantise: {bits: 8}", "array."},
                               {"escalate", "basis: {bases: 4, density: 0.3}", "window_terms"},
                               {"cmp-array", "comparator: {taps: 3}", "queue"}};
  for (const Shown& shown : all) {
    std::ofstream(scratch.file("r.yaml")) << "steps:\n  - " << shown.step << "\n";
    ASSERT_EQ(run_command("compress " + sample("digits-lenet.npz") + " --recipe " + scratch.file("r.yaml") +
                          " -o " + scratch.file("t.npz"))
                  .status,
              0);
    const Outcome outcome = run_command(
        "run " + scratch.file("t.npz") + " --layer L1 --quiet --fidelity cycle --on " + shown.accelerator +
        " --vcd " + scratch.file("w.vcd") + " --json " + scratch.file("w.json"));
    ASSERT_EQ(outcome.status, 0) << shown.accelerator << ": " << outcome.output;
    const VcdSummary summary = check_vcd(std::filesystem::path(scratch.file("w.vcd")));
    EXPECT_EQ(static_cast<std::int64_t>(summary.last_time),
              json_of(scratch.file("w.json"))["cycles"].get<std::int64_t>())
        << shown.accelerator;
    std::int64_t changes = 0;
    for (const VcdVariable& variable : summary.variables)
      changes += variable.name.find(shown.signal) != std::string::npos ? variable.changes - 1 : 0;
    EXPECT_GT(changes, 1) << shown.accelerator << ": " << shown.signal;
  }
}

TEST(Command, SyntheticTracesSaySoInEveryReport) {
  const Scratch scratch;
  std::ofstream(scratch.file("list.yaml")) << "name: tiny\nseed: 3\nlayers:\n  - {name: a, C: 4, H: 8, K: 8, "
                                              "R: 3, pad: 1, density: {weights: 0.3, ifmap: 0.5}}\n";
  ASSERT_EQ(run_command("synth " + scratch.file("list.yaml") + " -o " + scratch.file("t.npz")).status, 0);
  const Outcome outcome =
      run_command("run " + scratch.file("t.npz") + " --on eyeriss --json " + scratch.file("t.json"));
  EXPECT_NE(outcome.output.find("SYNTHETIC"), std::string::npos) << outcome.output;
  EXPECT_TRUE(json_of(scratch.file("t.json"))["synthetic"]);
}

// --- one line, exit code 2, nothing half-written

struct Bad {
  const char* words;
  const char* said;  // part of the one line
};

class BadInput : public ::testing::TestWithParam<Bad> {};

TEST_P(BadInput, IsOneLineAndExitCode2) {
  const Scratch scratch;
  std::filesystem::copy_file(sample("lenet.npz"), scratch.path() / "lenet.npz");
  std::ofstream(scratch.file("typo.yaml"))
      << "base: eyeriss\nname: typo\narray: {dataflow: row_stationary, row: 12, cols: 14}\n";
  std::ofstream(scratch.file("broken.yaml")) << "array: {rows: [1\n";
  std::ofstream(scratch.file("recipe.yaml")) << "steps:\n  - prune: {methd: magnitude, ratio: 0.5}\n";
  std::ofstream(scratch.file("short.npz")) << text_of(scratch.file("lenet.npz")).substr(0, 900);
  const Outcome outcome = run_command(std::string("--version >/dev/null; cd ") + scratch.path().string() +
                                      " && " + BASIL_COMMAND + " " + GetParam().words);
  EXPECT_EQ(outcome.status, 2) << outcome.output;
  EXPECT_NE(outcome.output.find(GetParam().said), std::string::npos) << outcome.output;
  EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
    EXPECT_NE(entry.path().filename().string().substr(0, 4), "out.") << "left behind";
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BadInput,
    ::testing::Values(
        Bad{"rnu lenet.npz", "'run'"}, Bad{"run", "no trace"}, Bad{"run lenet.npz", "no on"},
        Bad{"run lenet.npz --on eyeris", "'eyeriss'"},
        Bad{"run lenet.npz --on eyeriss --fidelty cycle", "--fidelity"},
        Bad{"run lenet.npz --on eyeriss --fidelity fast", "transaction or cycle"},
        Bad{"run nothing.npz --on eyeriss", "nothing.npz"}, Bad{"run short.npz --on eyeriss", "short.npz"},
        Bad{"run lenet.npz --on eyeriss --layer L9", "L9"},
        Bad{"run lenet.npz --on eyeriss --set array.row=3", "'rows'"},
        Bad{"run lenet.npz --on eyeriss --set array.rows=0", "array.rows"},
        Bad{"run lenet.npz --on eyeriss --set buffers.fmaps.bytes=0", "buffer"},
        Bad{"run lenet.npz --on eyeriss --set array.rows", "key.path=value"},
        Bad{"run lenet.npz --on eyeriss --set unit.kind=mca", "'mac'"},
        Bad{"run lenet.npz --on eyeriss --set technology=28nm", "28nm"},
        Bad{"run lenet.npz --on tpu-like --set unit.dtype=int4", "int4"},
        Bad{"run lenet.npz --on typo.yaml", "rows"}, Bad{"run lenet.npz --on broken.yaml", "broken.yaml:"},
        Bad{"run lenet.npz --on eyeriss --json no/such/folder/out.json --quiet", "no/such/folder"},
        Bad{"run lenet.npz --on eyeriss --quiet --vcd no/such/out.vcd", "no/such"},
        Bad{"run lenet.npz --on eyeriss --vcd out.vcd --vcd-window 9:3", "--vcd-window"},
        Bad{"run lenet.npz --on eyeriss --vcd-window 1:3", "--vcd"},
        Bad{"run lenet.npz --on eyeriss --jobs 0", "--jobs"},
        Bad{"run lenet.npz --on eyeriss --vcd out.vcd --vcd-pe 168", "0 to 167"},
        Bad{"run lenet.npz --on eyeriss --quiet --json /dev/full", "/dev/full"},
        Bad{"check short.npz", "short.npz"}, Bad{"compress lenet.npz -o out.npz", "dense-network/1"},
        Bad{"compress nothing.npz -o out.npz", "nothing.npz"}, Bad{"synth vgg61 -o out.npz", "vgg61"},
        Bad{"import nothing.onnx -o out.npz", "nothing.onnx"}, Bad{"list acelerators", "'accelerators'"},
        Bad{"diff nothing.json nothing.json", "nothing.json: no such file"},
        Bad{"diff /dev/null /dev/null", "a file that 'basil run --json' wrote"},
        Bad{"selftest eyeris-alexnet", "'eyeriss-alexnet'"}));

// The system would end the command at the limit; it says so instead, as it does for a full disk.
TEST(Command, AFileBeyondTheShellsLimitLeavesTheOldOneWhole) {
  const Scratch scratch;
  std::ofstream(scratch.file("old.npz")) << "old";
  const Outcome outcome = run_command("--version >/dev/null; ulimit -f 8; " + std::string(BASIL_COMMAND) +
                                      " synth alexnet -o " + scratch.file("old.npz"));
  EXPECT_EQ(outcome.status, 2) << outcome.output;
  EXPECT_EQ(outcome.output, "basil: " + scratch.file("old.npz") + ": cannot be written: File too large\n");
  EXPECT_EQ(text_of(scratch.file("old.npz")), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 1);
}

}  // namespace
}  // namespace basil::testing
