#include "traces/synth/synth.h"

#include "models/presets/shapes.h"
#include "testbenches/command/verb.h"
#include "traces/file/trace_file.h"
#include "traces/inspect/inspect.h"

namespace basil {
namespace {

namespace po = boost::program_options;

int synth(const Arguments& arguments) {
  const auto name = arguments.get<std::string>("list");
  const SynthList list = load_shapes(name, "basil synth").list;
  SynthOptions options;
  if (arguments.has("seed")) options.seed = arguments.get<std::uint64_t>("seed");
  if (arguments.has("batch")) options.batch = arguments.get<int>("batch");
  if (arguments.has("bits")) options.bits = arguments.get<int>("bits");
  if (arguments.has("weight-density")) options.weight_density = arguments.get<double>("weight-density");
  if (arguments.has("ifmap-density")) options.ifmap_density = arguments.get<double>("ifmap-density");
  const Trace trace = synthesise(list, options);
  write_trace(trace, arguments.get<std::string>("output"));
  print(describe(trace));
  return 0;
}

}  // namespace

Verb synth_verb() {
  return {.name = "synth",
          .summary = "a seeded synthetic trace of given shapes and densities",
          .usage = "LIST -o TRACE.npz",
          .details =
              "LIST is a YAML file of layers, or a shipped one: 'basil list shapes'. The trace, and every "
              "report made from it,\n"
              "says that it is synthetic. Keys of a layer: name, kind, C, H, W, K, R, S, stride, dilation, "
              "pad (a "
              "number or [y, x]),\n"
              "pad_tblr, groups, density.",
          .example = "  basil synth resnet18 --weight-density 0.3 --ifmap-density 0.5 -o resnet18.npz\n",
          .positional = {"list"},
          .required = {"list", "output"},
          .options =
              [](po::options_description_easy_init add) {
                add("list", po::value<std::string>(), "shapes and densities")("output,o", archive_output(),
                                                                              "the trace to write")(
                    "seed", po::value<std::uint64_t>(), "of every draw")("batch", po::value<int>(), "images")(
                    "bits", po::value<int>(), "4, 8 or 16")("weight-density", po::value<double>(),
                                                            "of all layers, 0 to 1")(
                    "ifmap-density", po::value<double>(), "of all layers, 0 to 1");
              },
          .run = synth};
}

}  // namespace basil
