// An accelerator as its YAML file describes it, checked once at the edge.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/yaml_keys.h"
#include "dataflows/row_stationary/mappings.h"
#include "dataflows/row_stationary/row_price.h"
#include "dataflows/row_stationary/row_stationary.h"
#include "memory/buffer/buffer.h"
#include "memory/dram/device.h"
#include "memory/off_chip/memory_type.h"
#include "models/description/dataflow_type.h"
#include "models/technology/technology.h"
#include "pe/activity.h"
#include "pe/unit.h"
#include "traces/compress/recipe.h"
#include "traces/golden/sum_width.h"

namespace basil {

// Of a network whose kind is not "bus".
struct RouterGrid {
  int rows = 4, cols = 4;  // of nodes over the array's PEs
  int flit_bits = 64;
  int packet = 8;  // flits
  int buffer = 8;  // flits behind a link
  int link_cycles = 1;
};

struct Noc {
  std::string kind = "bus";  // or a topology of memory/noc/topology.h, between tiles and DRAM too
  // What a stream moves in a cycle: the width of its bus, or of a flit.
  int filter_bits = 64, ifmap_bits = 16, psum_in_bits = 64, psum_out_bits = 64;
  double pe_pitch_mm = 0;             // distance of neighbouring PEs: wire length; 0: the edge of a PE
  int ifmap_fifo = 4, psum_fifo = 4;  // words at a PE's door, cycle fidelity
  RouterGrid routers;

  [[nodiscard]] bool routed() const { return kind != "bus"; }
};

struct Description {
  std::string name, summary;
  std::string technology;
  double clock_mhz = 200;
  int tiles = 1;  // of a chip: each with its own array and buffers, all on one DRAM
  const UnitType* unit = nullptr;
  UnitParameters unit_parameters;
  const DataflowType* dataflow = nullptr;
  int rows = 12, cols = 14;
  std::map<std::string, std::int64_t, std::less<>> array_keys;  // of the dataflow's own
  RowPe pe;                                                     // row stationary only
  BufferParameters fmap_buffer;  // ifmaps, and psums where there are no accumulators
  BufferParameters filter_buffer;
  std::optional<BufferParameters> accumulators;
  Cell sram_cell = Cell::lstp;
  // Of integer sums, see traces/golden/sum_width.h; of fp32 both widths are 32 and `overflow` has no meaning.
  int psum_bits = 16;         // of a psum between passes, in buffers and on buses
  int accumulator_bits = 16;  // of the PEs' adders, psum spads and links
  Overflow overflow = Overflow::error;
  // What the array's stores are built of, by store_key(); the others by area.
  std::map<std::string, StoreKind> stores;
  Noc noc;
  DramParameters dram;
  const MemoryType* memory = &link_memory;  // behind the chip's pins
  MemoryKeys memory_keys;                   // of its own
  std::optional<DramDevice> dram_device;    // of a memory made of one, in place of the link's latencies
  std::string dram_energy;                  // "lpddr4" or "ddr4": rows of the technology table
  // Of feature maps in DRAM, but for the first layer's ifmap: dense, run_length (as Eyeriss codes them), or
  // bitmap, which also stays in the buffers.
  Encoding fmaps = &dense_encoding;
  bool encoded_weights = false;  // weights come from DRAM in the trace's encoding, else expanded
  Overlap overlap;
  std::optional<Recipe> recipe;        // derives an encoding its unit takes from a layer in another
  std::vector<GivenMapping> mappings;  // the first that fits a layer holds; others are chosen
  RowObjective objective = RowObjective::cycles;  // of those

  // Section `delivery`: which of the array's stores are in two halves.
  [[nodiscard]] const OperandDelivery& delivery() const { return unit_parameters.delivery; }
  [[nodiscard]] std::int64_t pes() const { return std::int64_t{rows} * cols; }
  [[nodiscard]] int word_bits() const { return bits_of(unit_parameters.dtype); }
  [[nodiscard]] SumWidth sum_width() const { return {psum_bits, accumulator_bits, overflow}; }
  // Of a weight where the PEs keep it.
  [[nodiscard]] int weight_bits() const;
  [[nodiscard]] int word_bytes() const { return (word_bits() + 7) / 8; }
  [[nodiscard]] int psum_bytes() const { return (psum_bits + 7) / 8; }
  [[nodiscard]] RowArray row_array() const;
  [[nodiscard]] DataPaths data_paths() const;  // of a row-stationary array
  // Words of a row-stationary array's bus that move in a beat: over a bus no more than the buffer's port
  // gives it in a cycle.
  [[nodiscard]] int beat_words(const StreamPath& path, int word_bits) const;
  [[nodiscard]] OffChipPath off_chip_path() const;  // a tile's
  [[nodiscard]] MemoryParameters memory_parameters() const {
    return {.dram = dram, .device = dram_device ? &*dram_device : nullptr, .own = memory_keys};
  }
};

// A store's name as a key: "weight FIFO" is weight_fifo.
[[nodiscard]] std::string store_key(std::string name);

// Slots that a weight of each filter takes on the machine's unit; empty for one each.
[[nodiscard]] std::vector<int> filter_slots(const Layer& layer, const Description& machine);

// `name_or_path`: an embedded accelerator or a YAML file. `overrides`: "key.path=value", applied first.
// Errors: file:line:column and the nearest known key or name.
[[nodiscard]] Description load_accelerator(const std::string& name_or_path,
                                           const std::vector<std::string>& overrides = {});
// Every key that load_accelerator() asks for, left out or not, in the order of its reading.
[[nodiscard]] std::vector<YamlKey> keys_of_accelerator(const std::string& name_or_path,
                                                       const std::vector<std::string>& overrides = {});
[[nodiscard]] Description parse_accelerator(std::string_view text, const std::string& file,
                                            const std::vector<std::string>& overrides = {});

}  // namespace basil
