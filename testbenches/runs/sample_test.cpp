// --sample F: the full result lies inside the 95 % interval as often as it should, on real networks pruned
// and decomposed, on machines cut small enough that a layer has passes to choose from.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "models/processes/jobs.h"
#include "testbenches/command/command.h"
#include "traces/compress/compress.h"
#include "traces/compress/recipe.h"
#include "traces/file/trace_file.h"
#include "traces/network/dense_network.h"

namespace basil::testing {
namespace {

struct Case {
  std::string name;
  std::string recipe;
  std::string machine;
  std::vector<std::string> overrides;
  int batch = 8;
};

void PrintTo(const Case& tested, std::ostream* out) { *out << tested.name; }

Trace compressed(const std::string& file, int batch, const std::string& recipe) {
  return compress(with_batch(read_dense_network(file), batch), parse_recipe(recipe, "recipe")).trace;
}

// Whether `value` lies in the interval about the estimate, rounding of sums aside.
bool inside(double value, double estimate, const Spread& spread) {
  return std::abs(value - estimate) <= spread.half_width() + 1e-9 * estimate;
}

// Of 100 seeds, in how many the full result lay inside; means of the intervals' half widths in percent.
struct Covered {
  std::string name;
  int cycles = 0, energy = 0;
  double cycles_width = 0, energy_width = 0;

  void add(Cycles full_cycles, Picojoules full_energy, Cycles cycles_found, Picojoules energy_found,
           const SampledPart& part) {
    const auto estimate = static_cast<double>(cycles_found.value);
    cycles += inside(static_cast<double>(full_cycles.value), estimate, part.cycles) ? 1 : 0;
    energy += inside(full_energy.value, energy_found.value, part.energy_pj) ? 1 : 0;
    cycles_width += part.cycles.half_width() / estimate;
    energy_width += part.energy_pj.half_width() / energy_found.value;
  }
};

struct Coverage {
  Covered all{.name = "all"};
  std::vector<Covered> layers;
  double passes = 0;  // simulated, of all
};

Coverage cover(const Trace& trace, const Description& machine, double fraction) {
  Options options;
  options.verify = false;
  const Result full = simulate_in_children(trace, machine, options, 1);
  Coverage coverage;
  for (const LayerResult& layer : full.layers) coverage.layers.push_back({.name = layer.name});
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    options.sample = SampleOptions{.fraction = fraction, .seed = seed};
    const Result part = simulate_in_children(trace, machine, options, 1);
    coverage.all.add(full.cycles(), full.energy(), part.cycles(), part.energy(), part.sampled());
    double passes = 0;
    for (std::size_t i = 0; i < part.layers.size(); ++i) {
      const LayerResult &layer = part.layers[i], &whole = full.layers[i];
      passes += static_cast<double>(layer.passes);
      coverage.layers[i].add(whole.cycles, whole.energy.total(), layer.cycles, layer.energy.total(),
                             *layer.sample);
    }
    coverage.passes += static_cast<double>(part.sampled().passes) / passes / 100;
  }
  return coverage;
}

// The accelerator with its mappings chosen once, not for each seed.
Description mapped(const Case& tested, const Trace& trace, const Scratch& scratch) {
  std::vector<std::string> overrides = tested.overrides;
  if (load_accelerator(tested.machine).dataflow->name == "row_stationary") {
    const std::string file = scratch.file("trace.npz"), mappings = scratch.file("mappings.yaml");
    write_trace(trace, file);
    std::string words = "run " + file + " --no-verify --on " + tested.machine + " --mappings-out " + mappings;
    for (const std::string& key : overrides) words += " --set " + key;
    EXPECT_EQ(run_command(words).status, 0);
    overrides.push_back("mappings=" + mappings);
  }
  return load_accelerator(tested.machine, overrides);
}

// In all at least 93 of 100, the layers that are not computed whole pooled too, and none of them below 85.
void expect_covered(const Case& tested, const std::string& network) {
  const Scratch scratch;
  const Trace trace = compressed(network, tested.batch, tested.recipe);
  const Coverage coverage = cover(trace, mapped(tested, trace, scratch), 0.1);
  double pooled_cycles = 0, pooled_energy = 0, sampled = 0;
  for (const Covered& layer : coverage.layers) {
    if (layer.cycles_width == 0 && layer.energy_width == 0) {  // computed whole
      EXPECT_EQ(layer.cycles, 100) << layer.name;
      EXPECT_EQ(layer.energy, 100) << layer.name;
      continue;
    }
    ++sampled;
    pooled_cycles += layer.cycles;
    pooled_energy += layer.energy;
    std::cout << "  " << layer.name << ": " << layer.cycles << " (cycles, +-" << layer.cycles_width << " %), "
              << layer.energy << " (energy, +-" << layer.energy_width << " %)\n";
    EXPECT_GE(layer.cycles, 85) << layer.name;
    EXPECT_GE(layer.energy, 85) << layer.name;
  }
  pooled_cycles /= sampled;
  pooled_energy /= sampled;
  std::cout << tested.name << ": full result inside " << coverage.all.cycles << " (cycles, +-"
            << coverage.all.cycles_width << " %) and " << coverage.all.energy << " (energy, +-"
            << coverage.all.energy_width << " %) of 100, layers pooled " << pooled_cycles << " and "
            << pooled_energy << "; " << 100 * coverage.passes << " % of passes simulated\n";
  EXPECT_GE(coverage.all.cycles, 93);
  EXPECT_GE(coverage.all.energy, 93);
  EXPECT_GE(pooled_cycles, 93);
  EXPECT_GE(pooled_energy, 93);
  EXPECT_LT(coverage.passes, 0.9) << "nothing left to extrapolate";
}

const std::string pruned =
    "steps:\n  - prune: {method: magnitude, ratio: 0.7}\n  - quantise: {bits: 8, per: channel}\n  - encode: "
    "bitmap\n";
const std::string unevenly_pruned =
    "steps:\n  - prune: {method: magnitude, ratio: 0.8, scope: global}\n  - quantise: {bits: 8, per: "
    "channel}\n  - encode: bitmap\n";
const std::string shifted = "steps:\n  - power_of_two: {mean_terms: 1.4}\n";
const std::string decomposed = "steps:\n  - basis: {density: 0.3}\n";

class Sampled : public ::testing::TestWithParam<Case> {};

TEST_P(Sampled, IntervalsHoldTheFullResult) { expect_covered(GetParam(), sample("fashion-vgg.npz")); }

// BASIL_FULL: a network of 29 layers, at its own size on machines of theirs.
TEST_P(Sampled, IntervalsHoldTheFullResultOfALargeNetwork) {
  if (std::getenv("BASIL_FULL") == nullptr) GTEST_SKIP() << "without BASIL_FULL";
  const std::string network = shared_data("face-resnet34.npz");
  if (!std::filesystem::exists(network))
    GTEST_SKIP() << "no " << network << ": the network is not shipped with the project";
  expect_covered(GetParam(), network);
}

INSTANTIATE_TEST_SUITE_P(
    Machines, Sampled,
    ::testing::Values(
        Case{"eyeriss", pruned, "eyeriss", {"array.rows=6", "array.cols=7", "buffers.fmaps.bytes=8192"}},
        Case{"scnn", pruned, "scnn", {"unit.group=2"}},
        Case{"scnn_unevenly_pruned", unevenly_pruned, "scnn", {"unit.group=2", "buffers.fmaps.bytes=65536"}},
        Case{"sparten", pruned, "sparten", {"array.rows=4", "unit.units=8", "buffers.fmaps.bytes=8192"}},
        Case{"escalate", decomposed, "escalate", {"array.rows=4", "buffers.fmaps.bytes=16384"}},
        Case{"flightnn", shifted, "flightnn", {"array.rows=6", "array.cols=7", "buffers.fmaps.bytes=8192"}}),
    [](const auto& tested) { return tested.param.name; });

// --- the command

// fashion-vgg, pruned; its file lives as long as the test.
class SampleCommand : public ::testing::Test {
 protected:
  void SetUp() override { write_trace(compressed(sample("fashion-vgg.npz"), 1, pruned), trace_); }
  [[nodiscard]] Outcome run(const std::string& words) const {
    return run_command("run " + trace_ + " " + words);
  }
  [[nodiscard]] nlohmann::json result_of(const std::string& words) const {
    const std::string file = scratch_.file("result.json");
    const Outcome outcome = run(words + " --quiet --json " + file);
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    std::ifstream in(file);
    return nlohmann::json::parse(in);
  }

  Scratch scratch_;
  std::string trace_ = scratch_.file("trace.npz");
};

// What only sampled results say.
void erase_sampled(nlohmann::json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) {
    if (name.starts_with("sampled_")) names.push_back(name);
  }
  EXPECT_EQ(names.size(), 9U);
  for (const std::string& name : names) object.erase(name);
}

TEST_F(SampleCommand, OfEverythingIsTheFullRun) {
  for (const std::string machine : {"eyeriss", "scnn", "sparten", "tpu-like"}) {
    const nlohmann::json full = result_of("--on " + machine);
    nlohmann::json all = result_of("--on " + machine + " --sample 1");
    EXPECT_EQ(all["sampled_passes"], all["passes"]);
    all.erase("sample");
    all["command"] = full["command"];
    erase_sampled(all);
    for (auto& layer : all["layers"]) erase_sampled(layer);
    EXPECT_EQ(all, full) << machine;
  }
}

TEST_F(SampleCommand, DoesNotDependOnJobsAndDependsOnTheSeed) {
  const std::string words = "--on scnn --set unit.group=2 --sample 0.2 --seed ";
  const nlohmann::json one = result_of(words + "7");
  EXPECT_EQ(one, result_of(words + "7 --jobs 3"));
  EXPECT_NE(one["cycles"], result_of(words + "8")["cycles"]);
  EXPECT_LE(one["sampled_cycles_low"], one["cycles"]);
  EXPECT_GE(one["sampled_cycles_high"], one["cycles"]);
}

TEST_F(SampleCommand, SaysWhatWasNotVerified) {
  const Outcome outcome = run("--on scnn --set unit.group=2 --sample 0.1 --seed 7");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.output.find("SAMPLED (--sample 0.1 --seed 7)"), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("NOT verified"), std::string::npos) << outcome.output;
}

TEST_F(SampleCommand, RefusesWhatItCannotDoInOneLine) {
  for (const std::string words :
       {"--sample 0", "--sample 1.5", "--sample nan", "--sample -1", "--sample some",
        "--sample 0.5 --seed -x", "--seed 3", "--sample 0.5 --fidelity cycle", "--sample 0.5 --vcd w.vcd",
        "--sample 0.5 --timeline t.json", "--sample 0.5 --density-only", "--sample 0.5 --report r.html",
        "--density-only --seed 1.5"}) {
    const Outcome outcome = run("--on eyeriss " + words);
    EXPECT_EQ(outcome.status, 2) << words << ": " << outcome.output;
    EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
  }
}

// SCNN at the masks of pruned fashion-vgg: both figures for each layer, errors as they follow from them.
TEST_F(SampleCommand, DensityOnlySaysHowFarOffItIs) {
  const nlohmann::json result = result_of("--on scnn --density-only --seed 5");
  EXPECT_EQ(result["density_only"]["seed"], 5);
  double cycles = 0;
  for (const auto& layer : result["layers"]) {
    const double real = layer["cycles"], found = layer["density_only_cycles"];
    EXPECT_DOUBLE_EQ(layer["density_only_cycles_error_percent"], 100 * (found - real) / real);
    cycles += found;
  }
  EXPECT_EQ(result["density_only_cycles"], cycles);
  EXPECT_NE(result["density_only_cycles_error_percent"], 0);
  const nlohmann::json dense = result_of("--on tpu-like --density-only");  // where no zero is skipped
  EXPECT_EQ(dense["density_only_cycles_error_percent"], 0);
}

}  // namespace
}  // namespace basil::testing
