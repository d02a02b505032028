// A TensorFlow Lite model as its file has it: tensors by number, operators in the order they run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "traces/tflite/model_generated.h"

namespace basil::tflite_import {

namespace model = tflite_model;

using Axes = std::vector<std::int64_t>;

// real = (code - zero point) * scale; one of each, or one for each place along `axis`. None: not quantised.
struct Quantisation {
  std::vector<float> scales;
  std::vector<std::int64_t> zero_points;
  int axis = 0;

  [[nodiscard]] bool empty() const { return scales.empty(); }
};

struct Tensor {
  std::string name;
  model::TensorType type = model::TensorType_FLOAT32;
  Axes shape;
  Quantisation quantisation;
  std::string_view bytes;  // of a constant, in the file; empty where an operator computes it
  const model::SparsityParameters* sparsity = nullptr;  // its bytes are the values that are not zero

  [[nodiscard]] std::int64_t elements() const;
};

struct Operation {
  model::BuiltinOperator op = model::BuiltinOperator_ADD;
  std::string custom;                // the name of one that is not built in
  std::vector<int> inputs, outputs;  // -1: an input left out
  const model::Operator* options = nullptr;

  [[nodiscard]] std::string name() const;
};

struct Graph {
  std::string file_bytes;  // what `bytes` and `options` point into
  std::string name, description;
  std::vector<Tensor> tensors;
  std::vector<Operation> operations;
  std::vector<int> inputs;
};

// Whether a file begins as these do.
[[nodiscard]] bool is_tflite(const std::filesystem::path& file);

// Throws Error for a file that is none, is damaged, or whose tables point outside each other.
[[nodiscard]] Graph read_graph(const std::filesystem::path& file);

// "INT8", for messages.
[[nodiscard]] std::string to_string(model::TensorType type);
[[nodiscard]] std::string shape_text(const Axes& shape);

}  // namespace basil::tflite_import
