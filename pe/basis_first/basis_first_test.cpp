#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "core/error.h"
#include "core/property_check.h"
#include "pe/basis_first/events.h"
#include "pe/unit.h"
#include "traces/encodings.h"
#include "traces/random_layers.h"

namespace basil::basis_first {
namespace {

const UnitType& unit() { return unit_type("basis_first", "test"); }

UnitParameters usual() {
  UnitParameters parameters{.dtype = Dtype::int16};
  for (const UnitKey& key : unit().keys) parameters.own.emplace(key.name, key.usual);
  return parameters;
}

// Basis weights with `zeros` percent of zero coefficients and taps.
Operand draw_basis(const Extent& extent, int bases, int zeros) {
  Operand operand;
  operand.encoding = Encoding::basis;
  operand.extent = extent;
  operand.bases = bases;
  operand.values = testing::draw_values(Dtype::int8, std::int64_t{bases} * extent.rows * extent.cols,
                                        *rc::gen::element(0, 0, 30, 100));
  const std::vector<std::int16_t> coefficients =
      testing::draw_values(Dtype::int4, basis::coefficient_count(operand), zeros);
  Operand maps;
  const auto nonzeros = bitmap::pack(coefficients, maps);
  operand.bitmap = maps.bitmap;
  operand.signs.resize(bitmap::words(static_cast<std::int64_t>(nonzeros.size())));
  for (std::size_t i = 0; i < nonzeros.size(); ++i) {
    if (nonzeros[i] < 0) operand.signs[i / 64] |= std::uint64_t{1} << i % 64;
  }
  return operand;
}

struct Work {
  Layer layer;
  UnitParameters parameters;
};

UnitParameters draw_parameters(int order) {
  UnitParameters parameters = usual();
  parameters.rows = *anywhere_in(1, 5);
  parameters.own["slices"] = *anywhere_in(1, 4);
  parameters.own["multipliers"] = *rc::gen::element(1, 2, 3, 5, 9, 17, 33, 64);
  parameters.own["lanes"] = *rc::gen::element(1, 2, 3, 4, 7, 16, 17, 32, 33, 64);
  parameters.own["look_ahead"] = *anywhere_in(0, 8);
  parameters.own["look_aside"] = *anywhere_in(0, 9);
  parameters.own["queue"] = *rc::gen::element(1, 1, 2, 4);
  parameters.own["order"] = order;
  return parameters;
}

Work draw_plain() { return {testing::draw_layer(false), draw_parameters(*anywhere_in(0, 2))}; }

Work draw_basis_work(int order) {
  Work work{testing::draw_layer(false), draw_parameters(order)};
  Layer& layer = work.layer;
  layer.weights = draw_basis(layer.weights.extent, *anywhere_in(1, 7), *rc::gen::element(0, 30, 80, 100));
  return work;
}

std::vector<Range> draw_cuts(Range whole, int most) {
  std::vector<Range> parts;
  for (int first = whole.first; first < whole.end; first = parts.back().end) {
    const int size = *anywhere_in(1, std::min(most, whole.end - first) + 1);
    parts.push_back({first, first + size});
  }
  return parts;
}

// Passes that cover the layer once.
std::vector<TilePass> draw_passes(const Work& work) {
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

Ofmap blank(const Layer& layer) {
  const LayerShape& shape = layer.shape;
  Ofmap ofmap{.N = shape.N, .P = shape.P(), .Q = shape.Q(), .K = shape.K, .sums = {}, .reals = {}};
  ofmap.sums.assign(static_cast<std::size_t>(shape.N) * static_cast<std::size_t>(shape.P()) *
                        static_cast<std::size_t>(shape.Q()) * static_cast<std::size_t>(shape.K),
                    -1);
  return ofmap;
}

TileWork run_clocked(const Work& work, const TilePass& pass, Ofmap& sums) {
  const auto tile = unit().array->clocked(work.layer, work.parameters, pass);
  for (std::int64_t cycle = 0; !tile->done() && cycle < 10'000'000; ++cycle) tile->step();
  tile->hand_over(sums);
  return tile->work();
}

void compare_with_golden_and_twin(const Work& work) {
  check(work.layer);
  unit().check(work.layer, work.parameters);
  const auto fast = unit().array->make(work.layer, work.parameters);
  Ofmap sums = blank(work.layer), clocked_sums = blank(work.layer);
  const std::int64_t pes = std::int64_t{work.parameters.rows} * unit().array->columns(work.parameters);
  for (const TilePass& pass : draw_passes(work)) {
    const TileWork done = fast->run(pass, sums);
    done.bins.close(pes, done.cycles, "pass");
    RC_ASSERT(done.products == done.bins[Bin::compute]);
    RC_ASSERT(done.uses.size() == unit().array->parts(work.parameters).size());
    const TileWork clocked = run_clocked(work, pass, clocked_sums);
    RC_ASSERT(done.cycles.value == clocked.cycles.value);
    for (std::size_t bin = 0; bin < bin_count; ++bin) {
      RC_ASSERT(std::make_pair(bin, done.bins[static_cast<Bin>(bin)]) ==
                std::make_pair(bin, clocked.bins[static_cast<Bin>(bin)]));
    }
    for (std::size_t part = 0; part < done.uses.size(); ++part) {
      RC_ASSERT(std::make_pair(part, done.uses[part].count) ==
                std::make_pair(part, clocked.uses[part].count));
    }
    RC_ASSERT(done == clocked);
  }
  const Ofmap golden = run_golden(work.layer);
  RC_ASSERT(sums.sums == golden.sums);
  RC_ASSERT(clocked_sums.sums == golden.sums);
}

TEST(BasisFirst, SumFirstEqualsGoldenAndTwin) {
  check_property(1000, [] { compare_with_golden_and_twin(draw_basis_work(0)); });
}

TEST(BasisFirst, ConvolveFirstEqualsGoldenAndTwin) {
  check_property(1000, [] { compare_with_golden_and_twin(draw_basis_work(1)); });
}

TEST(BasisFirst, PlainWeightsEqualGoldenAndTwin) {
  check_property(1000, [] { compare_with_golden_and_twin(draw_plain()); });
}

}  // namespace
}  // namespace basil::basis_first
