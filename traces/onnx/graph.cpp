#include "traces/onnx/graph.h"

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

Readers::Readers(const Graph& graph) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& value : graph.nodes[i].inputs) {
      Entry& entry = values_[value];
      ++entry.count;
      entry.last = i;
    }
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
