// Shift and add: what a second term costs (FLightNN), and PE types by performance per area and energy
// (QUIDAM/QADAM, QAPPA).
#include <fmt/format.h>

#include "models/compare/compare.h"
#include "models/energy/energy.h"
#include "models/processes/jobs.h"
#include "models/simulate.h"
#include "testbenches/selftests/drawn.h"
#include "testbenches/selftests/figures.h"
#include "testbenches/selftests/processing.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

constexpr double best_over_int16 = 5.7;  // QUIDAM, over its design space

constexpr const char* notes = R"(notes:
  terms       published: all k = 1 runs up to 2x faster than all k = 2 (FLightNN). The slots double exactly; psum
              slots and the ramp of a pass do not, filter loading does. Spads are single: a pass waits for its
              filters, and PEs for full FIFOs of psums between them, which k = 1 fills sooner.
  PE types    published order: FP32 < INT16 < LightPE-2 < LightPE-1; up to 5.7x over the best INT16 of a design
              space, of which this is one point, whose buffers weigh the same in all four.
  synthesis   an INT8 multiply-accumulator takes {:.0f} um2, two shifts {:.0f}, one shift {:.0f}: two shifts save
              no area against INT8, only against INT16. The spads for 4- and 8-bit weights do the rest.
)";

Trace layers(bool full) {
  std::vector<DrawnLayer> all{{32, 64, 14, 0.5}, {64, 64, 14, 0.5}};
  if (full) all.insert(all.end(), {{64, 64, 56, 0.5}, {128, 128, 28, 0.5}, {256, 256, 14, 0.5}});
  return draw_convolutions("powers", all);
}

Trace with_terms(Trace trace, int terms) {
  for (Layer& layer : trace.layers) draw_powers_of_two(layer, terms, 1);
  return trace;
}

Trace in_fp32(Trace trace) {
  for (Layer& layer : trace.layers) {
    const auto real = [](const Operand& operand) {
      const std::vector<std::int16_t> values = decode(operand);
      return encode_real(&dense_encoding, operand.extent, {values.begin(), values.end()});
    };
    layer.weights = real(layer.weights);
    layer.ifmap = real(layer.ifmap);
    layer.output.dtype = Dtype::fp32;
  }
  return trace;
}

struct PeType {
  std::string name;
  double macs_per_second_mm2 = 0;  // of the PEs, their spads and the buffers
  double macs_per_joule = 0;       // of the chip, DRAM apart
  double pe_um2 = 0;               // the operator alone
};

PeType measured(const std::string& accelerator, const Trace& trace) {
  const Description machine = load_accelerator(accelerator);
  const Result result = simulate_in_children(trace, machine, {}, 1);
  double macs = 0, chip_pj = 0;
  for (const LayerResult& layer : result.layers) {
    macs += static_cast<double>(layer.macs);
    chip_pj += layer.energy.total().value - layer.energy.of("dram").value;
  }
  const CostRow row =
      Technology::load(machine.technology).row(machine.unit->product_row(machine.unit_parameters));
  return {accelerator, macs / result.seconds(processing(result)) / result.area_mm2, macs / (chip_pj * 1e-12),
          row.area_um2};
}

void terms_part(const SelftestOptions& options, Figures& figures) {
  const Description machine = load_accelerator("flightnn");
  const Trace trace = layers(options.full);
  const Result one = simulate_in_children(with_terms(trace, 1), machine, {}, 1);
  const Result two = simulate_in_children(with_terms(trace, 2), machine, {}, 1);
  const auto times = [](std::int64_t a, std::int64_t b) {
    return static_cast<double>(b) / static_cast<double>(a);
  };
  for (std::size_t i = 0; i < one.layers.size(); ++i) {
    const LayerResult &a = one.layers[i], &b = two.layers[i];
    figures.equal(a.name + ": slots, all k = 2 over all k = 1",
                  times(a.bins[Bin::compute], b.bins[Bin::compute]), 2, "a slot a term (formula)");
    figures.near(a.name + ": time, all k = 2 over all k = 1", times(a.processing.value, b.processing.value),
                 2, 0.25, "up to 2x; psums and ramps do not double");
  }
}

void types_part(const SelftestOptions& options, Figures& figures) {
  const Trace trace = layers(options.full);
  const std::vector<PeType> types{measured("fp32", in_fp32(trace)), measured("int16", trace),
                                  measured("lightpe2", with_terms(trace, 2)),
                                  measured("lightpe1", with_terms(trace, 1))};
  std::string table = fmt::format("{:<10} {:>14} {:>14} {:>12} {:>16}\n", "PE type", "GMAC/s/mm2",
                                  "over int16", "GMAC/J", "operator um2");
  bool rising = true;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const PeType& type = types[i];
    rising = rising && (i == 0 || type.macs_per_second_mm2 > types[i - 1].macs_per_second_mm2);
    const double over_int16 = type.macs_per_second_mm2 / types[1].macs_per_second_mm2;
    table +=
        fmt::format("{:<10} {:>14.2f} {:>13.2f}x {:>12.1f} {:>16.0f}\n", type.name,
                    type.macs_per_second_mm2 * 1e-9, over_int16, type.macs_per_joule * 1e-9, type.pe_um2);
    figures.json()["pe_types"].push_back({{"name", type.name},
                                          {"macs_per_second_mm2", type.macs_per_second_mm2},
                                          {"macs_per_joule", type.macs_per_joule},
                                          {"operator_um2", type.pe_um2}});
    if (i == 1) continue;
    figures.show(
        type.name + ": performance per area over int16", over_int16,
        type.name == "lightpe1" ? std::optional(best_over_int16) : std::nullopt,
        type.name == "lightpe1" ? "the paper's best of a design space" : "one point; the order counts");
  }
  figures.table(table + "\n");
  figures.must(rising, "performance per area: fp32 < int16 < lightpe2 < lightpe1");
  figures.notes(fmt::format(notes, Technology::load("45nm").row("mac_int8").area_um2, types[2].pe_um2,
                            types[3].pe_um2));
}

}  // namespace

SelftestReport shift_add_selftest(const SelftestOptions& options) {
  Figures figures("expected");
  terms_part(options, figures);
  types_part(options, figures);
  return figures.report();
}

}  // namespace basil
