// What a machine is built of: every part that takes area and leaks.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "models/description/description.h"
#include "models/technology/store.h"
#include "models/technology/technology.h"
#include "pe/tile.h"

namespace basil {

// Kinds of parts. The array's PEs are operators and stores; coders are what outputs and feature maps pass on
// their way between array, buffers and DRAM.
enum class PartGroup { operators, stores, buffers, network, coders };
inline constexpr std::size_t part_groups = 5;
[[nodiscard]] std::string_view to_string(PartGroup group);

struct Component {
  PartGroup group = PartGroup::operators;
  std::string name;  // with which items of the energy account begin
  double instances = 0;
  double area_mm2 = 0;          // of one
  Leakage leakage;              // of one
  std::string_view built = {};  // a store: "registers" or "sram"

  [[nodiscard]] double all_mm2() const { return instances * area_mm2; }
};

// The array's operators and stores: a unit's own, or the PEs of a row-stationary or systolic array; the
// stores of the kinds that the machine's `stores` says.
[[nodiscard]] std::vector<Part> array_parts(const Description& machine);
[[nodiscard]] StoreCost part_cost(const Part& store, const Description& machine,
                                  const Technology& technology);
// Of one bank.
[[nodiscard]] StoreCost bank_cost(const BufferParameters& buffer, const Description& machine,
                                  const Technology& technology);

// Of one tile. Error for a technology without a row the machine needs.
[[nodiscard]] std::vector<Component> tile_components(const Description& machine,
                                                     const Technology& technology);
// Of the routers between the tiles and DRAM; none where there is one tile, or buses.
[[nodiscard]] std::vector<Component> chip_components(const Description& machine,
                                                     const Technology& technology);

[[nodiscard]] double area_of(const std::vector<Component>& components);

// Words requantised in a cycle: as many as leave the array through its port.
[[nodiscard]] std::int64_t requantisers(const Description& machine);

// What no row covers: a report says so.
inline constexpr std::array<std::string_view, 3> not_counted{"DMA", "sequencer", "clock tree"};

}  // namespace basil
