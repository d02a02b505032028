#include "pe/unit.h"

#include "pe/mac/mac_values.h"
#include "pe/operand_width.h"

namespace basil {
namespace {

std::string width(const UnitParameters& parameters) {
  return std::string(to_string(parameters.dtype == Dtype::uint8 ? Dtype::int8 : parameters.dtype));
}

void check_mac(const Layer& layer, const UnitParameters& parameters) {
  check_widths(layer, parameters,
               (parameters.dtype == Dtype::fp32 ? "" : "at most ") +
                   std::string(to_string(parameters.dtype)) + ", which is what the mac unit takes");
}

std::unique_ptr<Unit> make_mac(const Layer& layer, const UnitParameters& parameters) {
  if (parameters.dtype == Dtype::fp32) return std::make_unique<MacValues<float>>(layer, parameters);
  return std::make_unique<MacValues<std::int16_t>>(layer, parameters);
}

}  // namespace

extern const UnitType mac_unit;
const UnitType mac_unit{
    .name = "mac",
    .summary = "int4/8/16 or fp32 multiply-accumulate, one product a cycle, optional zero gating",
    .weight_encodings = {},
    .plain_weights = true,
    .check = check_mac,
    .make = make_mac,
    .product_row = [](const UnitParameters& parameters) { return "mac_" + width(parameters); },
    .gated_row = [](const UnitParameters& parameters) { return "mac_gated_" + width(parameters); },
};

}  // namespace basil
