// For tests: layers, parameters and passes of a basis_first array, drawn.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "pe/tile_checks.h"
#include "traces/encodings/basis.h"
#include "traces/encodings/pieces.h"

namespace basil::basis_first {

inline const UnitType& unit() { return unit_type("basis_first", "test"); }

inline UnitParameters usual() { return testing::usual_parameters(unit(), 1); }

// Basis weights with `zeros` percent of zero coefficients and taps.
inline Operand draw_basis(const Extent& extent, int bases, int zeros) {
  Operand operand;
  operand.encoding = &basis_encoding;
  operand.extent = extent;
  operand.parts<Basis>().bases = bases;
  operand.values = testing::draw_values(Dtype::int8, std::int64_t{bases} * extent.rows * extent.cols,
                                        *rc::gen::element(0, 0, 30, 100));
  basis::put_coefficients(testing::draw_values(Dtype::int4, basis::coefficient_count(operand), zeros),
                          operand.parts<Basis>());
  return operand;
}

struct Work {
  Layer layer;
  UnitParameters parameters;
};

inline UnitParameters draw_parameters(int order) {
  UnitParameters parameters = usual();
  parameters.rows = *anywhere_in(1, 5);
  parameters.own["slices"] = *anywhere_in(1, 4);
  parameters.own["multipliers"] = *rc::gen::element(1, 2, 3, 5, 9, 17, 33, 64);
  parameters.own["lanes"] = *rc::gen::element(1, 2, 3, 4, 7, 16, 17, 32, 33, 64);
  parameters.own["look_ahead"] = *anywhere_in(0, 8);
  parameters.own["look_aside"] = *anywhere_in(0, 9);
  parameters.own["queue"] = *rc::gen::element(1, 1, 2, 4);
  parameters.own["order"] = order;
  parameters.own["psum_banks"] = *rc::gen::element(1, 2, 3, 5, 8, 64);
  parameters.own["pixel_words"] = *rc::gen::element(64, 192, 320, 1024);
  parameters.delivery = {.weights = *rc::gen::arbitrary<bool>(),
                         .ifmap = *rc::gen::arbitrary<bool>(),
                         .psums = *rc::gen::arbitrary<bool>()};
  return parameters;
}

// Channels enough for several rows of lanes and words of the maps.
inline void deepen(Layer& layer) {
  layer.shape.C = *anywhere_in(20, 150);
  layer.ifmap = testing::draw_operand(layer.ifmap.dtype,
                                      {layer.shape.N, layer.shape.H, layer.shape.W, layer.shape.C}, false);
  layer.weights.extent.depth = layer.shape.C;
}

inline Work draw_plain() { return {testing::draw_layer(false), draw_parameters(*anywhere_in(0, 2))}; }

inline Work draw_basis_work(int order) {
  Work work{testing::draw_layer(false), draw_parameters(order)};
  Layer& layer = work.layer;
  const bool whole = layer.kind != Kind::depthwise && layer.shape.groups == 1;
  if (whole && *anywhere_in(0, 3) == 0) deepen(layer);
  layer.weights = draw_basis(layer.weights.extent, *anywhere_in(1, 7), *rc::gen::element(0, 30, 80, 100));
  return work;
}

inline std::vector<Range> draw_cuts(Range whole, int most) {
  std::vector<Range> parts;
  for (int first = whole.first; first < whole.end; first = parts.back().end) {
    const int size = *anywhere_in(1, std::min(most, whole.end - first) + 1);
    parts.push_back({first, first + size});
  }
  return parts;
}

// Passes that cover the layer once.
inline std::vector<TilePass> draw_passes(const Work& work) {
  const LayerShape& shape = work.layer.shape;
  const TileCut cut = unit().array->cut(work.layer, work.parameters);
  std::vector<TilePass> passes;
  for (int group = 0; group < shape.groups; ++group) {
    const Range filters{group * shape.filters_per_group(), (group + 1) * shape.filters_per_group()};
    for (const Range rows : draw_cuts({0, shape.P()}, shape.P())) {
      for (const Range n : draw_cuts({0, shape.N}, shape.N)) {
        for (const Range k : draw_cuts(filters, cut.filters)) passes.push_back({group, n, k, rows});
      }
    }
  }
  return passes;
}

}  // namespace basil::basis_first
