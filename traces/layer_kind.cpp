#include "traces/layer_kind.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace basil {
namespace {

const FixedAxis* find(const std::vector<FixedAxis>& fixed, int LayerShape::*axis) {
  const auto found =
      std::find_if(fixed.begin(), fixed.end(), [&](const FixedAxis& f) { return f.axis == axis; });
  return found == fixed.end() ? nullptr : &*found;
}

std::string_view name_of(int LayerShape::*axis) { return axis == &LayerShape::C ? "C" : "K"; }

}  // namespace

bool LayerKind::fixes(int LayerShape::*axis) const {
  const FixedAxis* found = find(fixed, axis);
  return found != nullptr && found->like == nullptr;
}

int LayerShape::*LayerKind::like(int LayerShape::*axis) const {
  const FixedAxis* found = find(fixed, axis);
  return found == nullptr ? nullptr : found->like;
}

bool LayerKind::flat() const {
  return fixes(&LayerShape::H) && fixes(&LayerShape::W) && fixes(&LayerShape::R) && fixes(&LayerShape::S);
}

LayerShape LayerKind::settled(LayerShape shape) const {
  for (const FixedAxis& f : fixed) shape.*f.axis = f.like == nullptr ? f.length : shape.*f.like;
  return shape;
}

void LayerKind::check(const LayerShape& shape, const std::string& where) const {
  const LayerShape right = settled(shape);
  for (const FixedAxis& f : fixed) {
    if (shape.*f.axis == right.*f.axis) continue;
    throw Error(
        where + std::string(f.name), std::to_string(shape.*f.axis),
        fmt::format("{}{} in a layer of kind {}",
                    f.like == nullptr ? "" : fmt::format("{} ", name_of(f.like)), right.*f.axis, name));
  }
}

std::vector<Kind> weighted_kinds() {
  std::vector<Kind> weighted;
  for (const Kind kind : layer_kinds()) {
    if (kind->weighted) weighted.push_back(kind);
  }
  return weighted;
}

Kind parse_kind(const std::string& word, const std::string& where) {
  std::vector<std::string_view> words;
  for (const Kind kind : layer_kinds()) {
    if (kind->name == word) return kind;
    words.push_back(kind->name);
  }
  throw Error(where, "'" + word + "'", one_of(words, word));
}

Kind parse_network_type(const std::string& word, const std::string& where) {
  std::vector<std::string_view> words;
  for (const Kind kind : layer_kinds()) {
    for (const std::string_view type : kind->network_types) {
      if (type == word) return kind;
      words.push_back(type);
    }
  }
  throw Error(where, "'" + word + "'", one_of(words, word));
}

}  // namespace basil
