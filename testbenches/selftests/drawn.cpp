#include "testbenches/selftests/drawn.h"

#include <fmt/format.h>

#include <random>
#include <utility>

#include "traces/encodings/basis.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/power_of_two.h"
#include "traces/synth/synth.h"

namespace basil {
namespace {

// Raw draws of the engine, whose sequence the standard fixes (its distributions it does not).
class Draw {
 public:
  explicit Draw(std::uint32_t seed) : engine_(seed) {}
  bool below(double share) { return static_cast<double>(engine_()) < share * 4294967296.0; }
  int number(int least, int most) {
    return least + static_cast<int>(engine_() % static_cast<std::uint32_t>(most - least + 1));
  }

 private:
  std::mt19937 engine_;
};

}  // namespace

Trace draw_convolutions(const std::string& name, const std::vector<DrawnLayer>& layers) {
  SynthList list;
  list.name = name;
  list.source = "drawn for a selftest";
  for (const DrawnLayer& layer : layers) {
    const LayerShape shape{.C = layer.channels,
                           .H = layer.size,
                           .W = layer.size,
                           .K = layer.filters,
                           .R = 3,
                           .S = 3,
                           .pad_top = 1,
                           .pad_bottom = 1,
                           .pad_left = 1,
                           .pad_right = 1};
    list.layers.push_back(
        {.name = fmt::format("{}x{}x{}", layer.channels, layer.size, layer.filters),
         .kind = Kind::conv,
         .shape = shape,
         .density = {.weights = layer.weight_density, .ifmap = layer.ifmap_density, .ofmap = {}}});
  }
  return synthesise(list, {});
}

void draw_basis_weights(Layer& layer, int bases, double density, std::uint32_t seed) {
  Draw draw(seed);
  const LayerShape& s = layer.shape;
  Operand weights;
  weights.encoding = &basis_encoding;
  weights.extent = {s.K, s.R, s.S, s.channels_per_group()};
  weights.own = Basis{.bases = bases, .bitmap = {}, .signs = {}};
  for (int i = 0; i < bases * s.R * s.S; ++i)
    weights.values.push_back(static_cast<std::int16_t>(draw.number(-127, 127)));
  std::vector<std::int16_t> coefficients(static_cast<std::size_t>(basis::coefficient_count(weights)));
  for (std::int16_t& coefficient : coefficients) {
    if (draw.below(density)) coefficient = draw.below(0.5) ? -1 : 1;
  }
  basis::put_coefficients(coefficients, weights.parts<Basis>());
  layer.weights = std::move(weights);
}

void draw_powers_of_two(Layer& layer, int terms, std::uint32_t seed) {
  Draw draw(seed);
  const LayerShape& s = layer.shape;
  Operand weights;
  weights.encoding = &power_of_two_encoding;
  weights.dtype = Dtype::int4;
  weights.extent = {s.K, s.R, s.S, s.channels_per_group()};
  weights.parts<PowerOfTwo>().terms.assign(static_cast<std::size_t>(s.K), static_cast<std::uint8_t>(terms));
  for (std::int64_t i = 0; i < terms * weights.extent.positions(); ++i) {
    const int code = draw.number(1, power_of_two::max_code);
    weights.values.push_back(static_cast<std::int16_t>(draw.below(0.5) ? -code : code));
  }
  layer.weights = std::move(weights);
}

void draw_comparator(Layer& layer, int taps, std::uint32_t seed) {
  Draw draw(seed);
  const LayerShape& s = layer.shape;
  Operand weights;
  weights.encoding = &comparator_encoding;
  weights.dtype = Dtype::int4;
  weights.extent = {s.K, s.R, s.S, s.C};
  weights.parts<Comparator>().taps = taps;
  const int middle = s.R / 2 * s.S + s.S / 2;
  std::vector<std::uint8_t> others;
  for (int place = 0; place < s.R * s.S; ++place)
    if (place != middle) others.push_back(static_cast<std::uint8_t>(place));
  for (int c = 0; c < s.C; ++c) {
    for (std::size_t i = others.size() - 1; i > 0; --i)
      std::swap(others[i], others[static_cast<std::size_t>(draw.number(0, static_cast<int>(i)))]);
    weights.parts<Comparator>().offsets.push_back(static_cast<std::uint8_t>(middle));
    weights.parts<Comparator>().offsets.insert(weights.parts<Comparator>().offsets.end(), others.begin(),
                                               others.begin() + taps);
  }
  for (int i = 0; i < s.K * s.C; ++i) {
    const int code = draw.number(1, power_of_two::max_code);
    weights.values.push_back(static_cast<std::int16_t>(draw.below(0.5) ? -code : code));
  }
  layer.weights = std::move(weights);
}

}  // namespace basil
