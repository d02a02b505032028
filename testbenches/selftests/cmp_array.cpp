// The comparator array: what its two stages predict of drawn layers by formula, and how it stands to a dense
// array beside the abstract of CMPNET / CMP-PIM (DAC 2018).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/compare/compare.h"
#include "models/processes/jobs.h"
#include "models/simulate.h"
#include "pe/comparator/parts.h"
#include "testbenches/selftests/array_pass.h"
#include "testbenches/selftests/drawn.h"
#include "testbenches/selftests/figures.h"
#include "testbenches/selftests/processing.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

constexpr double faster_than_cnn = 4.3, energy_of_cnn = 94;  // CMP-PIM, on SVHN
constexpr int taps = 7;
constexpr std::int64_t multipliers = 1024;

constexpr const char* notes = R"(notes:
  formula     layers in one pass of the array, without what delivers operands. A pixel costs stage 1 all its
              comparisons, whatever they say, and stage 2 a slot for each code word that is not zero and each block
              of 32 filters. A row's pixels add up in the stage that is slower for all of them; the other one shows
              before the first pixel, or behind the last.
  published   CMP-PIM computes in memory, on SVHN, against a CNN that the abstract does not describe. This is a
              digital array, against dcnn's dense convolution of the same layers with as many multipliers of 16
              bits: so what is alike is the work left, K C words a pixel in place of K C R S products. Energy is
              of the chip and its DRAM; that of an array that never moves its words is another machine's.
)";

std::vector<DrawnLayer> layers(bool full) {
  if (full) return {{32, 64, 32, 0.5, 1}, {64, 128, 16, 0.5, 1}, {128, 256, 8, 0.5, 1}};
  return {{32, 64, 14, 0.5, 1}, {64, 128, 7, 0.5, 1}};
}

// Code words of a layer, pixel by pixel: bit j where tap j is above the pivot, beyond the plane zero.
std::vector<std::vector<int>> code_words(const Layer& layer) {
  const LayerShape& s = layer.shape;
  const std::vector<std::int16_t> ifmap = decode(layer.ifmap);
  const auto word_at = [&](int p, int q, int place, int c) -> int {
    const int y = p - s.pad_top + place / s.S, x = q - s.pad_left + place % s.S;
    if (y < 0 || y >= s.H || x < 0 || x >= s.W) return 0;
    return ifmap[static_cast<std::size_t>((y * s.W + x) * s.C + c)];
  };
  std::vector<std::vector<int>> pixels;
  for (int p = 0; p < s.P(); ++p) {
    for (int q = 0; q < s.Q(); ++q) {
      std::vector<int>& words = pixels.emplace_back();
      for (int c = 0; c < s.C; ++c) {
        const std::uint8_t* places =
            layer.weights.parts<Comparator>().offsets.data() + std::ptrdiff_t{c} * (taps + 1);
        int word = 0;
        for (int j = 0; j < taps; ++j)
          word |= (word_at(p, q, places[j + 1], c) > word_at(p, q, places[0], c) ? 1 : 0) << j;
        words.push_back(word);
      }
    }
  }
  return pixels;
}

// Pixels go to the rows in turn. Which stage is the slower one for every pixel, `stage_2` says.
struct Predicted {
  std::int64_t cycles = 0, terms = 0;
  bool of_one_stage = true;  // the formula holds
};
Predicted predict(const Layer& layer, const Description& machine, bool stage_2) {
  const UnitParameters& unit = machine.unit_parameters;
  const std::int64_t compare = ceil_div(std::int64_t{layer.shape.C} * taps, unit.at("compare_lanes"));
  const std::int64_t blocks = ceil_div(layer.shape.K, unit.at("add_lanes"));
  struct Row {
    std::int64_t pixels = 0, slots = 0, last = 0;
  };
  std::vector<Row> rows(static_cast<std::size_t>(unit.rows));
  Predicted predicted;
  std::size_t pixel = 0;
  for (const std::vector<int>& words : code_words(layer)) {
    const std::int64_t zeros = std::count(words.begin(), words.end(), 0);
    const std::int64_t nonzeros = static_cast<std::int64_t>(words.size()) - zeros;
    const std::int64_t slots = std::max<std::int64_t>(1, nonzeros * blocks);
    Row& row = rows[pixel++ % rows.size()];
    ++row.pixels;
    row.slots += slots;
    row.last = slots;
    predicted.terms += nonzeros * layer.shape.K;
    predicted.of_one_stage = predicted.of_one_stage && (stage_2 ? slots >= compare : slots <= compare);
  }
  for (const Row& row : rows)
    predicted.cycles =
        std::max(predicted.cycles, stage_2 ? compare + row.slots : row.pixels * compare + row.last);
  return predicted;
}

void by_formula(Figures& figures, const std::string& what, const DrawnLayer& drawn,
                const std::vector<std::string>& overrides, bool stage_2) {
  const Description machine = load_accelerator("cmp-array", overrides);
  Layer layer = draw_convolutions("formula", {drawn}).layers.at(0);
  draw_comparator(layer, taps, 1);
  const TileWork work = array_pass(layer, machine);
  const Predicted predicted = predict(layer, machine, stage_2);
  const double comparisons =
      static_cast<double>(std::int64_t{layer.shape.P()} * layer.shape.Q() * layer.shape.C * taps);
  figures.must(predicted.of_one_stage, what + ": it is the slower stage for every pixel");
  figures.equal(what + ": array cycles", static_cast<double>(work.cycles.value),
                static_cast<double>(predicted.cycles),
                stage_2 ? "a pixel's comparisons, then slots of the busiest row"
                        : "comparisons of a row's pixels, then the last one's slots");
  figures.equal(what + ": shift-adds", static_cast<double>(work.products),
                static_cast<double>(predicted.terms), "code words that are not zero x filters");
  figures.equal(what + ": comparisons", static_cast<double>(work.uses[comparator_array::part::compare].count),
                comparisons, "pixels x channels x taps");
}

// Geometric mean of the layers' energies, theirs over ours.
double energy_gain(const Result& ours, const Result& theirs) {
  double logarithms = 0;
  for (std::size_t i = 0; i < ours.layers.size(); ++i)
    logarithms += std::log(theirs.layers.at(i).energy.total().value / ours.layers[i].energy.total().value);
  return std::exp(logarithms / static_cast<double>(ours.layers.size()));
}

void beside_a_dense_array(const SelftestOptions& options, Figures& figures) {
  const auto run = [](const std::string& accelerator, const Trace& trace) {
    return simulate_in_children(trace, with_multipliers(accelerator, {}, multipliers).machine, {}, 1);
  };
  const Trace trace = draw_convolutions("drawn", layers(options.full));
  Trace compared = trace;
  for (Layer& layer : compared.layers) draw_comparator(layer, taps, 1);
  const Result ours = run("cmp-array", compared), dense = run("dcnn", trace);
  figures.show("time, dcnn over cmp-array", mean_speedup(ours, dense), faster_than_cnn,
               "9 products a word; words that are zero take no slot");
  figures.show("energy, dcnn over cmp-array", energy_gain(ours, dense), energy_of_cnn,
               "not in memory, see the notes");
  figures.must(mean_speedup(ours, dense) > 1, "faster than the dense array with as many multipliers");
}

}  // namespace

SelftestReport cmp_array_selftest(const SelftestOptions& options) {
  Figures figures("expected");
  by_formula(figures, "256 filters, stage 2", {64, 256, 14, 0.5, 1}, {}, true);
  by_formula(figures, "32 filters, 4 comparators, stage 1", {64, 32, 14, 0.5, 1}, {"unit.compare_lanes=4"},
             false);
  beside_a_dense_array(options, figures);
  figures.notes(notes);
  return figures.report();
}

}  // namespace basil
