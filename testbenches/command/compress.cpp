#include "traces/compress/compress.h"

#include <fmt/format.h>

#include "core/atomic_file.h"
#include "testbenches/command/verb.h"
#include "traces/compress/recipe.h"
#include "traces/file/trace_file.h"
#include "traces/network/dense_network.h"

namespace basil {
namespace {

namespace po = boost::program_options;

int compress_network(const Arguments& arguments) {
  DenseNetwork network = read_dense_network(arguments.get<std::string>("network"));
  if (arguments.has("name")) network.name = arguments.get<std::string>("name");
  const Recipe recipe = arguments.has("recipe") ? read_recipe(arguments.get<std::string>("recipe"))
                                                : default_recipe_of(network);
  arguments.check_outputs();
  const Compressed compressed = compress(network, recipe, arguments.progress());
  write_trace(compressed.trace, arguments.get<std::string>("output"));
  if (arguments.has("json"))
    write_file_atomically(arguments.get<std::string>("json"), to_json(compressed.rows).dump(1) + "\n");
  print(describe(compressed.rows));
  return 0;
}

// A step of each kind, the remarks one below the other.
std::string recipe_example() {
  std::string text = "  steps:\n";
  for (const RecipeStepType* step : recipe_steps()) {
    const std::string line(step->example);
    const std::size_t remark = line.find("   # ");
    text += remark == std::string::npos
                ? fmt::format("    - {}: {}\n", step->name, line)
                : fmt::format("    - {:<58} {}\n", fmt::format("{}: {}", step->name, line.substr(0, remark)),
                              line.substr(remark + 3));
  }
  return text;
}

}  // namespace

Verb compress_verb() {
  return {
      .name = "compress",
      .summary = "prune, quantise and encode a network into a trace",
      .usage = "NET.npz [--recipe RECIPE.yaml] -o TRACE.npz",
      .details =
          "A recipe is a YAML list of steps, taken in order:\n" + recipe_example() +
          "Every prune first and every encode last; of the steps between them, which say what the weights "
          "become, the\n"
          "last one that can take a layer holds. encode is for layers that are integers or fp32.\n"
          "Without a recipe: the integers that the network came with, else int8 a channel; and bitmap where "
          "a layer\n"
          "is sparse enough to gain.\n"
          "The table counts every bit of values, maps, signs, terms, offsets and scales, and gives the "
          "errors of the\n"
          "weights and of the layer's sums on its own input, both against fp32.",
      .example =
          "  basil compress traces/samples/digits-lenet.npz --recipe traces/samples/lenet.yaml -o "
          "lenet.npz\n",
      .positional = {"network"},
      .required = {"network", "output"},
      .options =
          [](po::options_description_easy_init add) {
            add("network", po::value<std::string>(), "a dense-network file, as 'basil import' writes it")(
                "recipe", po::value<std::string>(), "the recipe")(
                "output,o", archive_output(), "the trace to write")("name", po::value<std::string>(),
                                                                    "of the network, in place of its own")(
                "json", text_output(), "write the table as JSON");
          },
      .run = compress_network};
}

}  // namespace basil
