// The mappings of a run's layers on a row-stationary machine: given, remembered or chosen.
#pragma once

#include <optional>
#include <vector>

#include "dataflows/row_stationary/row_mapper.h"
#include "models/description/description.h"
#include "models/energy/energy.h"
#include "traces/trace.h"

namespace basil {

// What the mapper's energy is made of: what the energy model says of one event each. Over routers a multicast
// is taken for as many packets as it has takers' nodes, each at the mean distance.
[[nodiscard]] RowPrices row_prices(const Description& machine, const EnergyModel& energy);

// What a layer's data say of its costs. Densities are taken in eighths, so that layers of one shape are
// mapped alike: zeros rounded down, coded sizes up; the ifmap counts as coded wherever the machine codes any.
[[nodiscard]] RowData row_data(const Layer& layer, const Description& machine);

// The array with spads for weights of the most slots.
[[nodiscard]] RowArray row_array(const Description& machine, const std::vector<int>& filter_slots);

// For messages: "layer NAME on MACHINE".
[[nodiscard]] std::string where_of(const Layer& layer, const Description& machine);

class Mapper {
 public:
  // The machine must outlive it. Without an energy model its objective must be cycles.
  Mapper(const Description& machine, const EnergyModel& energy);
  explicit Mapper(const Description& machine) : machine_(machine) {}

  // Error "layer NAME on MACHINE: ..." when none fits the machine or the one that is given does not.
  [[nodiscard]] RowMapping mapping(const Layer& layer);
  // A mapping is given for a layer, or a part of one, of this name and shape.
  [[nodiscard]] bool has(const Layer& layer) const;
  // The Error that `mapping` would throw; operands' values do not matter.
  void check(const Layer& layer) const;
  // What a layer of that shape is likely to score, for comparing ways to cut it: no flow is followed.
  [[nodiscard]] double expected(const LayerShape& shape, const RowData& data);
  // For a machine that differs in the sizes of its stores; what it chooses is noted here. This must outlive
  // it.
  [[nodiscard]] Mapper on(const Description& machine);
  // Of passes on the array behind buses, known so far: a run goes on with those that its mapping was chosen
  // by.
  [[nodiscard]] RowFlows& flows();
  // Of all layers and parts of layers so far, as a file would give them.
  [[nodiscard]] const std::vector<GivenMapping>& used() const { return used_; }

 private:
  struct Known {
    LayerShape shape;
    RowData data;
    RowMapping mapping;
  };
  [[nodiscard]] const GivenMapping* found(const Layer& layer) const;
  [[nodiscard]] RowMapping given(const GivenMapping& given, const Layer& layer, const RowArray& array) const;
  [[nodiscard]] RowMapping chosen(const Layer& layer, const RowArray& array, const RowData& data);
  void note(const Layer& layer, const RowMapping& mapping);

  const Description& machine_;
  RowGoal goal_;
  std::optional<RowFlows> flows_;  // of all layers so far
  std::vector<Known> known_;
  struct Expected {
    LayerShape shape;
    RowData data;
    double score = 0;
  };
  std::vector<Expected> expected_;
  std::vector<GivenMapping> used_;
  Mapper* noted_in_ = nullptr;  // instead of here
};

}  // namespace basil
