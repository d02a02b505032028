#include "traces/onnx/layer_operators.h"

namespace basil::onnx_import {

const LayerOperators& all_layer_operators() {
  static const LayerOperators table = [] {
    LayerOperators all;
    for (const LayerOperators* part : {&conv_operators(), &integer_operators(), &product_operators(),
                                       &recurrent_operators(), &transposed_operators()})
      all.insert(part->begin(), part->end());
    return all;
  }();
  return table;
}

LayerOperator find_layer_operator(const std::string& op) {
  const auto found = all_layer_operators().find(op);
  return found == all_layer_operators().end() ? nullptr : found->second;
}

}  // namespace basil::onnx_import
