#include "traces/onnx/values.h"

#include "core/error.h"

namespace basil::onnx_import {

const Tensor* Values::find(const Node& node, const std::string& name) const {
  if (name.empty()) return nullptr;
  if (const auto found = live_.find(name); found != live_.end()) return &found->second.tensor;
  if (const auto found = graph_.constants.find(name); found != graph_.constants.end()) return &found->second;
  throw Error(node.where(), "an input '" + printable(name) + "' that no node before it makes",
              "a graph in order, without cycles");
}

void Values::see(const std::string& name, const std::string& where) {
  if (graph_.constants.contains(name) || !seen_.insert(name).second)
    throw Error(where, "a second value of its output's name", "names that differ");
}

void Values::add(const std::string& name, Tensor tensor, const std::string& where) {
  see(name, where);
  const int readers = readers_.count(name);
  if (readers == 0) return;
  memory_.take(tensor.size(), where);
  live_.emplace(name, Live{std::move(tensor), readers});
}

void Values::add_missing(const std::string& name, const std::string& where) {
  see(name, where);
  missing_.insert(name);
}

void Values::read(const std::string& name) {
  const auto found = live_.find(name);
  if (found == live_.end() || --found->second.readers > 0) return;
  memory_.give_back(found->second.tensor.size());
  live_.erase(found);
}

}  // namespace basil::onnx_import
