#include "traces/onnx/graph/graph.h"

#include <set>

#include "core/error.h"

namespace basil::onnx_import {
namespace {

template <class T>
const T* find(const Node& node, const std::string& key, const char* type) {
  const auto found = node.attributes.find(key);
  if (found == node.attributes.end()) return nullptr;
  if (const T* value = std::get_if<T>(&found->second)) return value;
  throw Error(node.where() + ": " + key, "an attribute of another type", type);
}

}  // namespace

std::string printable(std::string text) {
  for (char& c : text) {
    if (c < 0x20 || c > 0x7e) c = '_';
  }
  return text;
}

std::int64_t Node::integer(const std::string& key, std::int64_t otherwise) const {
  const auto* value = find<std::int64_t>(*this, key, "an integer");
  return value == nullptr ? otherwise : *value;
}

float Node::real(const std::string& key, float otherwise) const {
  const auto* value = find<float>(*this, key, "a real number");
  return value == nullptr ? otherwise : *value;
}

std::string Node::text(const std::string& key, const std::string& otherwise) const {
  const auto* value = find<std::string>(*this, key, "a text");
  return value == nullptr ? otherwise : *value;
}

std::optional<std::vector<std::int64_t>> Node::integers(const std::string& key) const {
  const auto* value = find<std::vector<std::int64_t>>(*this, key, "a list of integers");
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<std::vector<float>> Node::reals(const std::string& key) const {
  const auto* value = find<std::vector<float>>(*this, key, "a list of real numbers");
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<std::vector<std::string>> Node::texts(const std::string& key) const {
  const auto* value = find<std::vector<std::string>>(*this, key, "a list of texts");
  return value == nullptr ? std::nullopt : std::optional(*value);
}

const Tensor* Node::tensor(const std::string& key) const {
  const auto* value = find<std::shared_ptr<const Tensor>>(*this, key, "a tensor");
  return value == nullptr ? nullptr : value->get();
}

const Graph* Node::graph(const std::string& key) const {
  const auto* value = find<std::shared_ptr<const Graph>>(*this, key, "a graph");
  return value == nullptr ? nullptr : value->get();
}

std::vector<std::string> captured(const Node& node) {
  std::vector<std::string> outside;
  for (const auto& [key, attribute] : node.attributes) {
    const auto* graph = std::get_if<std::shared_ptr<const Graph>>(&attribute);
    if (graph == nullptr) continue;
    std::set<std::string> made;
    for (const GraphInput& input : (*graph)->inputs) made.insert(input.name);
    const auto read = [&](const std::string& value) {
      if (!value.empty() && !made.contains(value) && !(*graph)->constants.contains(value))
        outside.push_back(value);
    };
    for (const Node& inner : (*graph)->nodes) {
      for (const std::string& value : inner.inputs) read(value);
      for (const std::string& value : captured(inner)) read(value);
      made.insert(inner.outputs.begin(), inner.outputs.end());
    }
    for (const std::string& value : (*graph)->outputs) read(value);
  }
  return outside;
}

Readers::Readers(const Graph& graph) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto read = [&](const std::string& value) {
      Entry& entry = values_[value];
      ++entry.count;
      entry.last = i;
    };
    for (const std::string& value : graph.nodes[i].inputs) read(value);
    for (const std::string& value : captured(graph.nodes[i])) read(value);
  }
  for (const std::string& value : graph.outputs) {
    Entry& entry = values_[value];
    ++entry.count;
    entry.last.reset();
  }
}

int Readers::count(const std::string& value) const {
  const auto found = values_.find(value);
  return found == values_.end() ? 0 : found->second.count;
}

std::optional<std::size_t> Readers::sole(const std::string& value) const {
  const auto found = values_.find(value);
  return found == values_.end() || found->second.count != 1 ? std::nullopt : found->second.last;
}

}  // namespace basil::onnx_import
