#include "traces/compress/author_codes.h"

#include <algorithm>

#include "traces/network/real_numbers.h"

namespace basil {

Dtype integer_dtype(Dtype codes, const std::vector<std::int32_t>& zero_points, const std::string& where) {
  const auto [least, greatest] = std::ranges::minmax(zero_points);
  return narrowest(lowest(codes) - greatest, highest(codes) - least, where);
}

std::optional<Codes> codes_beside(Dtype integers, Dtype codes, const std::vector<std::int32_t>& zero_points) {
  const bool none = std::ranges::all_of(zero_points, [](std::int32_t zero) { return zero == 0; });
  if (none && integers == codes) return {};
  return Codes{.dtype = codes, .zero_points = zero_points};
}

Dtype ifmap_dtype(const DenseLayer& dense) {
  return integer_dtype(dense.activation_dtype, {dense.activation_zero_point},
                       "layer " + dense.name + ": input less its zero point");
}

std::optional<Codes> ifmap_codes(const DenseLayer& dense) {
  return codes_beside(ifmap_dtype(dense), dense.activation_dtype, {dense.activation_zero_point});
}

std::optional<DenseLayer> plain_layer(const DenseLayer& dense) {
  if (!dense.codes && dense.activation_zero_point == 0) return {};
  DenseLayer plain = with_reals(dense);
  plain.ifmap = ifmap_integers(dense);
  plain.activation_dtype = ifmap_dtype(dense);
  plain.activation_zero_point = 0;
  return plain;
}

}  // namespace basil
