// The library's face: a trace on an accelerator.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/description/description.h"
#include "models/result/result.h"
#include "models/technology/technology.h"
#include "models/waveform/waveform_options.h"
#include "traces/golden/golden.h"
#include "traces/trace.h"

namespace basil {

class OffChip;  // memory/off_chip/off_chip.h

struct Options {
  Fidelity fidelity = Fidelity::transaction;
  std::vector<std::size_t> layers;  // indices of the trace's layers to run, see chosen_layers(); none: all
  bool verify = true;  // values against the golden executor, some layers' counts against clocked arrays
  // Indices of the layers whose counts are checked at transaction fidelity; none: draw_count_checks().
  std::optional<std::vector<std::size_t>> counted = {};
  bool skip_refused = false;  // name the layers a machine cannot run in the result, do not throw
  // What a caller has already who runs the same layers often, else simulate() makes it: the table of the
  // accelerator's technology, and what run_golden() says of each of the trace's layers.
  std::shared_ptr<const Technology> technology = {};
  std::span<const Ofmap> golden = {};
  std::optional<SampleOptions> sample;  // simulate a part of each layer's passes and extrapolate
  std::optional<WaveformOptions> waveform;
  std::optional<std::string> timeline;  // file for it, see models/waveform/timeline.h
  // Makes the memory behind the chip's pins in place of the accelerator's own; called while the machine is
  // built, in whose hierarchy its modules then are. See memory/off_chip/off_chip.h and testbenches/examples.
  std::function<std::unique_ptr<OffChip>()> memory;
  // Told each layer's sums, filters in the trace's order.
  std::function<void(const Ofmap&)> ofmap;
  // Told before each layer: its index among those to run, how many there are, its name.
  std::function<void(std::size_t, std::size_t, const std::string&)> progress;
};

// Runs the layers in order on one elaborated machine; each starts on it quiesced. One call a process
// (SystemC elaborates once). Throws Error for a trace the machine cannot run, Failure for a mismatch
// with the golden executor or an account that does not close.
[[nodiscard]] Result simulate(const Trace& trace, const Description& accelerator, const Options& options);

// Indices of the layers that `globs` (all when empty) name and that run on an array. Error for a glob that
// names none.
[[nodiscard]] std::vector<std::size_t> chosen_layers(const Trace& trace,
                                                     const std::vector<std::string>& globs);

}  // namespace basil
