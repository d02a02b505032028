// The same layers on several accelerators: each in an encoding it takes, at a common size.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/description/description.h"
#include "models/result/result.h"
#include "traces/golden/golden.h"
#include "traces/network/dense_network.h"
#include "traces/trace.h"

namespace basil {

// What is made equal before the layers run.
enum class Footing { as_described, equal_multipliers, equal_area };

// The network to compare on: a trace, or a network before compression, from which each accelerator gets
// a trace by its own recipe and which output errors are measured against.
struct Subject {
  std::optional<DenseNetwork> network;
  Trace trace;  // as given, or the network in int8

  // Sums of a layer with weights, in real units: of the network in fp32 where there is one, else of the
  // trace. Computed once, however many accelerators are held against them; neither may change after that.
  [[nodiscard]] const std::vector<double>& sums(std::size_t layer) const;

 private:
  mutable std::vector<std::vector<double>> sums_;
};

// Reads either kind of file. Errors as read_trace and read_dense_network.
[[nodiscard]] Subject read_subject(const std::string& file);

// An accelerator and the layers in the encodings it takes.
struct Contender {
  std::string name;
  Description machine;
  Trace trace;
  std::string derivation;            // what was derived for it and how; empty where nothing was
  std::vector<double> output_error;  // of trace.layers: ||its sums - the subject's|| / ||the subject's||
  std::vector<Ofmap> golden = {};    // of trace.layers: their sums; empty for those that run on no array
  std::vector<std::string> overrides = {};  // of the machine: "key=value"
  std::vector<std::string> scaling = {};    // likewise, to the common size
};

// `overrides`: keys for this accelerator. A layer whose encoding or dtype its unit does not take is derived
// by the accelerator's recipe (or its unit's default).
[[nodiscard]] Contender make_contender(const Subject& subject, const std::string& accelerator,
                                       const std::vector<std::string>& overrides);

// Bytes that stand beside the trace of one of so many contenders, about: the subject's operands and the
// others' (as large as those), everyone's sums, and what the network is made of.
[[nodiscard]] double bytes_beside(const Subject& subject, std::size_t contenders);

// The machine with its array as near to `multipliers` PEs, or its area to `area_mm2`, as whole rows allow:
// rows and columns (of a unit's own array rows alone) grow by the same factor, buses and buffer ports with
// them; buffer sizes, clock and DRAM stay. Error when the machine's buffers alone are larger than the area.
struct ScaledMachine {
  Description machine;
  std::vector<std::string> scaling;  // the overrides that made it so, beside those given
};
[[nodiscard]] ScaledMachine with_multipliers(const std::string& accelerator,
                                             const std::vector<std::string>& overrides,
                                             std::int64_t multipliers);
[[nodiscard]] ScaledMachine with_area(const std::string& accelerator,
                                      const std::vector<std::string>& overrides, double area_mm2);
[[nodiscard]] double area_of(const Description& machine);  // of all its tiles

// Results of the contenders on the layers that ran, in order; the first is what others are measured against.
struct Comparison {
  std::string trace;
  std::string trace_fingerprint = {};  // of its file, see core/fingerprint.h
  Footing footing = Footing::equal_multipliers;
  std::vector<Contender> contenders;
  std::vector<Result> results;
  std::vector<Refusal> refused = {};  // accelerators that cannot run the layers
};

// Geometric mean over the layers of first's figure / this one's.
[[nodiscard]] double mean_speedup(const Comparison& comparison, std::size_t contender);
[[nodiscard]] double mean_energy_gain(const Comparison& comparison, std::size_t contender);

[[nodiscard]] std::string to_text(const Comparison& comparison);
[[nodiscard]] nlohmann::ordered_json to_json(const Comparison& comparison);
// A row a layer and accelerator, a header first.
[[nodiscard]] std::string to_csv(const Comparison& comparison);

}  // namespace basil
