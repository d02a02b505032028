#include "pe/unit.h"

#include <memory>
#include <string>

#include "core/error.h"
#include "pe/basis_first/convolve_first.h"
#include "pe/basis_first/convolve_first_clocked.h"
#include "pe/basis_first/plain_weights.h"
#include "pe/basis_first/plain_weights_clocked.h"
#include "pe/basis_first/sum_first.h"
#include "pe/basis_first/sum_first_clocked.h"
#include "traces/encodings/basis.h"

namespace basil {
namespace {

using namespace basis_first;

void check_parameters(const UnitParameters& parameters, const std::string& where) {
  if (parameters.dtype == Dtype::fp32) {
    throw Error(where, "fp32 operands", "integers, which is what the basis_first unit takes");
  }
}

std::unique_ptr<TileUnit> make(const Layer& layer, const UnitParameters& parameters) {
  if (layer.weights.encoding != &basis_encoding) return std::make_unique<PlainWeights>(layer, parameters);
  if (Design(parameters).convolve_first) return std::make_unique<ConvolveFirst>(layer, parameters);
  return std::make_unique<SumFirst>(layer, parameters);
}

std::unique_ptr<ClockedTile> clocked(const Layer& layer, const UnitParameters& parameters,
                                     const TilePass& pass) {
  if (layer.weights.encoding != &basis_encoding) {
    return std::make_unique<PlainWeightsClocked>(layer, parameters, pass);
  }
  if (Design(parameters).convolve_first) {
    return std::make_unique<ConvolveFirstClocked>(layer, parameters, pass);
  }
  return std::make_unique<SumFirstClocked>(layer, parameters, pass);
}

const TileArray array{
    .check = check_parameters,
    .columns =
        [](const UnitParameters& parameters) {
          return parameters.at("slices") * parameters.at("multipliers");
        },
    .cut = cut,
    .lacks = lacks,
    .parts = parts,
    .make = make,
    .clocked = clocked,
    .signals = signals,
};

}  // namespace

extern const UnitType basis_first_unit;
const UnitType basis_first_unit{
    .name = "basis_first",
    .summary = "ternary sums over channels, then a few basis kernels (ESCALATE), or PENNI's order",
    .weight_encodings = {&basis_encoding},
    .plain_weights = true,
    .check = check_layer,
    .keys = keys(),
    .array = &array,
};

}  // namespace basil
