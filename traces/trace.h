// A compressed network: layers in order, each with its own operands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "traces/encodings/dtype.h"
#include "traces/encodings/operand.h"
#include "traces/shape.h"

namespace basil {

// What becomes of the sums before they leave the chip: real = sum * ifmap.scale * weights.scale(k),
// then ReLU where said, then real / scale rounded (halves to even) and clamped to dtype.
struct Requantisation {
  Dtype dtype = Dtype::int8;
  float scale = 1.0F;
  bool relu = false;
};

struct Layer {
  std::string name;
  Kind kind = Kind::conv;
  LayerShape shape;
  Operand weights;                 // extent K, R, S, C/groups
  Operand ifmap;                   // extent N, H, W, C
  std::vector<std::int64_t> bias;  // K sums to start from, or empty for none (integer layers)
  std::vector<float> bias_real;    // the same for fp32 layers
  Requantisation output;

  // Pooling and addition are listed for the reader but carry no operands and run off the array.
  [[nodiscard]] bool simulated() const {
    return kind == Kind::conv || kind == Kind::depthwise || kind == Kind::fc;
  }
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
