// The arrays of a layer in a network file.
#pragma once

#include <optional>
#include <string>

#include "traces/file/npz.h"
#include "traces/network/axes.h"
#include "traces/network/dense_network.h"

namespace basil {

// What network.json says of a layer's arrays, beside the layer itself.
struct ArrayFields {
  std::string weight_axes;
  std::string input_axes;  // empty: NCHW or CHW, of an fc layer any shape (the first schema)
  std::optional<Dtype> input_dtype;
  bool scale_per_filter = false, zero_per_filter = false;  // of weights that are codes
};

// As files are written, and as those of the first schema are.
[[nodiscard]] inline std::string weight_file_axes(Kind kind) {
  return kind->flat() ? "KC" : weight_file_order;
}
[[nodiscard]] inline std::string input_file_axes(Kind kind) { return kind->flat() ? "NC" : ifmap_file_order; }

// Fills weights or codes, bias, ifmap, N, and the output's factors. Throws Error "layer NAME: PART: ..." for
// an array that is absent, damaged, not of the shape that the axes imply, or with values outside its dtype.
void read_arrays(NpzReader& archive, const ArrayFields& fields, DenseLayer& layer);

}  // namespace basil
