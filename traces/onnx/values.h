// Computed values by name, each kept until its last reader has read it.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "traces/onnx/allowance.h"
#include "traces/onnx/graph/graph.h"

namespace basil::onnx_import {

class Values {
 public:
  explicit Values(const Graph& graph) : graph_(graph), readers_(graph) {}

  // Null for an input left out. Throws Error for one that nothing before the node makes.
  [[nodiscard]] const Tensor* find(const Node& node, const std::string& name) const;
  [[nodiscard]] bool is_constant(const std::string& name) const { return graph_.constants.contains(name); }
  // Whether the value was left out, since its node could not be executed.
  [[nodiscard]] bool is_missing(const std::string& name) const { return missing_.contains(name); }
  [[nodiscard]] bool is_computed(const std::string& name) const { return live_.contains(name); }

  void add(const std::string& name, Tensor tensor, const std::string& where);
  void add_missing(const std::string& name, const std::string& where);
  // One of its readers has.
  void read(const std::string& name);

  // The one node that reads the value, if there is one.
  [[nodiscard]] std::optional<std::size_t> sole_reader(const std::string& name) const {
    return readers_.sole(name);
  }

 private:
  struct Live {
    Tensor tensor;
    int readers;
  };

  void see(const std::string& name, const std::string& where);

  const Graph& graph_;
  Readers readers_;
  std::unordered_map<std::string, Live> live_;
  std::unordered_set<std::string> seen_, missing_;
  Allowance memory_{greatest_tensor, "elements held at once"};
};

}  // namespace basil::onnx_import
