// The kinds of memory that a machine's description can put behind the pins of its chip. Every file of
// memory/off_chip/ that defines a `<name>_memory` adds one; the build gathers them into a table.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/integer_key.h"
#include "core/units.h"
#include "memory/dram/device.h"
#include "memory/off_chip/dram.h"
#include "memory/off_chip/off_chip.h"

namespace basil {

class DramTarget;

// Values of a memory's own keys.
using MemoryKeys = std::map<std::string, std::int64_t, std::less<>>;

// What a machine's description says of its memory; it must outlive what is made of it.
struct MemoryParameters {
  const DramParameters& dram;  // the chip's pins, and the section's latencies, rows and banks
  const DramDevice* device;    // key `device`, or null
  const MemoryKeys& own;       // every key of the memory's type

  // Value of a key the memory has.
  [[nodiscard]] std::int64_t at(std::string_view key) const { return own.find(key)->second; }
};

struct MemoryEnergy {
  std::string name;  // of the device and what it does
  std::int64_t count;
  Picojoules each;
};

// Of a memory that knows its own currents, on average.
struct MemoryPrices {
  double read_byte_pj, write_byte_pj, cycle_pj;
};

// How fast a memory gives data by itself.
struct MemoryRate {
  std::int64_t bits, khz;
};

// A memory as a chip has it, its pins included.
class PinnedMemory : public OffChip {
 public:
  // Since the last quiesce().
  [[nodiscard]] virtual DramCounters counters() const = 0;
  // Of the `cycles` since the last quiesce(), standby included. Empty: what the technology's table makes of
  // counters().
  [[nodiscard]] virtual std::vector<MemoryEnergy> energy(Cycles /*cycles*/) { return {}; }
  // Whose commands a waveform shows; null: there are none.
  [[nodiscard]] virtual DramTarget* device() { return nullptr; }
};

// "Null: ..." says what holds where a type leaves a function out.
struct MemoryType {
  std::string_view name;
  std::string_view summary;
  bool of_device = false;  // made of the DRAM device that the key `device` names
  std::span<const IntegerKey> keys = {};
  std::unique_ptr<PinnedMemory> (*make)(const MemoryParameters& parameters);
  // What a mapping is chosen by. From a request to its first data; null: latency_ns and row_miss_ns.
  Cycles (*first_data)(const MemoryParameters& parameters) = nullptr;
  // Null: the pins set the pace.
  MemoryRate (*rate)(const MemoryParameters& parameters) = nullptr;
  // Null: the technology's table.
  MemoryPrices (*prices)(const MemoryParameters& parameters, double clock_mhz) = nullptr;
};

// What a description has until something else is said: a latency and a bandwidth (memory/off_chip/dram.h).
extern const MemoryType link_memory;

[[nodiscard]] std::span<const MemoryType* const> memory_types();
[[nodiscard]] std::vector<std::string> memory_names();
// Error with the nearest known name.
[[nodiscard]] const MemoryType& memory_type(const std::string& name, const std::string& where);

}  // namespace basil
