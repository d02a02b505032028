// From what the graph holds to what a dense network holds.
#pragma once

#include <map>
#include <set>
#include <string>

#include "traces/network/dense_network.h"
#include "traces/onnx/filters.h"

namespace basil::onnx_import {

// Names that a layer may carry: "/features/0/Conv" becomes "features.0.Conv"; a second one of that name
// gets ".2" behind it.
class LayerNames {
 public:
  [[nodiscard]] std::string unique(const Node& node);

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> times_;  // that a name was asked for
};

// Throws Error "layer NAME: ..." unless the shape is legal.
[[nodiscard]] DenseLayer make_layer(std::string name, Kind kind, const LayerShape& shape);

// Weights in the order K, R, S, C/groups; the input (N, C, H, W) as int8 in the order N, H, W, C. Throws
// Error for an input that is not finite.
void set_operands(DenseLayer& layer, const Filters& filters, const std::vector<float>& input);

}  // namespace basil::onnx_import
