// How large a waveform is foreseen to be, and how large it is.
#include "models/waveform/waveform_size.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/testing/property_check.h"
#include "models/report/report.h"
#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

struct Machine {
  std::string name;
  std::vector<std::string> overrides;

  [[nodiscard]] std::string words() const {
    std::string text = "--on " + name;
    for (const std::string& key : overrides) text += " --set " + key;
    return text;
  }
};

// Over what is foreseen; 0 where the machine refuses the trace.
double taken(const Scratch& scratch, const std::string& trace, const Machine& machine, Fidelity fidelity,
             bool window) {
  std::string on = "run " + trace + " --quiet --no-verify " + machine.words();
  if (run_command(on + " --json " + scratch.file("r.json")).status != 0) return 0;
  const Result rehearsal = result_from_json(nlohmann::ordered_json::parse(text_of(scratch.file("r.json"))));
  WaveformOptions options;
  const std::int64_t cycles = rehearsal.cycles().value;
  if (window) {
    options.window = {Cycles(cycles / 4), Cycles(3 * cycles / 4)};
    on += fmt::format(" --vcd-window {}:{}", cycles / 4, 3 * cycles / 4);
  }
  const Outcome outcome = run_command(on + " --vcd-force --fidelity " + std::string(to_string(fidelity)) +
                                      " --vcd " + scratch.file("w.vcd"));
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  return static_cast<double>(std::filesystem::file_size(scratch.file("w.vcd"))) /
         waveform_bytes(rehearsal, load_accelerator(machine.name, machine.overrides), fidelity, options);
}

TEST(WaveformSize, OfASampleIsForeseenWithinAFactorOfTwo) {
  const Scratch scratch;
  for (const Machine& machine :
       {Machine{"eyeriss", {}}, Machine{"tpu-like", {}}, Machine{"scnn", {}}, Machine{"sparten", {}},
        Machine{"dcnn", {}}, Machine{"eyeriss", {"dram.device=ddr4-2400"}},
        Machine{"tpu-like", {"dram.device=hbm2"}}, Machine{"eyeriss", {"noc.kind=mesh"}},
        Machine{"eyeriss", {"tiles=2"}}, Machine{"tpu-like", {"array.dataflow=output_stationary"}}}) {
    for (const Fidelity fidelity : {Fidelity::transaction, Fidelity::cycle}) {
      for (const bool window : {false, true}) {
        SCOPED_TRACE(machine.words() + " " + std::string(to_string(fidelity)) +
                     (window ? " in a window" : ""));
        const double ratio = taken(scratch, sample("lenet.npz"), machine, fidelity, window);
        EXPECT_LT(ratio, 2);
        EXPECT_GT(ratio, 0.5);
      }
    }
  }
}

// One to three layers of a network, as `basil synth` takes them.
std::string drawn_network() {
  const auto in = [](int low, int high) { return *anywhere_in(low, high + 1); };
  std::string text = "name: drawn\nlayers:\n";
  const int layers = in(1, 3);
  for (int i = 0; i < layers; ++i) {
    const int filter = *rc::gen::element(1, 1, 3, 3, 5);
    text += fmt::format("  - {{name: L{}, C: {}, H: {}, W: {}, K: {}, R: {}, stride: {}, pad: {}}}\n", i,
                        in(1, 48), in(filter, 20), in(filter, 20), in(1, 64), filter, in(1, 2), filter / 2);
  }
  return text;
}

TEST(WaveformSize, OfDrawnLayersIsForeseenWithinAFactorOfTwo) {
  const Scratch scratch;
  const std::vector<Machine> machines{
      {"eyeriss", {}},
      {"eyeriss", {"noc.kind=mesh"}},
      {"eyeriss", {"tiles=2"}},
      {"eyeriss", {"dram.device=ddr4-2400"}},
      {"eyeriss-alexnet", {}},
      {"int16", {}},
      {"tpu-like", {}},
      {"tpu-like", {"array.rows=16", "array.cols=16"}},
      {"tpu-like", {"array.dataflow=output_stationary"}},
      {"scnn", {}},
      {"dcnn", {}},
      {"dcnn", {"dram.device=hbm2"}},
      {"sparten", {}},
      {"sparten", {"dram.device=ddr4-2400"}},
  };
  const int works = std::getenv("BASIL_FULL") == nullptr ? 12 : 400;
  check_property(works, [&] {
    const std::string network = drawn_network();
    std::ofstream(scratch.file("net.yaml")) << network;
    const auto tenths = [](int low) { return 0.1 * *anywhere_in(low, 11); };
    const std::string densities =
        fmt::format(" --weight-density {:.1f} --ifmap-density {:.1f}", tenths(1), tenths(1));
    const Outcome made =
        run_command("synth " + scratch.file("net.yaml") + densities + " -o " + scratch.file("net.npz"));
    RC_ASSERT(made.status == 0);
    const Machine machine = *rc::gen::elementOf(machines);
    const Fidelity fidelity = *rc::gen::element(Fidelity::transaction, Fidelity::cycle);
    const double ratio = taken(scratch, scratch.file("net.npz"), machine, fidelity, false);
    const std::string told = machine.words() + " " + std::string(to_string(fidelity)) + densities +
                             fmt::format(": {:.2f} of what is foreseen\n", ratio) + network;
    if (std::getenv("BASIL_RATIOS") != nullptr) std::puts(told.c_str());
    RC_LOG() << told;
    RC_ASSERT(ratio == 0 || (ratio > 0.5 && ratio < 2));
  });
}

}  // namespace
}  // namespace basil::testing
