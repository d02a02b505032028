// Running a graph in the integers of its file, and taking its layers down as it goes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/progress.h"
#include "traces/network/dense_network.h"
#include "traces/tflite/graph.h"
#include "traces/tflite/values.h"

namespace basil::tflite_import {

// What has been computed, and the layers met on the way.
class Run {
 public:
  Run(const Graph& graph, int input, Value value);

  [[nodiscard]] const Tensor& tensor(int number) const {
    return graph_.tensors[static_cast<std::size_t>(number)];
  }
  // Of a tensor that is there: computed before, or a constant.
  [[nodiscard]] const Value& value(int number);
  // Whether all that an operation needs is there.
  [[nodiscard]] bool ready(const Operation& operation) const;
  void put(int number, Value value);

  // A name that no other layer has, after the operation's output.
  [[nodiscard]] std::string unique_name(const Operation& operation);
  void add_layer(DenseLayer layer) { layers_.push_back(std::move(layer)); }
  [[nodiscard]] std::vector<DenseLayer> take_layers() { return std::move(layers_); }

 private:
  const Graph& graph_;
  std::map<int, Value> values_;
  std::set<std::string> names_;
  std::vector<DenseLayer> layers_;
};

// An operator that runs: whether it makes a layer with weights, and how it runs.
struct OperatorType {
  model::BuiltinOperator op;
  bool weighted;
  void (*run)(Run& run, const Operation& operation);
};
[[nodiscard]] const OperatorType* operator_type(model::BuiltinOperator op);

// The layers of the graph up to the last one with weights; `left` is what of it lies behind that, or could
// not be run and is needed by no such layer. Throws Error for an operation that is needed and not supported.
[[nodiscard]] std::vector<DenseLayer> run_graph(const Graph& graph, int input, Value value,
                                                std::vector<std::string>& left, const ShowProgress& progress);

// The operators, a file each.
void run_convolution(Run& run, const Operation& operation);
void run_fully_connected(Run& run, const Operation& operation);
void run_pool(Run& run, const Operation& operation);
void run_add(Run& run, const Operation& operation);
void run_pad(Run& run, const Operation& operation);
void run_reshape(Run& run, const Operation& operation);
void run_activation(Run& run, const Operation& operation);
void run_multiply(Run& run, const Operation& operation);
void run_dequantize(Run& run, const Operation& operation);
void run_resize(Run& run, const Operation& operation);
void run_concatenate(Run& run, const Operation& operation);
void run_mean(Run& run, const Operation& operation);

}  // namespace basil::tflite_import
