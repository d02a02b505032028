#include "testbenches/selftests/escalate_formula.h"

#include <fmt/format.h>

#include <algorithm>

#include "pe/basis_first/events.h"
#include "testbenches/selftests/array_pass.h"
#include "testbenches/selftests/drawn.h"
#include "traces/encodings/basis.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

constexpr int bases = 6, filters = 32;  // as many as the machine has slices and blocks

// 3 x 3, padding 1.
Layer draw(int channels, double ifmap_density, double coefficients) {
  Layer layer = draw_convolutions("formula", {{channels, filters, 14, ifmap_density, 1}}).layers.at(0);
  draw_basis_weights(layer, bases, coefficients, 1);
  return layer;
}

// Kernel rows (or columns) under which pixel `at` of a plane meets an ofmap value.
int taps_at(int at, int size) { return (at > 0 ? 1 : 0) + 1 + (at < size - 1 ? 1 : 0); }

// Every word and coefficient set: stage 1 takes a row of `lanes` channels a cycle, stage 2 a pixel's taps in
// cycles of `multipliers` (whose psums lie in banks of their own). Each ifmap row the slices meet. Where the
// taps of any pixel take at least as long as its channels, they set the pace behind the first sum; where
// those of none take longer, the channels do, before the last one's taps.
std::int64_t dense_cycles(const Layer& layer, const Description& machine) {
  constexpr std::int64_t into_window = 2;  // the row's first pixel, from the row store by the pixel store
  const LayerShape& s = layer.shape;
  const UnitParameters& unit = machine.unit_parameters;
  const std::int64_t scan = ceil_div(s.C, unit.at("lanes"));
  std::int64_t cycles = 0;
  for (int y = 0; y < s.H; ++y) {
    const auto taps = [&](int x) {
      return ceil_div(taps_at(y, s.H) * taps_at(x, s.W), unit.at("multipliers"));
    };
    std::int64_t all_taps = 0;
    for (int x = 0; x < s.W; ++x) all_taps += taps(x);
    const bool taps_decide = scan <= taps(0);  // the fewest are in the corner
    cycles += into_window + (taps_decide ? scan + all_taps : s.W * scan + taps(s.W - 1));
  }
  constexpr std::int64_t last_products = 1, last_rows = 2;  // the last ifmap row completes two of the ofmap
  return cycles + last_products + ceil_div(last_rows * s.Q(), unit.at("psum_banks"));
}

struct Slots {
  std::int64_t terms = 0, products = 0, gated = 0;
};

// Of a pixel's sum under basis m: its taps that meet an ofmap value, and those of them that are not zero.
struct Taps {
  std::int64_t all = 0, nonzero = 0;
};
Taps taps_of(const Layer& layer, int m, int y, int x) {
  const LayerShape& s = layer.shape;
  Taps taps;
  for (int r = 0; r < s.R; ++r) {
    for (int c = 0; c < s.S; ++c) {
      const int p = y + s.pad_top - r, q = x + s.pad_left - c;
      if (p < 0 || p >= s.P() || q < 0 || q >= s.Q()) continue;
      ++taps.all;
      taps.nonzero += layer.weights.values[static_cast<std::size_t>((m * s.R + r) * s.S + c)] != 0;
    }
  }
  return taps;
}

// Sum by sum, from the decoded operands: U[k, m] at a pixel is the sum over c of Ce[k, m, c] * I[c]; where it
// has a term it takes a slot for each of its taps, which multiplies unless one of the two is zero.
Slots count_slots(const Layer& layer) {
  const LayerShape& s = layer.shape;
  const auto C = static_cast<std::size_t>(s.C);
  const std::vector<std::int16_t> ifmap = decode(layer.ifmap),
                                  coefficients = basis::coefficients(layer.weights);
  Slots slots;
  for (int m = 0; m < bases; ++m) {
    for (int y = 0; y < s.H; ++y) {
      for (int x = 0; x < s.W; ++x) {
        const Taps taps = taps_of(layer, m, y, x);
        const std::int16_t* words = ifmap.data() + static_cast<std::size_t>(y * s.W + x) * C;
        for (int k = 0; k < s.K; ++k) {
          const std::int16_t* signs = coefficients.data() + static_cast<std::size_t>(k * bases + m) * C;
          std::int64_t sum = 0, terms = 0;
          for (std::size_t c = 0; c < C; ++c) {
            sum += std::int64_t{signs[c]} * words[c];
            terms += signs[c] != 0 && words[c] != 0;
          }
          const std::int64_t products = sum != 0 ? taps.nonzero : 0;
          slots.terms += terms;
          slots.products += products;
          if (terms > 0) slots.gated += taps.all - products;
        }
      }
    }
  }
  return slots;
}

}  // namespace

void escalate_by_formula(Figures& figures) {
  const Description machine = load_accelerator("escalate");
  for (const int channels : {16, 64}) {
    const Layer layer = draw(channels, 1, 1);
    figures.equal(fmt::format("{} channels, all set: array cycles", channels),
                  static_cast<double>(array_pass(layer, machine).cycles.value),
                  static_cast<double>(dense_cycles(layer, machine)),
                  channels == 16 ? "taps / multipliers decide, a row at a time"
                                 : "channels / lanes decide, a row at a time");
  }
  const Layer layer = draw(64, 0.5, 0.3);
  const TileWork work = array_pass(layer, machine);
  const Slots slots = count_slots(layer);
  const std::string what = "64 channels, 0.5 of them set, 0.3 of coefficients: ";
  figures.equal(what + "terms", static_cast<double>(work.uses[basis_first::ternary_adds].count),
                static_cast<double>(slots.terms), "word and coefficient both set");
  figures.equal(what + "products", static_cast<double>(work.products), static_cast<double>(slots.products),
                "taps of sums, neither zero");
  figures.equal(what + "gated", static_cast<double>(work.bins[Bin::gated]), static_cast<double>(slots.gated),
                "taps of sums that cancel, and zero taps");
}

}  // namespace basil
