// What the selftests of sparse accelerators share: networks at given densities, run for their processing
// cycles, and the lines that hold a figure against a published one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/result.h"
#include "testbenches/selftests/selftests.h"
#include "traces/synth.h"

namespace basil {

// A list of traces/shapes, or those of its layers whose names begin with one of `beginnings`.
[[nodiscard]] SynthList embedded_layers(const std::string& name,
                                        const std::vector<std::string>& beginnings = {});

// A fully connected layer as a list of its own.
[[nodiscard]] SynthList fully_connected(int channels, int filters, const SynthDensity& density);

// The layers, drawn and run on an embedded accelerator; `overrides` as in load_accelerator().
[[nodiscard]] Result run_layers(const SynthList& list, const SynthOptions& options,
                                const std::string& accelerator,
                                const std::vector<std::string>& overrides = {});

// Figures line by line, and what must hold of them.
class Figures {
 public:
  // Without a published figure the line shows ours alone.
  void add(const std::string& what, double ours, std::optional<double> published, const std::string& why);
  // A line for each layer: cycles on the two, the ratio, and where the PE-cycles of the first went.
  void layers(const std::string& network, const Result& ours, const Result& other);
  void must(bool holds, const std::string& what);
  void notes(const std::string& lines) { notes_ += lines; }
  [[nodiscard]] SelftestReport report() const;

 private:
  SelftestReport report_;
  std::string verdicts_, notes_;
  bool held_ = true;
};

}  // namespace basil
