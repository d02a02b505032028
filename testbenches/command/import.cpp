#include "traces/onnx/import.h"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "core/error.h"
#include "testbenches/command/verb.h"
#include "traces/network/dense_network.h"
#include "traces/tflite/import.h"

namespace basil {
namespace {

namespace po = boost::program_options;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

DenseNetwork read_tflite_network(const Arguments& arguments, const std::string& file) {
  TfliteOptions options;
  std::vector<std::filesystem::path> files;
  for (const std::string& input : arguments.list("input")) files.emplace_back(input);
  if (files.size() > 1)
    throw Error("--input", fmt::format("{} files", files.size()), "one for a .tflite model");
  arguments.check_outputs({}, files);
  if (!files.empty()) options.input_npy = files[0];
  options.seed = arguments.get<std::uint64_t>("seed");
  options.progress = arguments.progress();
  TfliteNetwork read = read_tflite(file, options);
  if (!read.left.empty())
    std::cerr << fmt::format("basil: note: not run, behind the last layer with weights: {}\n",
                             fmt::join(read.left, ", "));
  return std::move(read.network);
}

// "NAME=FILE.npy", or a file for the one input there is.
OnnxInput input_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || std::filesystem::exists(text))
    return {.name = "", .npy = text};
  return {.name = text.substr(0, equals), .npy = text.substr(equals + 1)};
}

DenseNetwork read_network(const Arguments& arguments) {
  const auto file = arguments.get<std::string>("model");
  if (ends_with(file, ".onnx")) {
    OnnxOptions options;
    std::vector<std::filesystem::path> files;
    for (const std::string& input : arguments.list("input")) {
      options.inputs.push_back(input_of(input));
      files.push_back(options.inputs.back().npy);
    }
    arguments.check_outputs({}, files);
    options.seed = arguments.get<std::uint64_t>("seed");
    options.progress = arguments.progress();
    options.note = [](const std::string& text) { std::cerr << "basil: note: " << text << '\n'; };
    return read_onnx(file, options);
  }
  if (ends_with(file, ".tflite")) return read_tflite_network(arguments, file);
  if (arguments.has("input"))
    throw Error("--input", "given with a network that brings its own inputs", "an .onnx or .tflite model");
  return read_dense_network(file);
}

// Small networks in MACs, as they are counted by hand.
std::string macs_text(std::int64_t macs) {
  return macs < 100000 ? fmt::format("{} MAC", macs)
                       : fmt::format("{:.2f} MMAC", static_cast<double>(macs) * 1e-6);
}

int import_network(const Arguments& arguments) {
  DenseNetwork network = read_network(arguments);
  if (arguments.has("name")) network.name = arguments.get<std::string>("name");
  const int batch = arguments.get<int>("batch");
  if (batch < 0 || batch > 1024) throw Error("--batch", std::to_string(batch), "1 to 1024");
  if (batch > 0) network = with_batch(network, batch);
  write_dense_network(network, arguments.get<std::string>("output"));
  std::int64_t macs = 0;
  int simulated = 0;
  for (const DenseLayer& layer : network.layers) {
    if (!layer.simulated()) continue;
    macs += layer.shape.macs();
    ++simulated;
  }
  print(fmt::format("{}: {} layers, {} of them with weights, {}\ninputs: {}\n", network.name,
                    network.layers.size(), simulated, macs_text(macs), network.activations));
  return 0;
}

}  // namespace

Verb import_verb() {
  return {
      .name = "import",
      .summary = "an ONNX or TensorFlow Lite model, or a numpy archive, into a network for 'compress'",
      .usage = "MODEL.onnx|MODEL.tflite|NET.npz -o OUT.npz",
      .details =
          "ONNX of opset 7 to 21, quantised or not (docs/onnx.md). Every layer's own input comes from "
          "running "
          "the graph\n"
          "on --input, or on a seeded random one, and the file says which.\n"
          "TensorFlow Lite: quantised models with their own integers, scales, zero points and rounding, or "
          "real ones.\n"
          "NET.npz: the archive described in docs/recipes.md, ten lines of numpy.",
      .example =
          "  basil import model.onnx --input image.npy -o net.npz\n  basil import net.npz --batch 4 -o "
          "net4.npz\n",
      .positional = {"model"},
      .required = {"model", "output"},
      .options =
          [](po::options_description_easy_init add) {
            add("model", po::value<std::string>(), "the model")("output,o", archive_output(),
                                                                "the network to write")(
                "input", po::value<std::vector<std::string>>()->composing(),
                "the graph's input as .npy; of an ONNX model with several NAME=FILE.npy, once for each")(
                "seed", po::value<std::uint64_t>()->default_value(1), "of the random input")(
                "name", po::value<std::string>(), "of the network, in place of the model's own")(
                "batch", po::value<int>()->default_value(0),
                "this many images, made of the first by shifting it sideways; 0: as they are");
          },
      .run = import_network};
}

}  // namespace basil
