// The windows that some steps need, and what they allow.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>

#include "core/error.h"
#include "traces/network/dense_network.h"

namespace basil {

[[nodiscard]] inline bool has_window(const DenseLayer& layer) {
  return layer.kind == Kind::conv && layer.shape.R * layer.shape.S > 1;
}

// Throws Error at `where` for more than the layer's window allows.
inline void check_choice(const std::optional<int>& chosen, int most, const DenseLayer& layer,
                         const std::string& where) {
  if (!chosen || *chosen <= most) return;
  throw Error(where, fmt::format("{} for layer {}", *chosen, layer.name),
              fmt::format("at most {} for a window of {} x {}", most, layer.shape.R, layer.shape.S));
}

}  // namespace basil
