// A compressed network: layers in order, each with its own operands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "traces/encodings/operand.h"
#include "traces/layer_kind.h"
#include "traces/requantisation.h"
#include "traces/shape.h"

namespace basil {

struct Layer {
  std::string name;
  Kind kind = &conv_kind;
  LayerShape shape;
  Operand weights;                 // extent K, R, S, C/groups
  Operand ifmap;                   // extent N, H, W, C
  std::vector<std::int64_t> bias;  // K sums to start from, or empty for none (integer layers)
  std::vector<float> bias_real;    // the same for fp32 layers
  Requantisation output;

  // Else it is listed for the reader, carries no operands and runs off the array.
  [[nodiscard]] bool simulated() const { return kind->weighted; }
};

struct Trace {
  std::string name;
  std::string source;                           // where the network comes from; may be empty
  std::string licence;                          // may be empty
  std::string activations;                      // how the inputs of the layers came to be, for the report
  std::string history;                          // the commands and recipe steps behind this trace
  std::optional<std::uint64_t> synthetic_seed;  // set: weights and inputs are drawn, not trained
  std::vector<Layer> layers;

  [[nodiscard]] bool synthetic() const { return synthetic_seed.has_value(); }
};

// Throws Error "layer NAME: field: ..." unless shapes, operands, bias and names agree with each other.
void check(const Layer& layer);
void check(const Trace& trace);
// Name, kind and shape alone: what to know before operands of that size are made.
void check_shape(const Layer& layer);

}  // namespace basil
