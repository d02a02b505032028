// An ONNX graph without protobuf: nodes in order, constants by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "traces/onnx/graph/tensor.h"

namespace basil::onnx_import {

struct Graph;

// A tensor, or a graph, is held by pointer: copies of a node share it.
using Attribute =
    std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>,
                 std::vector<std::string>, std::shared_ptr<const Tensor>, std::shared_ptr<const Graph>>;

struct Node {
  std::string name, op;                      // of another domain than ONNX' own: "com.microsoft.QLinearAdd"
  std::vector<std::string> inputs, outputs;  // names of values; one left out is ""
  std::map<std::string, Attribute> attributes;
  std::int64_t opset = 13;  // of its domain's operators

  [[nodiscard]] std::string where() const { return "node " + name + " (" + op + ")"; }
  [[nodiscard]] bool has(const std::string& key) const { return attributes.contains(key); }
  [[nodiscard]] bool makes(std::size_t output) const {
    return output < outputs.size() && !outputs[output].empty();
  }

  // An attribute, or what to take where there is none. Throws Error where it is of another type.
  [[nodiscard]] std::int64_t integer(const std::string& key, std::int64_t otherwise) const;
  [[nodiscard]] float real(const std::string& key, float otherwise) const;
  [[nodiscard]] std::string text(const std::string& key, const std::string& otherwise) const;
  [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(const std::string& key) const;
  [[nodiscard]] std::optional<std::vector<float>> reals(const std::string& key) const;
  [[nodiscard]] std::optional<std::vector<std::string>> texts(const std::string& key) const;
  [[nodiscard]] const Tensor* tensor(const std::string& key) const;  // null where there is none
  [[nodiscard]] const Graph* graph(const std::string& key) const;
};

// An input of the graph that is not a constant.
struct GraphInput {
  std::string name;
  std::optional<Axes> shape;  // -1 where the model leaves an axis free; none where it says nothing
  ElementType type = ElementType::float32;
};

struct Graph {
  std::string name, source, licence;
  std::vector<GraphInput> inputs;
  std::vector<Node> nodes;
  std::map<std::string, Tensor> constants;
  std::vector<std::string> outputs;
};

inline constexpr std::int64_t oldest_opset = 7, newest_opset = 21;

// Reads a model: initializers and Constant nodes become constants, tensors in other files of the model's
// folder too. Errors name the tensor or node: what is not an ONNX model, an opset that is not followed,
// elements that are no numbers, a file that lies elsewhere.
[[nodiscard]] Graph read_graph(const std::filesystem::path& file);

// A name as a person may see it and JSON may hold it: what is not printable ASCII becomes '_'.
[[nodiscard]] std::string printable(std::string text);

// Values from outside that a graph inside a node (a branch of If) reads.
[[nodiscard]] std::vector<std::string> captured(const Node& node);

// Who reads a value. The graph's own outputs count as readers, and graphs inside a node as that node.
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
