// From counted events to picojoules, by the technology's table.
#pragma once

#include <array>
#include <vector>

#include "memory/buffer/buffer.h"
#include "memory/noc/interconnect.h"
#include "memory/noc/multicast_bus.h"
#include "memory/off_chip/dram.h"
#include "models/description/description.h"
#include "models/energy/components.h"
#include "models/result/accounts.h"
#include "models/technology/technology.h"
#include "pe/activity.h"

namespace basil {

// Of the network between a tile's buffers and its array: buses, or routers.
struct NetworkCounters {
  BusCounters filter_bus, ifmap_bus, psum_in_bus, psum_out_bus;
  NocActivity routed;
};

// Everything outside the PEs that costs energy when used.
struct MemoryCounters {
  DramCounters dram;
  BufferCounters fmaps, filters, accumulators;
  NetworkCounters network;
  std::int64_t coder_uses = 0;   // of the feature maps' coder, either way: pairs, or positions
  std::int64_t outputs = 0;      // requantised
  std::int64_t zero_points = 0;  // taken from words of the ifmap on their way into the buffer
};

// The machine's costs, looked up once.
class EnergyModel {
 public:
  // Error when the technology lacks a row the machine needs.
  EnergyModel(const Description& machine, const Technology& technology);

  [[nodiscard]] EnergyAccount account(const Activity& activity, const MemoryCounters& memory,
                                      Cycles cycles) const;
  // Of the routers between the tiles and DRAM, which stand a tile's edge apart; added to the account.
  void add_chip_network(const NocActivity& activity, Cycles cycles, EnergyAccount& account) const;

  // What a tile is built of, and the routers between tiles.
  [[nodiscard]] const std::vector<Component>& components() const { return components_; }
  [[nodiscard]] const std::vector<Component>& chip_network() const { return chip_network_; }
  // Of all tiles and the routers between them, and what of it does not grow with the array.
  [[nodiscard]] double area_mm2() const;
  [[nodiscard]] double fixed_area_mm2() const;
  // Of neighbouring PEs, and so of the wires between them: as described, or the edge of a PE with its stores.
  [[nodiscard]] double pe_pitch_mm() const { return pe_pitch_mm_; }

 private:
  [[nodiscard]] Price row(const std::string& item, double factor = 1.0) const;
  void add_charges(EnergyAccount& account, const Charges& charges) const;
  void add_part(EnergyAccount& account, std::size_t index, const Uses& uses) const;
  void add_buffers(EnergyAccount& account, const MemoryCounters& memory) const;
  void add_bus(EnergyAccount& account, const std::string& name, int bits, const BusCounters& counters) const;
  void add_network(EnergyAccount& account, const NetworkCounters& counters) const;
  void add_routers(EnergyAccount& account, const std::string& which, const NocActivity& activity,
                   double pitch_mm) const;
  void add_dram(EnergyAccount& account, const DramCounters& counters) const;
  void add_coders(EnergyAccount& account, const MemoryCounters& memory) const;
  void add_leakage(EnergyAccount& account, const std::string& of, const Leakage& leakage,
                   Cycles cycles) const;

  const Description& machine_;
  Technology technology_;
  std::vector<Part> parts_;        // of the array
  std::vector<StoreCost> stores_;  // of each part; of operators nothing
  StoreCost fmap_bank_, filter_bank_, accumulator_bank_;
  std::vector<Component> components_, chip_network_;
  std::array<Leakage, part_groups> leakage_{};
  double tile_area_mm2_ = 0, pe_pitch_mm_ = 0;
};

}  // namespace basil
