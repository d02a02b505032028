// An ONNX graph without protobuf: nodes in order, constants by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "traces/onnx/tensor.h"

namespace basil::onnx_import {

using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>>;

struct Node {
  std::string name, op;
  std::vector<std::string> inputs, outputs;  // names of values; an input left out is ""; one output or more
  std::map<std::string, Attribute> attributes;

  [[nodiscard]] std::string where() const { return "node " + name + " (" + op + ")"; }

  // An attribute, or what to take where there is none. Throws Error where it is of another type.
  [[nodiscard]] std::int64_t integer(const std::string& key, std::int64_t otherwise) const;
  [[nodiscard]] float real(const std::string& key, float otherwise) const;
  [[nodiscard]] std::string text(const std::string& key, const std::string& otherwise) const;
  [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(const std::string& key) const;
};

struct Graph {
  std::string name, source, licence;
  std::string input;  // the one input that is not a constant
  Axes input_shape;   // -1 where the model leaves an axis free
  std::vector<Node> nodes;
  std::map<std::string, Tensor> constants;
  std::vector<std::string> outputs;
};

// Reads a model: initializers and Constant nodes become constants. Errors name the tensor or node: what is
// not an ONNX model, weights in another file or of a type that is not a number, an operator of another
// domain, more than one input.
[[nodiscard]] Graph read_graph(const std::filesystem::path& file);

// A name as a person may see it and JSON may hold it: what is not printable ASCII becomes '_'.
[[nodiscard]] std::string printable(std::string text);

// Who reads a value. The graph's own outputs count as readers.
class Readers {
 public:
  explicit Readers(const Graph& graph);

  [[nodiscard]] int count(const std::string& value) const;
  // Index of the one node that reads the value, and reads it once; none where others do too.
  [[nodiscard]] std::optional<std::size_t> sole(const std::string& value) const;

 private:
  struct Entry {
    int count = 0;
    std::optional<std::size_t> last;
  };
  std::unordered_map<std::string, Entry> values_;
};

}  // namespace basil::onnx_import
