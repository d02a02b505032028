// From counted events to picojoules, by the technology's table.
#pragma once

#include <vector>

#include "memory/buffer/buffer.h"
#include "memory/dram.h"
#include "memory/noc/interconnect.h"
#include "memory/noc/multicast_bus.h"
#include "models/accounts.h"
#include "models/description.h"
#include "models/technology.h"
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
  std::int64_t run_length_pairs = 0;  // coded or decoded
};

// The machine's costs, looked up once.
class EnergyModel {
 public:
  // Error when the technology lacks a row the machine needs.
  EnergyModel(const Description& machine, const Technology& technology);

  [[nodiscard]] EnergyAccount account(const Activity& activity, const MemoryCounters& memory,
                                      Cycles cycles) const;
  // Of the routers between the tiles and DRAM, which stand a tile's edge apart; added to the account.
  void add_chip_network(const NocActivity& activity, EnergyAccount& account) const;
  // Of PEs and buffers together, and of the buffers in it.
  [[nodiscard]] double area_mm2() const { return area_mm2_; }
  [[nodiscard]] double buffer_area_mm2() const { return buffer_area_mm2_; }

 private:
  struct Cost {
    Picojoules each;
    Tag tag = Tag::estimated;
    Picojoules low, high;
  };
  [[nodiscard]] Cost row(const std::string& item, double factor = 1.0) const;
  void add_spads(EnergyAccount& account, const Activity& activity) const;
  void add_parts(EnergyAccount& account, const Activity& activity) const;
  void add_buffer(EnergyAccount& account, const std::string& name, const BufferParameters& buffer,
                  const BufferCounters& counters) const;
  void add_bus(EnergyAccount& account, const std::string& name, int bits, const BusCounters& counters) const;
  void add_network(EnergyAccount& account, const NetworkCounters& counters) const;
  void add_routers(EnergyAccount& account, const std::string& which, const NocActivity& activity,
                   double pitch_mm) const;
  void add_dram(EnergyAccount& account, const DramCounters& counters) const;
  void add_standing_costs();  // leakage and area
  [[nodiscard]] SramCost bank(const BufferParameters& buffer) const;
  [[nodiscard]] SramCost spad(std::int64_t words, int bits) const;

  const Description& machine_;
  Technology technology_;
  std::vector<Part> parts_;  // of an array that the unit brings
  double leakage_mw_ = 0, area_mm2_ = 0, buffer_area_mm2_ = 0;
};

}  // namespace basil
