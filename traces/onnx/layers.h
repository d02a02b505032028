// From what the graph holds to what a dense network holds.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "traces/network/dense_network.h"
#include "traces/onnx/allowance.h"
#include "traces/onnx/filters.h"

namespace basil::onnx_import {

// Names that a layer may carry: "/features/0/Conv" becomes "features.0.Conv", and a part of a node that is
// several layers "features.0.Conv.part"; a second one of that name gets ".2" behind it.
class LayerNames {
 public:
  [[nodiscard]] std::string unique(const Node& node, const std::string& part = "");

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> times_;  // that a name was asked for
};

// Throws Error "layer NAME: ..." unless the shape is legal.
[[nodiscard]] DenseLayer make_layer(std::string name, Kind kind, const LayerShape& shape);

// What a layer receives: (N, C, H, W), and the integers behind, where there are some.
struct LayerInput {
  const std::vector<float>& values;
  std::shared_ptr<const Grid> grid = {};
};

// Weights in the order K, R, S, C/groups; the input (N, C, H, W) in the order N, H, W, C: the integers that
// it was, where a layer can hold them, else int8, its greatest magnitude at 127. Throws Error for an input
// that is not finite.
void set_operands(DenseLayer& layer, const Filters& filters, const LayerInput& input);

// The layers of a run in their order, and what they may use up.
class Layers {
 public:
  // A layer without operands: a pool, an addition.
  DenseLayer& list(const Node& node, Kind kind, const LayerShape& shape, const std::string& part = "");

  // A layer with weights, "NODE.part". Throws Error for filters that are not finite, and for more work or
  // memory than one run is given.
  DenseLayer& add(const Node& node, const std::string& part, Kind kind, const LayerShape& shape,
                  const Filters& filters, const LayerInput& input);

  void work(std::int64_t operations, const std::string& where) { work_.take(operations, where); }
  [[nodiscard]] std::vector<DenseLayer> take() { return std::move(layers_); }

 private:
  std::vector<DenseLayer> layers_;
  LayerNames names_;
  Allowance work_{std::int64_t{1} << 40, "multiply-accumulates"};  // or elements made
  Allowance inputs_{std::int64_t{1} << 30, "elements in the inputs of all layers"};
};

}  // namespace basil::onnx_import
