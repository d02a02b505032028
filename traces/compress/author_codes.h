// From the codes that a network came with to the integers of an operand: code - zero point.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "traces/network/dense_network.h"

namespace basil {

// The narrowest dtype of code - zero point, whatever the code. Throws Error at `where` where 16 bits are too
// few.
[[nodiscard]] Dtype integer_dtype(Dtype codes, const std::vector<std::int32_t>& zero_points,
                                  const std::string& where);
// What an operand of these integers has beside them; none where the integers are the codes.
[[nodiscard]] std::optional<Codes> codes_beside(Dtype integers, Dtype codes,
                                                const std::vector<std::int32_t>& zero_points);

// The same of a layer's input.
[[nodiscard]] Dtype ifmap_dtype(const DenseLayer& dense);
[[nodiscard]] std::optional<Codes> ifmap_codes(const DenseLayer& dense);

// The layer in real weights and integers without a zero point, as steps fit it. None where it is that
// already.
[[nodiscard]] std::optional<DenseLayer> plain_layer(const DenseLayer& dense);

}  // namespace basil
