// Multiply-accumulate without a multiplier: weights are sums of signed powers of two (LightNN, FLightNN), a
// slot shifts the activation once for each of its shifters and adds. LightPE-1 has one shifter, LightPE-2
// two.
#include "pe/unit.h"

#include <algorithm>
#include <numeric>

#include "pe/mac/mac_values.h"
#include "pe/operand_width.h"
#include "traces/encodings/power_of_two.h"
#include "traces/trace.h"

namespace basil {
namespace {

// Slots of a filter's weights: its terms by the shifters of a slot. A filter without terms still has its
// slot.
std::vector<int> slots_of(const Layer& layer, const UnitParameters& parameters) {
  std::vector<int> slots;
  const PowerOfTwo* powers = layer.weights.own.as<PowerOfTwo>();
  if (powers == nullptr) return slots;  // of a layer that the unit refuses
  for (const int terms : powers->terms)
    slots.push_back(std::max(1, static_cast<int>(ceil_div(terms, parameters.at("shifts")))));
  return slots;
}

// Values as a multiplier would have them; a product counts once for each of its slots.
class ShiftAddValues final : public Unit {
 public:
  ShiftAddValues(const Layer& layer, const UnitParameters& parameters)
      : values_(layer, parameters), slots_(slots_of(layer, parameters)) {}

  Products accumulate(const RowPass& pass, Ofmap& sums) override {
    return in_slots(values_.accumulate(pass, sums), pass.filters);
  }
  Products accumulate(const GemmPass& pass, Ofmap& sums) override {
    return in_slots(values_.accumulate(pass, sums), pass.filters);
  }

 private:
  [[nodiscard]] Products in_slots(const Products& products, Range filters) const {
    const std::int64_t slots =
        std::accumulate(slots_.begin() + filters.first, slots_.begin() + filters.end, std::int64_t{0});
    return {.all = products.all / filters.size() * slots,
            .gated = products.gated / filters.size() * slots,
            .gated_leaving = products.gated_leaving};  // the last slot of each filter
  }

  MacValues<std::int16_t> values_;
  std::vector<int> slots_;
};

void check_shift_add(const Layer& layer, const UnitParameters& parameters) {
  check_ifmap_width(
      layer, parameters,
      "at most " + std::string(to_string(parameters.dtype)) + ", which is what the shift_add unit takes");
}

// Filters of equal slots side by side, so that no PE waits for one with more: those with most first.
std::vector<int> group_by_slots(const Layer& layer, const UnitParameters& parameters) {
  if (parameters.at("group_filters") == 0) return {};
  const std::vector<int> slots = slots_of(layer, parameters);
  std::vector<int> order(slots.size());
  std::iota(order.begin(), order.end(), 0);
  const int filters = layer.shape.filters_per_group();
  for (auto first = order.begin(); first != order.end(); first += filters) {
    std::stable_sort(first, first + filters, [&](int a, int b) {
      return slots[static_cast<std::size_t>(a)] > slots[static_cast<std::size_t>(b)];
    });
  }
  return order;
}

std::string row(const UnitParameters& parameters, const char* gated) {
  const Dtype dtype = parameters.dtype == Dtype::uint8 ? Dtype::int8 : parameters.dtype;
  return "shift" + std::to_string(parameters.at("shifts")) + gated + "_" + std::string(to_string(dtype));
}

}  // namespace

extern const UnitType shift_add_unit;
const UnitType shift_add_unit{
    .name = "shift_add",
    .summary = "shift and add: weights are one or two signed powers of two (LightPE, FLightNN)",
    .weight_encodings = {&power_of_two_encoding},
    .check = check_shift_add,
    .keys = {{"shifts", 1, 2, 1, "shifters of a PE: terms of a weight it takes in a slot"},
             {"group_filters", 0, 1, 1, "map filters of equal slots side by side"}},
    .make = [](const Layer& layer, const UnitParameters& parameters) -> std::unique_ptr<Unit> {
      return std::make_unique<ShiftAddValues>(layer, parameters);
    },
    .product_row = [](const UnitParameters& parameters) { return row(parameters, ""); },
    .gated_row = [](const UnitParameters& parameters) { return row(parameters, "_gated"); },
    .weight_bits = [](const UnitParameters& parameters) { return 4 * parameters.at("shifts"); },
    .slots = slots_of,
    .filter_order = group_by_slots,
};

}  // namespace basil
