// Basis-First by itself: ESCALATE's order and PENNI's give the sums of a plain convolution with the decoded
// kernels, and stage 1 adds exactly the terms that are effectual.
#include <fmt/format.h>

#include "models/processes/jobs.h"
#include "models/simulate.h"
#include "testbenches/selftests/drawn.h"
#include "testbenches/selftests/figures.h"
#include "traces/encodings/basis.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

struct Case {
  DrawnLayer layer;
  double coefficients;  // density
};

std::vector<Case> cases(bool full) {
  std::vector<Case> all{
      {{32, 32, 14, 0.5}, 0.1}, {{64, 32, 14, 1.0}, 0.02}, {{16, 64, 14, 0.3}, 0.3}, {{48, 40, 9, 0.6}, 1.0}};
  if (full) {
    all.push_back({{64, 64, 56, 0.5}, 0.1});
    all.push_back({{256, 256, 14, 0.4}, 0.05});
    all.push_back({{512, 512, 7, 0.3}, 0.02});
  }
  return all;
}

Result run(const Trace& trace, int order) {
  return simulate_in_children(trace, load_accelerator("escalate", {fmt::format("unit.order={}", order)}), {},
                              1);
}

std::int64_t count_of(const LayerResult& layer, const std::string& item) {
  for (const EnergyLine& line : layer.energy.lines()) {
    if (line.item == item) return static_cast<std::int64_t>(line.count);
  }
  return 0;
}

// Sum over c of (non-zero words of channel c) x (non-zero coefficients of channel c), counted from the
// operands: K C M H W times the densities, were they spread evenly.
std::int64_t effectual_terms(const Layer& layer) {
  const auto channels = static_cast<std::size_t>(layer.shape.C);
  std::vector<std::int64_t> words(channels), terms(channels);
  const std::vector<std::int16_t> ifmap = decode(layer.ifmap),
                                  coefficients = basis::coefficients(layer.weights);
  for (std::size_t i = 0; i < ifmap.size(); ++i) words[i % channels] += ifmap[i] != 0 ? 1 : 0;
  for (std::size_t i = 0; i < coefficients.size(); ++i) terms[i % channels] += coefficients[i] != 0 ? 1 : 0;
  std::int64_t sum = 0;
  for (std::size_t c = 0; c < channels; ++c) sum += words[c] * terms[c];
  return sum;
}

}  // namespace

SelftestReport basis_first_selftest(const SelftestOptions& options) {
  Figures figures("formula");
  std::string table = fmt::format("{:<12} {:>6} {:>7} {:>15} {:>12} {:>15} {:>12}\n", "layer", "ifmap",
                                  "coeff.", "ESCALATE cycles", "PENNI", "ESCALATE buffer", "PENNI");
  bool verified = true;
  for (const Case& c : cases(options.full)) {
    Trace trace = draw_convolutions("basis", {c.layer});
    draw_basis_weights(trace.layers[0], 6, c.coefficients, 1);
    // Both runs are compared with the golden executor, which convolves with the decoded kernels.
    const LayerResult escalate = run(trace, 0).layers.at(0), penni = run(trace, 1).layers.at(0);
    verified = verified && escalate.verified && penni.verified;
    const auto buffer = [](const LayerResult& layer) {
      return static_cast<double>((layer.buffer_read + layer.buffer_written).value) * 1e-3;
    };
    table += fmt::format("{:<12} {:>6.2f} {:>7.2f} {:>15} {:>12} {:>12.0f} kB {:>9.0f} kB\n",
                         trace.layers[0].name, c.layer.ifmap_density, c.coefficients,
                         escalate.processing.value, penni.processing.value, buffer(escalate), buffer(penni));
    figures.equal(fmt::format("{}, ifmap {:g}, coefficients {:g}: terms added", trace.layers[0].name,
                              c.layer.ifmap_density, c.coefficients),
                  static_cast<double>(count_of(escalate, "ternary_int8")),
                  static_cast<double>(effectual_terms(trace.layers[0])),
                  "sum over channels of words set x coefficients set");
    figures.json()["layers"].push_back({{"layer", trace.layers[0].name},
                                        {"ifmap_density", c.layer.ifmap_density},
                                        {"coefficient_density", c.coefficients},
                                        {"escalate_cycles", escalate.processing.value},
                                        {"penni_cycles", penni.processing.value},
                                        {"escalate_buffer_kb", buffer(escalate)},
                                        {"penni_buffer_kb", buffer(penni)}});
  }
  figures.table(table + "\n");
  figures.must(verified, "both orders give the sums of a convolution with the decoded kernels, bit for bit");
  figures.notes(
      "cycles are of the array. Terms are those of stage 1. PENNI keeps M maps a channel in the buffer, "
      "ESCALATE none;\nits stage A takes as many taps a cycle as the row store has banks.\n");
  return figures.report();
}

}  // namespace basil
