// `basil compare` as a user runs it: its figures are those of `basil run`, and what it cannot do it says in
// one line.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

nlohmann::json compared_json(const std::string& file) { return nlohmann::json::parse(text_of(file)); }

// The comparison of one trace.
nlohmann::json compared(const Scratch& scratch, const std::string& words) {
  const Outcome outcome =
      run_command("compare " + words + " --quiet --json " + scratch.file("compared.json"));
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  const nlohmann::json json = compared_json(scratch.file("compared.json"));
  EXPECT_EQ(json.size(), 1U);
  return json.at(0);
}

nlohmann::json ran(const Scratch& scratch, const std::string& words) {
  const Outcome outcome = run_command("run " + words + " --quiet --json " + scratch.file("ran.json"));
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  return compared_json(scratch.file("ran.json"));
}

void expect_equal_figures(const nlohmann::json& accelerator, const nlohmann::json& run) {
  for (const char* key : {"pes", "clock_mhz", "technology", "area_mm2", "cycles", "energy_pj"})
    EXPECT_EQ(accelerator.at(key), run.at(key)) << accelerator["accelerator"] << " " << key;
  EXPECT_DOUBLE_EQ(accelerator["seconds"], run["seconds"])
      << accelerator["accelerator"];  // a sum in another order
  ASSERT_EQ(accelerator["layers"].size(), run["layers"].size());
  for (std::size_t i = 0; i < run["layers"].size(); ++i) {
    for (const char* key : {"layer", "cycles", "seconds", "energy_pj", "utilisation", "verified"}) {
      EXPECT_EQ(accelerator["layers"][i].at(key), run["layers"][i].at(key))
          << accelerator["accelerator"] << " " << run["layers"][i]["layer"] << " " << key;
    }
  }
}

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> found{""};
  bool quoted = false;
  for (const char letter : line) {
    if (letter == '"') {
      quoted = !quoted;
    } else if (letter == ',' && !quoted) {
      found.emplace_back();
    } else {
      found.back() += letter;
    }
  }
  return found;
}

TEST(CompareCommand, FiguresAreThoseOfRuns) {
  const Scratch scratch;
  const nlohmann::json json =
      compared(scratch, sample("lenet.npz") + " --on eyeriss,scnn,sparten,tpu-like --at as-described");
  ASSERT_EQ(json["accelerators"].size(), 4U);
  for (const auto& accelerator : json["accelerators"]) {
    expect_equal_figures(accelerator, ran(scratch, sample("lenet.npz") + " --on " +
                                                       accelerator["accelerator"].get<std::string>()));
  }
}

// Of a network, the layers an accelerator gets are those that its recipe makes.
TEST(CompareCommand, DerivedLayersAreThoseOfTheRecipe) {
  const Scratch scratch;
  std::ofstream(scratch.file("recipe.yaml")) << "steps:\n  - power_of_two: {terms: 1}\n";
  ASSERT_EQ(run_command("compress " + sample("digits-lenet.npz") + " --recipe " +
                        scratch.file("recipe.yaml") + " -o " + scratch.file("t.npz"))
                .status,
            0);
  const nlohmann::json json =
      compared(scratch, sample("digits-lenet.npz") + " --on int16,lightpe1 --at as-described");
  const nlohmann::json& lightpe1 = json["accelerators"][1];
  EXPECT_EQ(lightpe1["derivation"], "4 layers derived: powers of two, 1 term, scale a channel");
  EXPECT_EQ(lightpe1["layers"][0]["encoding"], "power_of_two");
  EXPECT_GT(lightpe1["output_error"], 0.0);
  expect_equal_figures(lightpe1, ran(scratch, scratch.file("t.npz") + " --on lightpe1"));
}

// Layers that no fit can take become what the unit multiplies; those in the unit's encoding stay.
TEST(CompareCommand, EscalateTakesTracesOfAnyIntegers) {
  const Scratch scratch;
  for (const std::string step :
       {"power_of_two: {}", "basis: {}", "quantise: {bits: 16}", "quantise: {bits: 4}"}) {
    std::ofstream(scratch.file("recipe.yaml")) << "steps:\n  - " << step << "\n";
    ASSERT_EQ(run_command("compress " + sample("digits-lenet.npz") + " --recipe " +
                          scratch.file("recipe.yaml") + " -o " + scratch.file("t.npz"))
                  .status,
              0);
    const nlohmann::json escalate =
        compared(scratch, scratch.file("t.npz") + " --on escalate")["accelerators"][0];
    EXPECT_EQ(escalate["layers"][0]["encoding"], "basis") << step;
    EXPECT_NE(escalate["layers"][2]["encoding"], "basis") << step;
    EXPECT_TRUE(escalate["verified"]) << step;
    if (step == "basis: {}") { EXPECT_EQ(escalate["output_error"], 0.0); }
  }
}

TEST(CompareCommand, AnOverrideReachesTheAcceleratorItNames) {
  const Scratch scratch;
  const nlohmann::json json = compared(scratch, sample("lenet.npz") +
                                                    " --on eyeriss,sparten --at as-described --set "
                                                    "clock_mhz=400 --set sparten:unit.units=16");
  expect_equal_figures(json["accelerators"][0],
                       ran(scratch, sample("lenet.npz") + " --on eyeriss --set clock_mhz=400"));
  expect_equal_figures(
      json["accelerators"][1],
      ran(scratch, sample("lenet.npz") + " --on sparten --set clock_mhz=400 --set unit.units=16"));
}

// 168 PEs to 1024: rows 12 * sqrt(1024 / 168) = 29.6, so 30; 1024 / 30 = 34.1, so 34 columns.
TEST(CompareCommand, EqualMultipliersAreAsNearAsWholeRowsAllow) {
  const Scratch scratch;
  const nlohmann::json json = compared(scratch, sample("lenet.npz") + " --on eyeriss,sparten,escalate");
  EXPECT_EQ(json["footing"], "equal multipliers");
  EXPECT_EQ(json["accelerators"][0]["pes"], 30 * 34);
  EXPECT_EQ(json["accelerators"][1]["pes"], 32 * 32);
  EXPECT_EQ(json["accelerators"][2]["pes"], 34 * 30);
}

// One row of 28 PEs on the 12 is 1/24 of the array's area at most.
TEST(CompareCommand, EqualAreaIsWithinARow) {
  const Scratch scratch;
  const nlohmann::json json =
      compared(scratch, sample("lenet.npz") + " --on int16,lightpe1,lightpe2 --at equal-area");
  const double area = json["accelerators"][0]["area_mm2"];
  for (const auto& accelerator : json["accelerators"]) {
    EXPECT_NEAR(accelerator["area_mm2"].get<double>(), area, 0.05 * area) << accelerator["accelerator"];
    EXPECT_GE(accelerator["pes"], 168) << accelerator["accelerator"];
  }
}

TEST(CompareCommand, CsvAndJsonSayTheSame) {
  const Scratch scratch;
  const nlohmann::json json =
      compared(scratch, sample("lenet.npz") + " --on eyeriss,escalate --csv " + scratch.file("c.csv"));
  std::ifstream csv(scratch.file("c.csv"));
  std::string line;
  ASSERT_TRUE(std::getline(csv, line));
  const std::vector<std::string> header = cells(line);
  const auto column = [&](const char* name) {
    return static_cast<std::size_t>(std::find(header.begin(), header.end(), name) - header.begin());
  };
  for (const auto& accelerator : json["accelerators"]) {
    for (const auto& layer : accelerator["layers"]) {
      ASSERT_TRUE(std::getline(csv, line));
      const std::vector<std::string> row = cells(line);
      ASSERT_EQ(row.size(), header.size()) << line;
      for (const char* key : {"cycles", "seconds", "energy_pj", "energy_delay_js", "output_error"}) {
        const double figure = layer.at(key);
        EXPECT_NEAR(std::stod(row[column(key)]), figure, 1e-5 * figure) << line << " " << key;
      }
      EXPECT_EQ(row[column("layer")], layer["layer"]);
      EXPECT_EQ(row[column("accelerator")], accelerator["accelerator"]);
      EXPECT_EQ(row[column("encoding")], layer["encoding"]);
      EXPECT_EQ(std::stoi(row[column("pes")]), accelerator["pes"]);
    }
  }
  EXPECT_FALSE(std::getline(csv, line)) << line;
}

TEST(CompareCommand, JobsDoNotChangeAResult) {
  const Scratch scratch;
  const std::string words = sample("lenet.npz") + " --on eyeriss,lightpe2";
  EXPECT_EQ(compared(scratch, words), compared(scratch, words + " --jobs 3"));
}

// --- one line, exit code 2, nothing half-written

struct RefusedComparison {
  const char* words;
  const char* said;  // part of the one line
};

class BadComparison : public ::testing::TestWithParam<RefusedComparison> {};

// A network of every weight encoding, and machines whose recipes or sizes are wrong.
void prepare(const Scratch& scratch) {
  for (const char* name : {"lenet.npz", "digits-lenet.npz"})
    std::filesystem::copy_file(sample(name), scratch.path() / name);
  const auto machine = [&](const char* name, const std::string& text) {
    std::ofstream(scratch.file(std::string(name) + ".yaml")) << "name: mine\n" << text;
  };
  machine("terms", "base: lightpe1\nrecipe: |\n  steps:\n    - power_of_two: {terms: 5}\n");
  machine("bases", "base: escalate\nrecipe: |\n  steps:\n    - basis: {bases: 0}\n");
  machine("window", "base: escalate\nrecipe: |\n  steps:\n    - basis: {bases: 10}\n");
  machine("other", "base: lightpe1\nrecipe: |\n  steps:\n    - basis: {bases: 6}\n");
  machine("nameless", "base: lightpe1\nrecipe: |\n  steps:\n    - power_of_two: {layers: \"conv*\"}\n");
  machine("typo", "base: lightpe1\nrecipe: |\n  stpes: []\n");
  machine("map", "base: lightpe1\nrecipe: {steps: []}\n");
  machine("slices", "base: escalate\nunit: {kind: basis_first, dtype: int8, slices: 0}\n");
  machine("look", "base: escalate\nunit: {kind: basis_first, dtype: int8, look_ahead: -1}\n");
  machine("chunk", "base: sparten\nunit: {kind: sparse_inner, dtype: int8, chunk: 100}\n");
  machine("lanes", "base: cmp-array\nunit: {kind: comparator, dtype: int8, compare_lanes: 0}\n");
  machine("dataflow", "base: sparten\narray: {dataflow: row_stationary, rows: 4, cols: 4}\n");
}

// One line and exit code 2 where nothing ran; 1 where others did, whose results stay, and the refused is
// named.
void expect_refusal(const Outcome& outcome, const char* said) {
  EXPECT_NE(outcome.output.find(said), std::string::npos) << outcome.output;
  if (outcome.status == 1) {
    EXPECT_NE(outcome.output.find("NOT "), std::string::npos) << outcome.output;
    return;
  }
  EXPECT_EQ(outcome.status, 2) << outcome.output;
  EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
}

TEST_P(BadComparison, IsOneLineAndExitCode2) {
  const Scratch scratch;
  prepare(scratch);
  const Outcome outcome = run_command(std::string("--version >/dev/null; cd ") + scratch.path().string() +
                                      " && " + BASIL_COMMAND + " compare " + GetParam().words);
  expect_refusal(outcome, GetParam().said);
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path()))
    EXPECT_NE(entry.path().filename().string().substr(0, 4), "out.") << "left behind";
}

INSTANTIATE_TEST_SUITE_P(
    Words, BadComparison,
    ::testing::Values(
        RefusedComparison{"", "no trace"}, RefusedComparison{"lenet.npz", "no on"},
        RefusedComparison{"--on eyeriss", "no trace"},
        RefusedComparison{"lenet.npz --on eyeris,sparten", "'eyeriss'"},
        RefusedComparison{"lenet.npz --on eyeriss,,sparten", "empty name"},
        RefusedComparison{"lenet.npz --on eyeriss,", "empty name"},
        RefusedComparison{"lenet.npz --on ''", "empty name"},
        RefusedComparison{"lenet.npz --on 'eyeriss, sparten'", "'sparten'"},
        RefusedComparison{"lenet.npz --on .", "YAML"},
        RefusedComparison{"nothing.npz --on eyeriss,sparten", "nothing.npz: no such file"},
        RefusedComparison{"lenet.npz nothing.npz --on eyeriss,sparten --json out.json",
                          "nothing.npz: no such file"},
        RefusedComparison{"/dev/null --on eyeriss,sparten", "/dev/null"},
        RefusedComparison{". --on eyeriss,sparten", "a folder"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --at equal-aera", "did you mean equal-area?"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --at ''", "equal-multipliers"},
        RefusedComparison{"lenet.npz --on lightpe1,sparten --at equal-area",
                          "--at equal-area: sparten: buffers, network and coders of"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --multipliers 0", "1 to 1048576"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --multipliers 1e3", "'1e3'"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --multipliers 1048576", "array.rows"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --jobs 0", "--jobs"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --layer L1 --layer L9", "L9"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --quiet --json no/out.json", "no/out.json"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --quiet --csv /dev/full", "/dev/full"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --fidelity cycle", "unknown option --fidelity"}));

INSTANTIATE_TEST_SUITE_P(
    Keys, BadComparison,
    ::testing::Values(
        RefusedComparison{"lenet.npz --on eyeriss,sparten --set unit.units=16",
                          "unknown key 'units' in eyeriss"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --set sparten:unit.unts=16", "'units'"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --set spartan:unit.units=16", "'spartan'"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --set sparten:unit.units", "no '='"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --set sparten:", "no '='"},
        RefusedComparison{"lenet.npz --on eyeriss,sparten --set sparten:unit.units=0", "unit.units: '0'"},
        RefusedComparison{"lenet.npz --on eyeriss,eyeriss-alexnet --set eyeriss:clock_mhz=.nan",
                          "clock_mhz: '.nan'"}));

INSTANTIATE_TEST_SUITE_P(
    Machines, BadComparison,
    ::testing::Values(
        RefusedComparison{"lenet.npz --on eyeriss,terms.yaml",
                          "power_of_two.terms: '5', expected a whole number from 1 to 2"},
        RefusedComparison{"lenet.npz --on eyeriss,bases.yaml",
                          "basis.bases: '0', expected a whole number from 1 to 64"},
        RefusedComparison{"lenet.npz --on eyeriss,window.yaml", "at most 9 for a window of 3 x 3"},
        RefusedComparison{"lenet.npz --on eyeriss,other.yaml",
                          "an encoding that unit shift_add takes: power_of_two"},
        RefusedComparison{"lenet.npz --on eyeriss,nameless.yaml", "'conv*' names no layer"},
        RefusedComparison{"lenet.npz --on eyeriss,typo.yaml", "stpes: unknown key, expected 'steps'"},
        RefusedComparison{"lenet.npz --on eyeriss,map.yaml", "recipe: a map"},
        RefusedComparison{"lenet.npz --on eyeriss,slices.yaml", "unit.slices: '0'"},
        RefusedComparison{"lenet.npz --on eyeriss,look.yaml", "unit.look_ahead: '-1'"},
        RefusedComparison{"lenet.npz --on eyeriss,chunk.yaml", "a multiple of 64"},
        RefusedComparison{"lenet.npz --on eyeriss,lanes.yaml", "unit.compare_lanes: '0'"},
        RefusedComparison{"lenet.npz --on eyeriss,dataflow.yaml", "the unit brings its own array"}));

// --- traces in an encoding that others cannot be derived from, and units that do not take one

struct Refusal {
  const char* step;   // of the recipe that makes the trace
  const char* words;  // on t.npz
  const char* said;
};

class Refusals : public ::testing::TestWithParam<Refusal> {};

TEST_P(Refusals, SayWhatTheUnitTakes) {
  const Scratch scratch;
  std::ofstream(scratch.file("recipe.yaml")) << "steps:\n  - " << GetParam().step << "\n";
  const std::string recipe = " --recipe " + scratch.file("recipe.yaml"), trace = scratch.file("t.npz");
  ASSERT_EQ(run_command("compress " + sample("digits-lenet.npz") + recipe + " -o " + trace).status, 0);
  const std::string words = GetParam().words;
  const std::size_t verb = words.find(' ');
  const Outcome outcome = run_command(words.substr(0, verb) + " " + trace + words.substr(verb));
  expect_refusal(outcome, GetParam().said);
}

INSTANTIATE_TEST_SUITE_P(
    All, Refusals,
    ::testing::Values(
        Refusal{"power_of_two: {}", "run --on eyeriss", "unit mac takes: bitmap, dense, run_length"},
        Refusal{"power_of_two: {}", "run --on escalate", "unit basis_first takes: basis"},
        Refusal{"basis: {}", "run --on sparten", "unit sparse_inner takes"},
        Refusal{"basis: {}", "run --on lightpe2", "unit shift_add takes: power_of_two"},
        Refusal{"comparator: {}", "run --on scnn", "unit sparse_outer takes"},
        Refusal{"comparator: {}", "run --on cmp-array", "layer L2: weights: bitmap encoding"},
        Refusal{"binary: {}", "run --on cmp-array", "unit comparator takes: comparator, power_of_two"},
        Refusal{"quantise: {bits: 16}", "run --on sparten", "int16 values, expected at most int8"},
        Refusal{"quantise: {bits: fp32}", "run --on dcnn", "integers of at most 16 bits"},
        Refusal{"comparator: {}", "compare --on eyeriss,cmp-array", "layer L0: weights.encoding: comparator"},
        Refusal{"binary: {}", "compare --on eyeriss,escalate", "layer L0: weights.encoding: binary"},
        Refusal{"quantise: {bits: fp32}", "compare --on fp32,sparten", "expected integers to derive"}));

}  // namespace
}  // namespace basil::testing
