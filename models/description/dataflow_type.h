// What there is to know of a dataflow. Every file of models/dataflows/ that defines one, `<name>_dataflow` in
// <name>.cpp, is found by the build and gathered into a table; nothing else of Basil needs to know which
// there are.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/clocked.h"
#include "core/integer_key.h"
#include "core/random_stream.h"
#include "core/yaml.h"
#include "dataflows/array.h"
#include "dataflows/schedule.h"
#include "pe/unit.h"

namespace basil {

struct Description;
class Mapper;

// A key, or section, of an accelerator's file that only this dataflow reads.
struct OwnKey {
  std::string_view name;
  std::string_view what;  // for whoever gives it with another: "scratchpads of a row-stationary PE"
};

// A line of the energy account: events times a row of the technology table, or uses of a store.
struct Charge {
  std::string component;  // "mac", "spad", "noc"
  std::string item;
  std::int64_t count = 0;
  std::string row;         // of the table
  double factor = 1;       // uses of the row that an event stands for
  bool per_pitch = false;  // and times the distance of neighbouring PEs, in mm
};
struct StoreCharge {
  std::size_t part = 0;  // the array's, by its number
  Uses uses;
};
using Charges = std::vector<std::variant<Charge, StoreCharge>>;

// "Null: ..." says what holds where a dataflow leaves a function out.
struct DataflowType {
  std::string_view name, summary;
  // For units that bring an array of their own, and for these alone.
  bool units_array = false;

  // The description. Whole numbers of its own in the section `array`, beside rows and cols;
  std::vector<IntegerKey> keys = {};
  // what else it alone reads, and how; and once all has been read. Null: nothing.
  std::vector<OwnKey> own_keys = {};
  void (*read)(Description& machine, YamlReader& reader) = nullptr;
  void (*complete)(Description& machine, const std::string& file) = nullptr;
  // Which of its stores may be in two halves, and which are where nothing is said.
  OperandDelivery may_double = {}, usual_delivery = {};
  // Each layer has a mapping, given or chosen (models/mapping/mapper.h).
  bool maps = false;
  // Words enter and leave at the edges of a grid of PEs, not at each of them.
  bool at_edges = false;
  // Finished sums leave the array as words, requantised at its edge.
  bool gives_words = false;

  // What the array is built of, and what it uses of that; null: Activity::parts are the uses of all parts.
  std::vector<Part> (*parts)(const Description& machine);
  Charges (*charges)(const Description& machine, const Activity& activity) = nullptr;

  // Running a layer. Errors "layer NAME on MACHINE: ..." for what the machine lacks; `mapper` is the run's.
  std::unique_ptr<Schedule> (*schedule)(const Layer& layer, const Description& machine, Mapper& mapper);
  // The array; machine and mapper must outlive it. Without a mapper: behind buffers that have whatever is
  // asked for.
  std::unique_ptr<Array> (*make)(const Description& machine, Mapper* mapper);
  std::vector<ClockedSignal> (*signals)(const Description& machine);

  // The count check (models/checks/count_check.h). Passes, one behind the other, of a small layer; none where
  // a store does not hold it.
  std::vector<Step> (*block_passes)(const Layer& block, const Description& machine, RandomStream& draw);
  // A small array of the same kind; null: of fewer rows and columns.
  Description (*corner)(const Description& machine) = nullptr;
  // PE-cycles that clocking such a block takes, about; 0: 50 for each PE.
  std::int64_t block_pe_cycles = 0;

  // Why it leaves many PEs without work, of which `mapped` have some; null: it never does.
  std::string (*why_idle)(const Layer& layer, const Description& machine, std::int64_t mapped) = nullptr;
  // Estimates: bytes of a waveform that a clocked cycle takes, mapped PEs being at work for a part of them;
  // bytes of memory that a layer takes beside its operands and sums; null: none.
  double (*waveform_bytes)(const Description& machine, double at_work) = nullptr;
  double (*own_bytes)(const LayerShape& shape) = nullptr;
};

// All of them, by name.
[[nodiscard]] std::span<const DataflowType* const> dataflow_types();

}  // namespace basil
