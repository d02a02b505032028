// What a simulation reports: per layer and in all, every cycle and picojoule accounted for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/units.h"
#include "dataflows/row_stationary/mappings.h"
#include "memory/bank_calendar.h"
#include "models/result/accounts.h"
#include "models/result/sampling.h"
#include "traces/golden/sum_width.h"
#include "traces/shape.h"

namespace basil {

enum class Fidelity { transaction, cycle };
[[nodiscard]] std::string_view to_string(Fidelity fidelity);
// Error for another word than "transaction" or "cycle".
[[nodiscard]] Fidelity parse_fidelity(const std::string& word);

// The least any schedule could need on this machine.
struct Bound {
  std::int64_t effectual_macs =
      0;                   // products of two non-zeros; of basis and comparator layers the unit's own
  Bytes bytes;             // operands in, ofmap out, each once, as encoded in DRAM
  Cycles cycles;           // the greater of effectual_macs / PEs and bytes / DRAM bandwidth
  bool by_memory = false;  // which of the two it was
};

// Between a tile's buffers and its array, whatever the network. A word that many PEs take counts once.
struct StreamBytes {
  Bytes weights, ifmap, psums_in, psums_out;

  StreamBytes& operator+=(const StreamBytes& other) {
    weights += other.weights;
    ifmap += other.ifmap;
    psums_in += other.psums_in;
    psums_out += other.psums_out;
    return *this;
  }
};

// Of a network of routers.
struct RoutedTraffic {
  std::int64_t packets = 0;
  std::int64_t crossings = 0;  // flits through routers, each copy of a multicast
  Cycles busiest;              // cycles in which the link that carried most was taken
};

// Cycles in which streams waited for a bank of a buffer, by buffer and kind; an array's late stream shows in
// the `noc` bin, a late fill or drain in `dram`.
struct BankConflicts {
  ConflictCycles fmaps{}, filters{}, accumulators{};

  [[nodiscard]] std::int64_t total() const;
  BankConflicts& operator+=(const BankConflicts& other);
};

// A layer's weights, each once: as the trace holds them, and as the machine brings and keeps them.
struct WeightsMoved {
  Bytes encoded, moved;
  int trace_bits = 0, kept_bits = 0;  // of a weight

  WeightsMoved& operator+=(const WeightsMoved& other);
  [[nodiscard]] bool expanded() const { return moved > encoded || kept_bits > trace_bits; }
};

// Cycles in which the array waited for DRAM, by what it waited for.
struct DramWaits {
  struct Wait {
    Cycles edge;    // before the layer's first pass; of an ofmap after its last one
    Cycles steady;  // in between
  };
  Wait weights, ifmap, ofmap;

  [[nodiscard]] Cycles total() const {
    return weights.edge + weights.steady + ifmap.edge + ifmap.steady + ofmap.edge + ofmap.steady;
  }
};

// What relieving a cause gives where it was run, see models/report/why.h.
struct Gain {
  std::string relief, refused;  // empty: no key stands for it; it ran
  double speedup = 0;           // of the run
};

// How wide a layer's sums are. Of a sampled layer: those that were computed.
struct SumStatistics {
  std::int64_t count = 0;       // outputs
  int widest_bits = 0;          // of a finished sum, had nothing been narrowed; 0 of fp32
  std::int64_t overflowed = 0;  // outputs of which some psum, had nothing been narrowed before, did not fit
  int needed_bits = 0;          // where some did not: psum_bits that would hold every psum

  SumStatistics& operator+=(const SumStatistics& other);
  friend bool operator==(const SumStatistics&, const SumStatistics&) = default;
};

// Of all instances of a component of the machine.
struct AreaLine {
  std::string group, name, built;  // see models/energy/components.h
  double instances = 0, mm2 = 0;
};

// The same layer with its zeros at random places, see traces/synth/density_only.h.
struct DensityOnlyResult {
  Cycles cycles;
  Picojoules energy;
  double ofmap_density = 0;
};

// A layer, or an accelerator, that did not run, and why.
struct Refusal {
  std::string name, reason;
};

struct LayerResult {
  std::string name;
  Kind kind = &conv_kind;
  LayerShape shape;
  std::string mapping;                // the dataflow's choices
  std::vector<std::string> warnings;  // of a poor mapping: what is idle and why
  std::int64_t passes = 0;
  Cycles cycles;                             // all of the layer
  Cycles processing;                         // the array busy with passes
  Cycles dram_stall;                         // the array waiting for DRAM
  DramWaits dram_waits;                      // the same
  std::optional<Cycles> transaction_cycles;  // at cycle fidelity, where compared: what transaction fidelity
                                             // says of the clocked ones
  std::optional<DensityOnlyResult> density_only;  // where compared
  CycleAccount bins;
  EnergyAccount energy;
  std::int64_t macs = 0;  // dense
  std::int64_t gated = 0;
  double active_pes = 0;                       // mean over the passes' cycles
  std::int64_t mapped_pes = 0;                 // of the fullest pass
  double utilisation = 0;                      // PE-cycles that multiply or are gated, of all
  Bytes dram_weights, dram_ifmap, dram_ofmap;  // moved
  WeightsMoved weights;
  Bytes buffer_read, buffer_written;  // by anyone
  Bytes
      buffer_array;  // feature maps and psums between buffer and array, and results out: what Eyeriss counts
  StreamBytes noc;
  RoutedTraffic array_noc,
      chip_noc;  // where routers are: buffers to PEs (of the busiest tile), DRAM to tiles
  BankConflicts bank_conflicts;
  Bound bound;
  bool verified = false;  // equal to the golden executor
  bool counted = false;  // what was counted was held against a clocked array, see models/checks/count_check.h
  SumStatistics sums;
  double ofmap_density =
      0;  // non-zeros after ReLU and requantisation; of a sampled layer in what was computed
  std::optional<SampledPart> sample;  // of a sampled run: all above is an estimate with this spread
  std::string encoding = {};          // of its weights
  std::optional<double> output_error =
      {};  // where it is known: ||its sums - the network's|| / ||the network's||

  [[nodiscard]] Bytes dram() const { return dram_weights + dram_ifmap + dram_ofmap; }
  [[nodiscard]] bool wholly_computed() const { return !sample || sample->passes == passes; }
};

// What processes that run the layers were expected to take, at most, in bytes.
struct MemoryNeed {
  double shared = 0;             // of the trace, and what stands beside it: processes of one run hold it once
  double own = 0;                // of the program and the largest layer; of several processes all of them
  double of_layer = 0;           // of it
  std::int64_t clocked_pes = 0;  // whose registers are in `own`
  std::string layer = {};
  int processes = 1;  // at a time

  [[nodiscard]] double bytes() const { return shared + own; }
};

struct Result {
  std::string program;  // name, version and model, see models/presets/build_id.h
  std::string command;  // that gives this result again, without what it writes; empty where none was typed
  std::vector<std::string> overrides;                            // of the accelerator: "key=value"
  std::vector<std::pair<std::string, std::string>> description;  // every key of it, these in place
  std::string trace, accelerator, technology;
  std::string trace_fingerprint;  // of its file, see core/fingerprint.h; empty where it has none
  std::string trace_notes;        // provenance worth a line: synthetic, activations
  bool synthetic = false;
  Fidelity fidelity = Fidelity::transaction;
  std::optional<SampleOptions> sample;             // set: each layer has its own
  std::optional<std::uint64_t> density_only_seed;  // set: each layer has what density alone would say
  double clock_mhz = 0;
  SumWidth sum_width;  // of the machine
  std::int64_t pes = 0;
  double area_mm2 = 0;
  std::vector<AreaLine> area;  // sums to area_mm2
  std::string sram_cell;       // "lstp" or "hp"
  std::vector<LayerResult> layers;
  std::vector<Gain> gains;                // of the costliest causes, where asked for
  std::vector<std::string> skipped;       // layers that run off the array
  std::vector<Refusal> refused = {};      // layers that the machine cannot run
  std::optional<MemoryNeed> memory = {};  // of one process that runs all layers, where it was foreseen
  std::optional<MemoryNeed> memory_at_a_time = {};  // of the processes that ran them
  std::vector<GivenMapping> mappings;               // of a row-stationary array: what each layer ran with
  // Of a comparison: against its first result, geometric means over the layers.
  std::optional<double> speedup = {}, energy_gain = {};

  [[nodiscard]] Cycles cycles() const;
  [[nodiscard]] Picojoules energy() const;
  [[nodiscard]] EnergyRange energy_range() const;  // of all layers' figures erring to one side at once
  [[nodiscard]] SumStatistics sums() const;
  // Of all layers together; bits: the most.
  [[nodiscard]] WeightsMoved weights() const;
  // Of all layers together, in a sampled run.
  [[nodiscard]] SampledPart sampled() const;
  [[nodiscard]] double seconds(Cycles cycles) const {
    return static_cast<double>(cycles.value) / (clock_mhz * 1e6);
  }
};

}  // namespace basil
