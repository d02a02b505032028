#include "traces/layer_memory.h"

#include "traces/encodings/encode.h"

namespace basil {
namespace {

template <class Word>
double bytes_of(const std::vector<Word>& words) {
  return static_cast<double>(words.size()) * sizeof(Word);
}

double bytes_of(const Operand& o) {
  // An encoding's own parts: words of 16 bits for its codes, of which the shortest have 4.
  const double own = o.own.empty() ? 0 : static_cast<double>(encoded_bits(o)) / 4;
  return bytes_of(o.scales) + bytes_of(o.values) + bytes_of(o.reals) + own;
}

}  // namespace

double bytes_to_run(const Layer& layer) {
  const LayerShape& s = layer.shape;
  // Of a word, decoded; of a sum: the machine's, the golden one, and its share of what is packed from them.
  const double word = layer.weights.is_real() ? sizeof(float) : sizeof(std::int16_t), sums = 20;
  const double ifmap = static_cast<double>(s.N) * s.C * s.H * s.W;
  const double padded =
      static_cast<double>(s.N) * s.C * (s.H + s.pad_top + s.pad_bottom) * (s.W + s.pad_left + s.pad_right);
  const double weights = static_cast<double>(s.K) * static_cast<double>(s.reduction());
  const double ofmap = static_cast<double>(s.N) * s.K * s.P() * s.Q();
  return word * (ifmap + padded + 2 * weights) + sums * ofmap;
}

double bytes_held(const Trace& trace) {
  double bytes = 0;
  for (const Layer& layer : trace.layers)
    bytes += bytes_of(layer.weights) + bytes_of(layer.ifmap) + bytes_of(layer.bias);
  return bytes;
}

}  // namespace basil
