// Constants of which the file holds the non-zero blocks alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/tflite/graph.h"

namespace basil::tflite_import {

// Where each stored value lies in the dense tensor, in the order in which they are stored. Levels are walked
// in the traversal order: a dense one holds every index, a compressed one those between its segments; levels
// behind the tensor's axes are places within blocks. Throws Error at `where` for levels that contradict each
// other or the shape.
[[nodiscard]] std::vector<std::int64_t> stored_places(const model::SparsityParameters& sparsity,
                                                      const Axes& shape, const std::string& where);

}  // namespace basil::tflite_import
