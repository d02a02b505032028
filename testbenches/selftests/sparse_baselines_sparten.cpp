// SparTen against itself without skipping and against SCNN, cycle for cycle of the arrays at work, against
// the abstract of Gondimalla et al., MICRO 2019.
#include <fmt/format.h>

#include <cmath>

#include "testbenches/selftests/processing.h"
#include "testbenches/selftests/sparse_baselines.h"
#include "testbenches/selftests/sparten_formula.h"

namespace basil {
namespace {

constexpr double over_dense = 4.7, over_one_sided = 1.8, over_scnn = 3.0;

constexpr const char* notes = R"(notes:
  published   one mean over the paper's networks, at densities of their own; ours is the geometric mean over the
              layers of a network, at the densities of 'basil selftest scnn'. So the order is what must hold.
  one-sided   skips the zeros of one side; the abstract does not say which, so both are shown.
  over dense  no design can beat all MACs over effectual ones ("at most"). What is missing from it waits for the
              slowest unit of a cluster, chunk by chunk.
  over scnn   scnn is slow where its planar tiles are small, as on planes of 13 and 14 pixels, and near par on
              those of 56 and 224. The abstract's figures put one-sided SparTen above SCNN.
  formula     pointwise layers of one chunk, in one pass of the array, without what delivers operands: matches of
              each pixel with each filter, counted word by word.
  delivery    filter chunks come through one port of 1024 bits, multicast to all clusters, which so wait for each
              other within a chunk; 16 pixels share a chunk, for whose psums a unit has room (--set
              unit.filter_bits=65536 shows what the port takes).
  balancing   a layer's filters are drawn at one density, so they differ little; the more those of a pruned
              network differ, the more balancing has to win.
)";

const std::vector<std::string> dense{"unit.skip_ifmap=0", "unit.skip_weights=0", "unit.balance=0"};

// MACs over effectual ones, in the mean that mean_speedup() takes.
double most_speedup(const Result& result) {
  double logs = 0;
  for (const LayerResult& layer : result.layers) {
    logs += std::log(static_cast<double>(layer.macs) / static_cast<double>(layer.bound.effectual_macs));
  }
  return std::exp(logs / static_cast<double>(result.layers.size()));
}

// Part of a network has no published figure to stand beside.
void compare(Figures& figures, const std::string& name, const SynthList& layers, bool whole) {
  const auto published = [&](double figure) { return whole ? std::optional(figure) : std::nullopt; };
  const auto sparten = [&](const std::vector<std::string>& overrides) {
    return run_layers(layers, {}, "sparten", overrides);
  };
  const Result both = sparten({}), none = sparten(dense);
  const Result ifmap = sparten({"unit.skip_weights=0"}), weights = sparten({"unit.skip_ifmap=0"});
  const Result scnn = run_layers(layers, {}, "scnn");
  const Result alone = sparten({"unit.balance=0"}), by_chunk = sparten({"unit.balance=2"});

  std::int64_t products = 0, effectual = 0, slots = 0, macs = 0;
  for (std::size_t i = 0; i < both.layers.size(); ++i) {
    const LayerResult &sparse = both.layers[i], &every = none.layers.at(i);
    products += sparse.bins[Bin::compute];
    effectual += sparse.bound.effectual_macs;
    slots += every.bins[Bin::compute] + every.bins[Bin::gated];
    macs += every.macs;
  }
  figures.equal(name + ": products", static_cast<double>(products), static_cast<double>(effectual),
                "the bound's effectual MACs, counted apart from the array");
  figures.equal(name + ": slots without skipping", static_cast<double>(slots), static_cast<double>(macs),
                "every MAC, those on padding too");
  figures.show(name + ": speed over dense", mean_speedup(both, none), published(over_dense),
               fmt::format("at most {:.2f}; {:.0f} % of unit-cycles wait", most_speedup(both),
                           percent(both, Bin::imbalance)));
  figures.show(name + ": speed over one-sided, ifmap zeros skipped", mean_speedup(both, ifmap),
               published(over_one_sided), "what the zeros of the weights bring");
  figures.show(name + ": speed over one-sided, weight zeros skipped", mean_speedup(both, weights),
               published(over_one_sided), "what the zeros of the ifmap bring");
  figures.show(name + ": speed over scnn", mean_speedup(both, scnn), published(over_scnn),
               fmt::format("scnn multiplies in {:.0f} % of its multiplier-cycles, sparten in {:.0f} %",
                           percent(scnn, Bin::compute), percent(both, Bin::compute)));
  figures.show(name + ": balanced by filter over not balanced", mean_speedup(both, alone), std::nullopt,
               "two filters a unit, the densest with the sparsest");
  figures.show(name + ": balanced by chunk over by filter", mean_speedup(by_chunk, both), std::nullopt,
               "paired anew each chunk");
  show_layers(figures, name, both, scnn);

  figures.must(mean_speedup(both, ifmap) > 1 && mean_speedup(both, weights) > 1,
               name + ": two-sided faster than one-sided, either side");
  figures.must(mean_speedup(ifmap, none) > 1 && mean_speedup(weights, none) > 1,
               name + ": one-sided faster than dense, either side");
  figures.must(mean_speedup(both, scnn) > 1, name + ": faster than scnn");
  figures.must(mean_speedup(both, none) <= most_speedup(both), name + ": within the bound of effectual MACs");
  figures.must(mean_speedup(both, alone) > 1, name + ": balancing pays");
  figures.must(mean_speedup(by_chunk, both) > 1, name + ": balancing by chunk pays more");
}

}  // namespace

SelftestReport sparten_selftest(const SelftestOptions& options) {
  Figures figures("expected");
  sparten_by_formula(figures);
  compare(figures, "alexnet", embedded_layers("alexnet-pruned"), true);
  if (options.full) {
    compare(figures, "vgg16", embedded_layers("vgg16-pruned"), true);
  } else {
    compare(figures, "vgg16, conv5", embedded_layers("vgg16-pruned", {"conv5"}), false);
  }
  figures.notes(notes);
  return figures.report();
}

}  // namespace basil
