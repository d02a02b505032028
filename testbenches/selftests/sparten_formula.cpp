#include "testbenches/selftests/sparten_formula.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "testbenches/selftests/array_pass.h"
#include "traces/encodings/encode.h"
#include "traces/synth/synth.h"

namespace basil {
namespace {

constexpr int channels = 128;  // a chunk: the filters come once, and no cluster waits for another

// A pointwise layer of 14 x 14 pixels.
Layer draw(int filters) {
  const SynthLayer layer{.name = "pointwise",
                         .kind = &conv_kind,
                         .shape = {.C = channels, .H = 14, .W = 14, .K = filters},
                         .density = {.weights = 0.35, .ifmap = 0.45, .ofmap = {}}};
  return synthesise({.name = "formula", .source = "drawn for a selftest", .layers = {layer}}, {})
      .layers.at(0);
}

struct Joins {
  std::vector<std::vector<std::int64_t>> matches;  // of each pixel: with each filter
  std::vector<std::int64_t> words, weights;        // not zero: of each pixel, of each filter
};
Joins join(const Layer& layer) {
  const std::vector<std::int16_t> ifmap = decode(layer.ifmap), weights = decode(layer.weights);
  const auto nonzeros = [](const std::int16_t* from) {
    return channels - std::count(from, from + channels, std::int16_t{0});
  };
  Joins joins;
  for (int k = 0; k < layer.shape.K; ++k) joins.weights.push_back(nonzeros(weights.data() + k * channels));
  for (int pixel = 0; pixel < layer.shape.P() * layer.shape.Q(); ++pixel) {
    const std::int16_t* words = ifmap.data() + pixel * channels;
    joins.words.push_back(nonzeros(words));
    std::vector<std::int64_t>& matches = joins.matches.emplace_back();
    for (int k = 0; k < layer.shape.K; ++k) {
      const std::int16_t* filter = weights.data() + k * channels;
      std::int64_t both = 0;
      for (int c = 0; c < channels; ++c) both += words[c] != 0 && filter[c] != 0;
      matches.push_back(both);
    }
  }
  return joins;
}

// Pixels go to the clusters in turn; a pixel takes its slowest unit's matches, at least a cycle; the last
// product of the slowest cluster is multiplied and accumulated.
template <class SlowestUnit>
std::int64_t cycles(const Joins& joins, int clusters, SlowestUnit&& slowest_unit) {
  constexpr std::int64_t multiply_and_accumulate = 2;
  std::vector<std::int64_t> busy(static_cast<std::size_t>(clusters));
  for (std::size_t pixel = 0; pixel < joins.words.size(); ++pixel)
    busy[pixel % busy.size()] += std::max<std::int64_t>(1, slowest_unit(pixel));
  return *std::max_element(busy.begin(), busy.end()) + multiply_and_accumulate;
}

// The densest filter shares a unit with the sparsest, and so on.
std::int64_t slowest_pair(const Joins& joins, std::size_t pixel) {
  std::vector<std::size_t> order(joins.weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return joins.weights[a] > joins.weights[b]; });
  std::int64_t most = 0;
  for (std::size_t unit = 0; unit < order.size() / 2; ++unit)
    most = std::max(most,
                    joins.matches[pixel][order[unit]] + joins.matches[pixel][order[order.size() - 1 - unit]]);
  return most;
}

}  // namespace

void sparten_by_formula(Figures& figures) {
  const auto held = [&](const std::string& what, const Layer& layer,
                        const std::vector<std::string>& overrides, auto&& slowest_unit,
                        const std::string& why) {
    const Description machine = load_accelerator("sparten", overrides);
    const Joins joins = join(layer);
    const TileWork work = array_pass(layer, machine);
    figures.equal("pointwise, " + what + ": array cycles", static_cast<double>(work.cycles.value),
                  static_cast<double>(cycles(joins, machine.rows,
                                             [&](std::size_t pixel) { return slowest_unit(joins, pixel); })),
                  why);
    std::int64_t products = 0;
    for (const auto& matches : joins.matches)
      products += std::accumulate(matches.begin(), matches.end(), std::int64_t{0});
    figures.equal("pointwise, " + what + ": products", static_cast<double>(work.products),
                  static_cast<double>(products), "word and weight both set");
  };
  const Layer one = draw(32), two = draw(64);  // filters: one and two a unit
  held(
      "not balanced", one, {"unit.balance=0"},
      [](const Joins& joins, std::size_t pixel) {
        return *std::max_element(joins.matches[pixel].begin(), joins.matches[pixel].end());
      },
      "the most matches of 32 filters, pixel by pixel");
  held("balanced by filter", two, {}, slowest_pair, "the most of 32 pairs, densest with sparsest");
  held(
      "ifmap zeros skipped", one, {"unit.balance=0", "unit.skip_weights=0"},
      [](const Joins& joins, std::size_t pixel) { return joins.words[pixel]; }, "a pixel's words");
  held(
      "weight zeros skipped", one, {"unit.balance=0", "unit.skip_ifmap=0"},
      [](const Joins& joins, std::size_t) {
        return *std::max_element(joins.weights.begin(), joins.weights.end());
      },
      "the densest filter's weights");
  held(
      "dense", one, {"unit.balance=0", "unit.skip_ifmap=0", "unit.skip_weights=0"},
      [](const Joins&, std::size_t) { return std::int64_t{channels}; }, "every position");
}

}  // namespace basil
