#include "pe/operand_width.h"

#include "core/error.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

void check_width(const Layer& layer, const char* name, const Operand& operand, Dtype widest,
                 const std::string& expected) {
  const bool same_kind = operand.is_real() == (widest == Dtype::fp32);
  if (same_kind && decoded_bits(operand) <= bits_of(widest)) return;
  const std::string less = operand.has_zero_point() ? ", codes less their zero point" : "";
  throw Error("layer " + layer.name + ": " + name, std::string(to_string(operand.dtype)) + " values" + less,
              expected);
}

}  // namespace

void check_ifmap_width(const Layer& layer, const UnitParameters& parameters, const std::string& expected) {
  check_width(layer, "ifmap", layer.ifmap, parameters.dtype, expected);
}

void check_widths(const Layer& layer, const UnitParameters& parameters, const std::string& expected) {
  check_width(layer, "weights", layer.weights, parameters.dtype, expected);
  check_ifmap_width(layer, parameters, expected);
}

}  // namespace basil
