#include <gtest/gtest.h>

#include <algorithm>

#include "pe/tile_checks.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

UnitParameters draw_parameters() {
  UnitParameters parameters;
  parameters.rows = *rc::gen::element(1, 2, 3, 4, 5, 6, 32);
  parameters.own = {{"units", *rc::gen::element(1, 2, 3, 4, 8, 32)},
                    {"chunk", *rc::gen::element(64, 64, 128, 192, 1024)},
                    {"skip_ifmap", *anywhere_in(0, 2)},
                    {"skip_weights", *anywhere_in(0, 2)},
                    {"balance", *anywhere_in(0, 3)},
                    {"psum_words", *rc::gen::element(2, 3, 4, 6, 32)},
                    {"filter_bits", *rc::gen::element(8, 64, 256, 1024)}};
  parameters.delivery = {.weights = *rc::gen::arbitrary<bool>(),
                         .ifmap = *rc::gen::arbitrary<bool>(),
                         .psums = *rc::gen::arbitrary<bool>()};
  return parameters;
}

// Often with so many channels that a filter takes several chunks.
Layer draw_inner_layer() {
  Layer layer = testing::draw_layer(false);
  if (layer.shape.groups > 1 || *anywhere_in(0, 2) == 0) return layer;
  LayerShape& s = layer.shape;
  s.C = *anywhere_in(21, 90);
  if (layer.kind == Kind::fc) s.C *= *anywhere_in(1, 9);
  layer.weights = testing::draw_operand(layer.weights.dtype, {s.K, s.R, s.S, s.C}, false);
  layer.ifmap = testing::draw_operand(layer.ifmap.dtype, {s.N, s.H, s.W, s.C}, false);
  return layer;
}

// Some filters, and some ifmap rows, without a nonzero.
void empty_some(Operand& operand) {
  if (*anywhere_in(0, 3) != 0) return;
  std::vector<std::int16_t> values = decode(operand);
  const std::int64_t stretch = operand.extent.positions() / (operand.extent.outer * operand.extent.rows);
  for (std::size_t first = 0; first < values.size(); first += static_cast<std::size_t>(stretch)) {
    if (*anywhere_in(0, 2) == 0) continue;
    std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(first), stretch, std::int16_t{0});
  }
  operand =
      encode(operand.encoding, operand.dtype, operand.extent, values, operand.scales, settings_of(operand));
}

std::vector<Range> draw_cuts(int first, int end, int most) {
  std::vector<Range> cuts;
  while (first < end) {
    const int size = *anywhere_in(1, std::min(most, end - first) + 1);
    cuts.push_back({first, first + size});
    first += size;
  }
  return cuts;
}

std::vector<TilePass> draw_passes(const Layer& layer, int most_filters) {
  const LayerShape& s = layer.shape;
  const int whole = *anywhere_in(0, 2);
  const std::vector<Range> images = draw_cuts(0, s.N, s.N);
  const std::vector<Range> rows = whole != 0 ? std::vector<Range>{{0, s.P()}} : draw_cuts(0, s.P(), s.P());
  const bool filters_inside = *rc::gen::arbitrary<bool>();
  std::vector<TilePass> passes;
  for (int group = 0; group < s.groups; ++group) {
    const int first = group * s.filters_per_group();
    const auto filters = draw_cuts(first, first + s.filters_per_group(), most_filters);
    for (const Range& outer : filters_inside ? std::vector<Range>{{}} : filters) {
      for (const Range& n : images) {
        for (const Range& p : rows) {
          for (const Range& k : filters_inside ? filters : std::vector<Range>{outer}) {
            passes.push_back({.group = group, .n = n, .filters = k, .rows = p});
          }
        }
      }
    }
  }
  return passes;
}

TEST(SparseInner, FastAndClockedTwinsAgreeAndSumsAreGolden) {
  const UnitType& unit = unit_type("sparse_inner", "test");
  check_property(4000, [&unit] {
    Layer layer = draw_inner_layer();
    empty_some(layer.weights);
    empty_some(layer.ifmap);
    const UnitParameters parameters = draw_parameters();
    const TileCut cut = unit.array->cut(layer, parameters);
    const std::vector<TilePass> passes = draw_passes(layer, cut.filters);
    testing::agreed_works(unit, layer, parameters, passes);
    testing::check_lively_row(unit, layer, parameters, passes.front());
  });
}

}  // namespace
}  // namespace basil
