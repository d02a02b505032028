#include "models/dataflows/multipliers.h"

namespace basil {

Charges multiplier_charges(const Description& machine, const Activity& activity) {
  const std::string product = machine.unit->product_row(machine.unit_parameters);
  const std::string gated = machine.unit->gated_row(machine.unit_parameters);
  const bool real = machine.unit_parameters.dtype == Dtype::fp32;
  const Charge psum_add{.component = "mac",
                        .item = "psum add",
                        .count = activity.psum_adds,
                        .row = real ? "add_psum_fp32" : "add_psum",
                        .factor = real ? 1 : machine.accumulator_bits / 32.0};
  return {Charge{.component = "mac", .item = product, .count = activity.products, .row = product},
          Charge{.component = "mac", .item = gated + " (gated slots)", .count = activity.gated, .row = gated},
          Charge{.component = "mac", .item = gated + " (waiting)", .count = activity.waiting, .row = gated},
          psum_add};
}

void add_slots(const Products& products, CycleAccount& bins) {
  bins.add(Bin::compute, products.all - products.gated);
  bins.add(Bin::gated, products.gated);
}

}  // namespace basil
