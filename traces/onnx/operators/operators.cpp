#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {

std::vector<Tensor> Operator::operator()(const Call& call) const {
  if (all_ != nullptr) return all_(call);
  std::vector<Tensor> outputs;
  outputs.push_back(first_(call));
  return outputs;
}

const Operators& all_operators() {
  static const Operators table = [] {
    Operators all;
    for (const Operators* part :
         {&arithmetic_operators(), &cast_operators(), &elementwise_operators(), &gather_operators(),
          &move_operators(), &normalise_operators(), &order_operators(), &qonnx_operators(),
          &quantise_operators(), &reduce_operators(), &resize_operators(), &shape_operators(),
          &slice_operators()})
      all.insert(part->begin(), part->end());
    return all;
  }();
  return table;
}

const Operator* find_operator(const std::string& op) {
  const auto found = all_operators().find(op);
  return found == all_operators().end() ? nullptr : &found->second;
}

}  // namespace basil::onnx_import
