#include "models/simulate.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/names.h"
#include "core/systemc/cycle_time.h"
#include "core/systemc/kernel.h"
#include "core/table.h"
#include "memory/off_chip/off_chip.h"
#include "models/checks/count_check.h"
#include "models/checks/verification.h"
#include "models/layer/filter_order.h"
#include "models/layer/layer_cut.h"
#include "models/layer/refusals.h"
#include "models/machine/chip.h"
#include "models/mapping/mapper.h"
#include "models/mapping/poor_mapping.h"
#include "models/waveform/timeline.h"
#include "models/waveform/waveform.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

bool matches(const std::vector<std::string>& globs, const std::string& name) {
  if (globs.empty()) return true;
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return fnmatch(glob.c_str(), name.c_str(), 0) == 0; });
}

std::vector<int> filter_order(const Layer& layer, const Description& machine) {
  return machine.unit->filter_order != nullptr ? machine.unit->filter_order(layer, machine.unit_parameters)
                                               : std::vector<int>();
}

// Filters in the order that suits the unit; the ifmap coded as the chip's feature maps are. Nothing where the
// layer is kept as it is.
std::optional<Layer> as_the_machine_keeps_it(const Layer& layer, const Description& machine,
                                             const std::vector<int>& order) {
  const bool coded = machine.fmaps->fmap_coder != nullptr && machine.fmaps->fmap_coder->in_buffer;
  const bool recoded = coded && layer.ifmap.encoding != machine.fmaps;
  if (order.empty() && !recoded) return std::nullopt;
  Layer kept = order.empty() ? layer : with_filter_order(layer, order);
  if (coded) kept.ifmap = re_encode(layer.ifmap, machine.fmaps);
  return kept;
}

double density_of(const Layer& layer, const Description& machine, const Ofmap& sums, bool all) {
  if (!all) return computed_ofmap_density(LayerTraffic(layer, machine, false), sums);
  const auto outputs = static_cast<double>(std::max(sums.sums.size(), sums.reals.size()));
  return static_cast<double>(LayerTraffic(layer, machine, false).nonzero_outputs(sums)) / outputs;
}

// Takes the layers that the machine cannot run out of those chosen.
std::vector<Refusal> take_refused(const Trace& trace, const Description& machine, Mapper& mapper,
                                  std::vector<std::size_t>& chosen) {
  std::vector<Refusal> refused;
  const auto refuses = [&](std::size_t index) {
    const Layer& layer = trace.layers[index];
    const std::optional<std::string> reason = refusal(layer, machine, mapper);
    if (reason) refused.push_back({layer.name, *reason});
    return reason.has_value();
  };
  chosen.erase(std::remove_if(chosen.begin(), chosen.end(), refuses), chosen.end());
  return refused;
}

// Before anything has run.
inline constexpr double most_timeline_bytes = 256e6;

void check_timeline_size(const Trace& trace, const std::vector<std::size_t>& chosen,
                         const Description& machine, Mapper& mapper, const Options& options) {
  if (!options.timeline) return;
  double bytes = 0;
  for (const std::size_t index : chosen)
    bytes += Timeline::bytes_a_pass * static_cast<double>(count_passes(trace.layers[index], machine, mapper));
  if (bytes > most_timeline_bytes) {
    throw Error(field_name("options.timeline") + " " + *options.timeline,
                fmt::format("about {:.0f} MB expected", bytes * 1e-6),
                fmt::format("at most {:.0f} MB: choose {}", most_timeline_bytes * 1e-6,
                            field_name("options.layers")));
  }
}

void check_sample(const Options& options) {
  if (!options.sample) return;
  const double fraction = options.sample->fraction;
  if (!(fraction > 0 && fraction <= 1))
    throw Error(field_name("options.sample"), fmt::format("{:g}", fraction), "a part above 0 and at most 1");
  const auto refuse = [](const std::string& beside) {
    throw Error(field_name("options.sample"), "given beside " + beside,
                "one of the two: it needs every pass");
  };
  if (options.fidelity == Fidelity::cycle) refuse(field_name("options.fidelity") + " cycle");
  if (options.waveform) refuse(field_name("options.waveform"));
  if (options.timeline) refuse(field_name("options.timeline"));
}

std::vector<std::string> names_of(const Trace& trace, const std::vector<std::size_t>& layers) {
  std::vector<std::string> names;
  names.reserve(layers.size());
  for (const std::size_t layer : layers) names.push_back(trace.layers[layer].name);
  return names;
}

std::vector<AreaLine> area_lines(const EnergyModel& energy, int tiles) {
  std::vector<AreaLine> lines;
  const auto add = [&](const std::vector<Component>& components, int times) {
    for (const Component& of : components) {
      lines.push_back({std::string(to_string(of.group)), of.name, std::string(of.built), of.instances * times,
                       of.all_mm2() * times});
    }
  };
  add(energy.components(), tiles);
  add(energy.chip_network(), 1);
  return lines;
}

// What is said of the run while it lasts.
class Saying {
 public:
  Saying(const ShowProgress& show, std::size_t layers) : show_(show), layers_(layers) {}

  void begin(std::size_t index, const Layer& layer, const Chip& chip) {
    index_ = index;
    name_ = layer.name;
    chip_ = &chip;
    start_ = now();
    stage("mapped");
  }
  void stage(const char* stage) const {
    if (show_) show_([&] { return line(stage); });
  }
  void pass() const {
    show_([&] {
      return line(
          fmt::format("pass {}, cycle {}", grouped(chip_->passes_begun()), grouped((now() - start_).value)));
    });
  }

 private:
  [[nodiscard]] std::string line(const std::string& stage) const {
    return fmt::format("layer {} of {}: {}, {}", index_ + 1, layers_, printable(name_), stage);
  }

  const ShowProgress& show_;
  std::size_t layers_, index_ = 0;
  std::string name_;
  const Chip* chip_ = nullptr;
  Cycles start_;
};

}  // namespace

std::vector<std::size_t> chosen_layers(const Trace& trace, const std::vector<std::string>& globs) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < trace.layers.size(); ++i) {
    if (trace.layers[i].simulated() && matches(globs, trace.layers[i].name)) chosen.push_back(i);
  }
  for (const std::string& glob : globs) {
    const bool used = std::any_of(chosen.begin(), chosen.end(),
                                  [&](std::size_t i) { return matches({glob}, trace.layers[i].name); });
    if (used) continue;
    std::vector<std::string> names;
    for (const Layer& layer : trace.layers) {
      if (layer.simulated()) names.push_back(layer.name);
    }
    const std::string near = nearest(glob, names);
    throw Error(field_name("options.layers") + " " + glob, "no such layer in " + trace.name,
                near.empty() ? "a layer that 'basil inspect' lists" : "'" + near + "'");
  }
  if (chosen.empty())
    throw Error("trace " + trace.name, "no layer that runs on an array",
                "at least one conv, depthwise or fc layer");
  return chosen;
}

Result simulate(const Trace& trace, const Description& machine, const Options& options) {
  const std::vector<std::size_t> asked = options.layers.empty() ? chosen_layers(trace, {}) : options.layers;
  std::vector<std::size_t> chosen = asked;
  check_sample(options);
  check_layer_globs(machine.mappings, trace);
  const EnergyModel energy(machine,
                           options.technology ? *options.technology : Technology::load(machine.technology));
  Mapper mapper(machine, energy);
  std::vector<Refusal> refused = take_refused(trace, machine, mapper, chosen);
  if (!refused.empty() && !options.skip_refused) throw Error("", refused.front().reason);
  const std::vector<std::size_t> counted =
      options.counted ? *options.counted : draw_count_checks(trace, asked, machine);
  check_timeline_size(trace, chosen, machine, mapper, options);

  quiet_systemc();
  set_core_clock(machine.dram.core_khz);
  Saying saying{options.progress, chosen.size()};
  ProcessGuard guard(options.progress ? std::function<void()>([&] { saying.pass(); }) : nullptr);
  Chip chip(machine, energy, options.fidelity, guard, mapper, options.memory ? options.memory() : nullptr);
  std::unique_ptr<Waveform> waveform;
  if (options.waveform) {
    waveform = std::make_unique<Waveform>(
        *options.waveform, "basil: " + trace.name + " on " + machine.name + "; 1 ns is one core cycle",
        WaveformTime{
            .resolution = chip.resolution(), .cycle = "core cycle", .ns = 1000.0 / machine.clock_mhz});
    chip.trace(*waveform, *options.waveform, names_of(trace, chosen));
  }
  Timeline timeline("basil: " + trace.name + " on " + machine.name, options.fidelity, machine.tiles);
  if (options.timeline) chip.observe(timeline);

  Result result;
  result.trace = trace.name;
  result.trace_notes = trace.activations;
  result.synthetic = trace.synthetic();
  result.accelerator = machine.name;
  result.technology = machine.technology;
  result.fidelity = options.fidelity;
  result.sample = options.sample;
  result.clock_mhz = machine.clock_mhz;
  result.sum_width = machine.sum_width();
  result.pes = machine.pes() * machine.tiles;
  result.area_mm2 = energy.area_mm2();
  result.area = area_lines(energy, machine.tiles);
  result.sram_cell = to_string(machine.sram_cell);
  result.refused = std::move(refused);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    saying.begin(i, trace.layers[chosen[i]], chip);
    const std::vector<int> order = filter_order(trace.layers[chosen[i]], machine);
    const std::optional<Layer> kept = as_the_machine_keeps_it(trace.layers[chosen[i]], machine, order);
    const Layer& layer = kept ? *kept : trace.layers[chosen[i]];
    LayerResult done = chip.run(layer, machine.fmaps->fmap_coder != nullptr && chosen[i] > 0, options.sample);
    saying.stage("values and counts held against their references");
    if (waveform) waveform->layer_over();
    done.verified = options.verify && done.wholly_computed();
    const Ofmap ordered = order.empty() ? Ofmap() : restore_order(chip.sums(), order);
    const LayerRun run{trace.layers[chosen[i]], chip, order, order.empty() ? chip.sums() : ordered};
    refuse_overflow(run, machine.sum_width());
    if (done.verified)
      verify(run, machine.sum_width(), done.sums,
             options.golden.empty() ? nullptr : &options.golden[chosen[i]]);
    if (options.ofmap) options.ofmap(run.sums);
    const bool checked = options.fidelity == Fidelity::cycle ||
                         std::find(counted.begin(), counted.end(), chosen[i]) != counted.end();
    done.counted = options.verify && checked && check_counts(layer, machine).has_value();
    done.ofmap_density = density_of(layer, machine, chip.sums(), done.wholly_computed());
    result.layers.push_back(std::move(done));
  }
  if (const auto remark = unused_mappings(trace, chosen, machine); remark && !result.layers.empty())
    result.layers.front().warnings.push_back(*remark);
  for (const Layer& layer : trace.layers) {
    if (!layer.simulated()) result.skipped.push_back(layer.name);
  }
  result.mappings = mapper.used();
  if (waveform) waveform->close(result.cycles());
  if (options.timeline) write_file_atomically(*options.timeline, timeline.json(result.cycles()));
  return result;
}

}  // namespace basil
