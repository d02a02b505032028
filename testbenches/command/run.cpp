#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/fingerprint.h"
#include "core/names.h"
#include "models/description/accelerator_document.h"
#include "models/processes/jobs.h"
#include "models/processes/variants.h"
#include "models/report/html_report.h"
#include "models/report/report.h"
#include "models/simulate.h"
#include "testbenches/command/option_names.h"
#include "testbenches/command/report_option.h"
#include "testbenches/command/verb.h"
#include "testbenches/command/waveform_option.h"
#include "traces/file/trace_file.h"
#include "traces/synth/density_only.h"

namespace basil {
namespace {

namespace po = boost::program_options;

std::uint64_t seed_from(const Arguments& arguments) {
  return arguments.has("seed") ? arguments.get<std::uint64_t>("seed") : 1;
}

Options options_from(const Arguments& arguments, const Trace& trace, const Description& machine) {
  Options options;
  options.fidelity = parse_fidelity(arguments.get<std::string>("fidelity"));
  options.layers = chosen_layers(trace, arguments.list("layer"));
  options.verify = !arguments.flag("no-verify");
  options.waveform = waveform_options(arguments, "basil run");
  if (options.waveform) {
    if (arguments.has("vcd-pe")) options.waveform->pe = arguments.get<int>("vcd-pe");
    const int pe = options.waveform->pe.value_or(0);
    if (pe < 0 || pe >= machine.pes())
      throw Error("--vcd-pe", std::to_string(pe), fmt::format("0 to {}", machine.pes() - 1));
  }
  if (arguments.has("timeline")) options.timeline = arguments.get<std::string>("timeline");
  if (arguments.has("sample")) {
    options.sample = SampleOptions{.fraction = arguments.get<double>("sample"), .seed = seed_from(arguments)};
    if (arguments.has("report"))
      throw Error("--sample", "given beside --report", "one of the two: the page shows no intervals");
    if (arguments.flag("density-only"))
      throw Error("--sample", "given beside --density-only", "one of the two: the error needs every pass");
  } else if (arguments.has("seed") && !arguments.flag("density-only")) {
    throw Error("--seed", "nothing that is drawn", "--sample or --density-only beside it");
  }
  return options;
}

// What density alone would say of the same layers: in a child, before this process elaborates a machine.
Result with_random_zeros(const Trace& trace, const Description& machine, Options options,
                         std::uint64_t seed) {
  options.waveform.reset();
  options.timeline.reset();
  return simulate_in_children(density_only(trace, seed), machine, options, 1);
}

void add_density_only(const Result& shortcut, std::uint64_t seed, Result& result) {
  result.density_only_seed = seed;
  for (std::size_t i = 0; i < shortcut.layers.size(); ++i) {
    const LayerResult& layer = shortcut.layers[i];
    result.layers[i].density_only = DensityOnlyResult{
        .cycles = layer.cycles, .energy = layer.energy.total(), .ofmap_density = layer.ofmap_density};
  }
}

void check_mappings_out(const Description& machine, int jobs) {
  if (!machine.dataflow->maps) {
    throw Error("--mappings-out", "dataflow " + std::string(machine.dataflow->name) + " of " + machine.name,
                "a row-stationary accelerator");
  }
  if (jobs > 1)
    throw Error("--jobs", std::to_string(jobs) + " with --mappings-out",
                "--jobs 1: one process knows all mappings");
}

int run(const Arguments& arguments) {
  const Trace trace = read_trace(arguments.get<std::string>("trace"));
  const Description machine = load_accelerator(arguments.get<std::string>("on"), arguments.list("set"));
  Options options = options_from(arguments, trace, machine);
  const int jobs = arguments.get<int>("jobs");
  if (jobs < 1 || jobs > 1024) throw Error("--jobs", std::to_string(jobs), "1 to 1024");
  if (jobs > 1 && options.waveform)
    throw Error("--jobs", std::to_string(jobs) + " with --vcd", "--jobs 1: one waveform needs one process");
  if (jobs > 1 && options.timeline)
    throw Error("--jobs", std::to_string(jobs) + " with --timeline",
                "--jobs 1: one timeline needs one process");
  if (arguments.has("mappings-out")) check_mappings_out(machine, jobs);

  arguments.check_outputs();
  const std::string title = report_title(arguments);
  options.skip_refused = true;
  options.progress = arguments.progress();
  Result shortcut;
  if (arguments.flag("density-only"))
    shortcut = with_random_zeros(trace, machine, options, seed_from(arguments));
  std::optional<Variants> variants;
  if (arguments.flag("why"))
    variants.emplace(trace, arguments.get<std::string>("on"), arguments.list("set"), options);
  Result result = run_trace(trace, machine, options, jobs);
  if (result.layers.empty()) throw Error("", result.refused.front().reason);
  result.program = program_build();
  result.command = arguments.command();
  result.overrides = arguments.list("set");
  result.description = accelerator_keys(arguments.get<std::string>("on"), result.overrides);
  result.trace_fingerprint = fingerprint_of_file(arguments.get<std::string>("trace"));
  if (variants) result.gains = variants->gains(result, machine);
  if (arguments.flag("density-only")) add_density_only(shortcut, seed_from(arguments), result);

  if (arguments.has("json"))
    write_file_atomically(arguments.get<std::string>("json"), to_json(result).dump(1) + "\n");
  if (arguments.has("csv")) write_file_atomically(arguments.get<std::string>("csv"), to_csv(result));
  if (arguments.has("mappings-out")) {
    write_file_atomically(arguments.get<std::string>("mappings-out"),
                          mappings_text(result.mappings, trace.name + " on " + machine.name));
  }
  if (arguments.has("report"))
    write_file_atomically(arguments.get<std::string>("report"), to_html(result, machine, trace, title));
  if (!arguments.flag("quiet")) print(to_text(result));
  for (const Refusal& layer : result.refused) std::cerr << "basil run: " << layer.reason << "\n";
  return result.refused.empty() ? 0 : 1;
}

}  // namespace

Verb run_verb() {
  return {
      .name = "run",
      .summary = "a trace on an accelerator: cycles, energy, traffic, verified values",
      .usage = "TRACE --on ACCELERATOR [options]",
      .details =
          "Every simulated layer is compared with the golden executor; a mismatch, or an account of "
          "cycles or\n"
          "energy that does not close, ends the run with exit code 1. A layer that the accelerator cannot "
          "run "
          "is\n"
          "named with the reason; the others run, and the exit code is 1.",
      .example =
          "  basil run traces/samples/lenet.npz --on eyeriss\n"
          "  basil run net.npz --on tpu-like --set array.rows=16 --layer 'conv*' --json out.json\n"
          "  basil run net.npz --on eyeriss --layer conv4 --fidelity cycle --vcd conv4.vcd --vcd-window "
          "0:5000\n",
      .positional = {"trace"},
      .required = {"trace", "on"},
      .options =
          [](po::options_description_easy_init add) {
            const auto words = [] { return po::value<std::vector<std::string>>()->composing(); };
            const auto word = [] { return po::value<std::string>(); };
            add("trace", word(), "the trace file (.npz)")(
                "on", word(), "an accelerator of 'basil list accelerators', or a YAML file")(
                "layer", words(), "only layers whose name matches this glob; may be repeated")(
                "fidelity", po::value<std::string>()->default_value("transaction"),
                "transaction, or cycle: every register of every PE, slow")(
                "set", words(), "override a key of the accelerator, e.g. array.rows=16; may be repeated")(
                "json", text_output(), "write the result as JSON")("csv", text_output(),
                                                                   "write a row a layer")(
                "mappings-out", text_output(),
                "write each layer's row-stationary mapping; --set mappings=FILE reads it back")(
                "vcd-pe", po::value<int>(),
                "the PE whose registers cycle fidelity shows; else one with much to do")(
                "timeline", text_output(),
                "write a timeline that ui.perfetto.dev opens; 1 us is one core cycle")(
                "sample", po::value<double>(),
                "simulate this part of each layer's passes, extrapolate, give 95 % intervals")(
                "seed", po::value<std::uint64_t>(), "of what --sample or --density-only draws (1)")(
                "density-only", po::bool_switch(),
                "run with zeros at random places too; print how far off that is")(
                "no-verify", po::bool_switch(), "skip the golden executor")(
                "jobs", po::value<int>()->default_value(1), "layers in this many child processes")(
                "why", po::bool_switch(),
                "run what would relieve the three costliest causes, and say what it gives")(
                "quiet", po::bool_switch(), "no table");
            add_report_options(add);
            add_waveform_options(add, "one core cycle");
          },
      .run = run};
}

}  // namespace basil
