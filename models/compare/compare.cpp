#include "models/compare/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "models/energy/energy.h"
#include "models/simulate.h"
#include "traces/compress/compress.h"
#include "traces/compress/derive.h"
#include "traces/compress/quantise.h"
#include "traces/encodings/encode.h"
#include "traces/file/trace_file.h"
#include "traces/golden/golden.h"
#include "traces/layer_memory.h"

namespace basil {
namespace {

// Sums in real units, of what the layer's golden sums are.
std::vector<double> real_sums(const Layer& layer, const Ofmap& ofmap) {
  if (layer.weights.is_real()) return ofmap.reals;
  std::vector<double> sums(ofmap.sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto k = static_cast<int>(i % static_cast<std::size_t>(ofmap.K));
    sums[i] =
        static_cast<double>(ofmap.sums[i]) * double{layer.ifmap.scale(0)} * double{layer.weights.scale(k)};
  }
  return sums;
}

double relative_error(const std::vector<double>& found, const std::vector<double>& wanted) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    difference += (found[i] - wanted[i]) * (found[i] - wanted[i]);
    norm += wanted[i] * wanted[i];
  }
  return norm == 0 ? 0 : std::sqrt(difference / norm);
}

bool takes(const Description& machine, const Layer& layer) {
  if (!takes_weights(*machine.unit, layer.weights.encoding)) return false;
  try {
    machine.unit->check(layer, machine.unit_parameters);
  } catch (const Error&) { return false; }
  return true;
}

Trace derived(const Subject& subject, const Recipe& recipe) {
  return subject.network ? compress(*subject.network, recipe).trace : derive(subject.trace, recipe);
}

// A unit made for one encoding wants it wherever a layer can have it; a unit for plain weights takes what it
// can.
bool wants_another(const Description& machine, const Layer& layer) {
  const Encoding native = native_encoding(*machine.unit);
  if (only_weights(native) && layer.weights.encoding != native) return true;
  return !takes(machine, layer);
}

// Layers of the subject as they are, or by the recipe where the machine wants them in another encoding.
void give_encodings(const Subject& subject, Contender& contender) {
  const Description& machine = contender.machine;
  contender.trace = subject.trace;
  const auto wanting = [&](const Layer& layer) { return layer.simulated() && wants_another(machine, layer); };
  if (std::none_of(subject.trace.layers.begin(), subject.trace.layers.end(), wanting)) return;
  const Recipe recipe = machine.recipe ? *machine.recipe : default_recipe_for(native_encoding(*machine.unit));
  Trace made = derived(subject, recipe);
  int changed = 0;
  for (std::size_t i = 0; i < made.layers.size(); ++i) {
    const Layer& given = subject.trace.layers[i];
    if (!wanting(given)) continue;
    changed += made.layers[i].weights.encoding != given.weights.encoding ||
                       made.layers[i].weights.dtype != given.weights.dtype
                   ? 1
                   : 0;
    contender.trace.layers[i] = std::move(made.layers[i]);
  }
  if (changed == 0) return;
  std::string steps;
  for (const RecipeStep& step : recipe.steps) steps += (steps.empty() ? "" : "; ") + step.text;
  contender.derivation = fmt::format("{} layer{} derived: {}", changed, changed == 1 ? "" : "s", steps);
}

constexpr double most_scaling = 1e4;

int scaled_side(int side, double factor) { return std::max(1, static_cast<int>(std::lround(side * factor))); }

// Rows and columns times the square root of `factor`, or rows alone times the factor; ports and buses of a
// grid of PEs times the factor. (Those of a unit's own array feed all of it already.)
std::vector<std::string> scaling(const Description& machine, double factor) {
  if (machine.dataflow->units_array) {
    const auto& row_step = machine.unit->array->row_step;
    const int step = row_step != nullptr ? row_step(machine.unit_parameters) : 1;
    return {fmt::format("array.rows={}", step * scaled_side(machine.rows, factor / step))};
  }
  const int rows = scaled_side(machine.rows, std::sqrt(factor));
  const double exact_cols = factor * static_cast<double>(machine.pes()) / rows;
  const int cols = std::max(1, static_cast<int>(std::lround(exact_cols)));
  std::vector<std::string> overrides{fmt::format("array.rows={}", rows), fmt::format("array.cols={}", cols)};
  if (factor == 1) return overrides;
  const auto widen = [&](const std::string& key, int bits, int word) {
    const auto words = static_cast<std::int64_t>(std::ceil(static_cast<double>(bits) * factor / word));
    overrides.push_back(fmt::format("{}={}", key, words * word));
  };
  widen("noc.filter_bits", machine.noc.filter_bits, machine.weight_bits());
  widen("noc.ifmap_bits", machine.noc.ifmap_bits, machine.word_bits());
  widen("noc.psum_in_bits", machine.noc.psum_in_bits, machine.psum_bits);
  widen("noc.psum_out_bits", machine.noc.psum_out_bits, machine.psum_bits);
  widen("buffers.fmaps.port_bits", machine.fmap_buffer.port_bits, machine.fmap_buffer.port_bits);
  widen("buffers.filters.port_bits", machine.filter_buffer.port_bits, machine.filter_buffer.port_bits);
  if (machine.accumulators) {
    widen("buffers.accumulators.port_bits", machine.accumulators->port_bits, machine.accumulators->port_bits);
  }
  return overrides;
}

ScaledMachine scaled(const std::string& accelerator, std::vector<std::string> overrides,
                     const Description& machine, double factor) {
  std::vector<std::string> own = scaling(machine, factor);
  overrides.insert(overrides.end(), own.begin(), own.end());
  return {load_accelerator(accelerator, overrides), std::move(own)};
}

}  // namespace

Subject read_subject(const std::string& file) {
  Subject subject;
  if (is_dense_network(file)) {
    subject.network = read_dense_network(file);
    subject.trace = compress(*subject.network, default_recipe()).trace;
  } else {
    subject.trace = read_trace(file);
  }
  return subject;
}

const std::vector<double>& Subject::sums(std::size_t layer) const {
  sums_.resize(trace.layers.size());
  std::vector<double>& sums = sums_[layer];
  if (sums.empty()) {
    const Layer own = network ? real_layer(network->layers[layer]) : trace.layers[layer];
    sums = real_sums(own, run_golden(own));
  }
  return sums;
}

Contender make_contender(const Subject& subject, const std::string& accelerator,
                         const std::vector<std::string>& overrides) {
  Contender contender{.name = accelerator,
                      .machine = load_accelerator(accelerator, overrides),
                      .trace = {},
                      .derivation = {},
                      .output_error = {},
                      .overrides = overrides};
  give_encodings(subject, contender);
  for (std::size_t i = 0; i < subject.trace.layers.size(); ++i) {
    const Layer& layer = contender.trace.layers[i];
    contender.golden.push_back(layer.simulated() ? run_golden(layer) : Ofmap());
    contender.output_error.push_back(
        layer.simulated() ? relative_error(real_sums(layer, contender.golden.back()), subject.sums(i)) : 0);
  }
  return contender;
}

double bytes_beside(const Subject& subject, std::size_t contenders) {
  double network = 0, sums = 0;
  if (subject.network) {
    for (const DenseLayer& layer : subject.network->layers)
      network += static_cast<double>(layer.weights.size() * sizeof(float) +
                                     layer.ifmap.size() * sizeof(std::int16_t));
  }
  for (const Layer& layer : subject.trace.layers) {
    const LayerShape& s = layer.shape;
    if (layer.simulated()) sums += static_cast<double>(s.N) * s.K * s.P() * s.Q() * sizeof(double);
  }
  const auto others = static_cast<double>(contenders);
  return network + others * bytes_held(subject.trace) + (others + 1) * sums;
}

double area_of(const Description& machine) {
  return EnergyModel(machine, Technology::load(machine.technology)).area_mm2();
}

ScaledMachine with_multipliers(const std::string& accelerator, const std::vector<std::string>& overrides,
                               std::int64_t multipliers) {
  const Description machine = load_accelerator(accelerator, overrides);
  return scaled(accelerator, overrides, machine,
                static_cast<double>(multipliers) / static_cast<double>(machine.pes()));
}

ScaledMachine with_area(const std::string& accelerator, const std::vector<std::string>& overrides,
                        double area_mm2) {
  const Description machine = load_accelerator(accelerator, overrides);
  const Technology technology = Technology::load(machine.technology);
  const EnergyModel costs(machine, technology);
  const double fixed = costs.fixed_area_mm2();
  if (fixed >= area_mm2) {
    throw Error(field_name("area_mm2") + ": " + machine.name,
                fmt::format("buffers, network and coders of {:.3f} mm2", fixed),
                fmt::format("less than the {:.3f} mm2 of the first accelerator", area_mm2));
  }
  const auto area_at = [&](double factor) {
    const Description other = scaled(accelerator, overrides, machine, factor).machine;
    return EnergyModel(other, technology).area_mm2();
  };
  // Where buffers kept their area this would be it. But a grid's ports widen with it, and with them the
  // buffers.
  double high = (area_mm2 - fixed) / (costs.area_mm2() - fixed), low = 0;
  for (; area_at(high) < area_mm2 && high < most_scaling; high *= 1.1) low = high;
  for (int halvings = 0; halvings < 12; ++halvings) {
    const double middle = (low + high) / 2;
    (area_at(middle) < area_mm2 ? low : high) = middle;
  }
  return scaled(accelerator, overrides, machine, high);
}

}  // namespace basil
