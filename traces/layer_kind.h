// What there is to know of a kind of layer. Every file of traces/kinds/ defines one, `<name>_kind` in
// <name>.cpp; the build gathers them into a table, and nothing else of Basil needs to know which there are.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "traces/shape.h"

namespace basil {

// An axis whose length a kind decides: that of another one, or a number.
struct FixedAxis {
  std::string_view name;  // "groups"
  int LayerShape::*axis;
  int LayerShape::*like = nullptr;
  int length = 1;  // where it is like none
};

struct LayerKind {
  std::string_view name;
  std::string_view summary;
  // What a network file calls it; written as the first of these.
  std::vector<std::string_view> network_types;
  // It has weights, and an array computes it: a convolution, some of whose axes are fixed. Otherwise it is
  // listed for the reader, carries no operands and runs off the array.
  bool weighted = true;
  std::vector<FixedAxis> fixed = {};
  // Listed kinds: filters' rows and columns are a window that moves over the ifmap.
  bool window = false;

  // The axis is as long as the kind says, so that nobody is asked for it. (Like another one: it may be
  // given.)
  [[nodiscard]] bool fixes(int LayerShape::*axis) const;
  // Which one it is like; null: none.
  [[nodiscard]] int LayerShape::*like(int LayerShape::*axis) const;
  // There are channels and filters alone: files hold its weights as K x C, its ifmap as N x C.
  [[nodiscard]] bool flat() const;
  // A filter sees one channel, so that there are as many filters as channels unless more are asked for.
  [[nodiscard]] bool channelwise() const { return like(&LayerShape::groups) == &LayerShape::C; }
  // The shape with the kind's axes as they must be.
  [[nodiscard]] LayerShape settled(LayerShape shape) const;
  // Error at `where` + axis for a shape that is not of this kind.
  void check(const LayerShape& shape, const std::string& where) const;
};

using Kind = const LayerKind*;

// Those that Basil's own code speaks of.
extern const LayerKind conv_kind, depthwise_kind, fc_kind, pool_kind, add_kind;

// All of them, by name; those with weights.
[[nodiscard]] std::span<const Kind> layer_kinds();
[[nodiscard]] std::vector<Kind> weighted_kinds();

[[nodiscard]] inline std::string_view to_string(Kind kind) { return kind->name; }
// Error at `where` for another word.
[[nodiscard]] Kind parse_kind(const std::string& word, const std::string& where);
[[nodiscard]] Kind parse_network_type(const std::string& word, const std::string& where);

}  // namespace basil
