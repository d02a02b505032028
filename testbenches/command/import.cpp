#include "traces/onnx/import.h"

#include <fmt/format.h>

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
  if (arguments.has("input")) options.input_npy = arguments.get<std::string>("input");
  options.seed = arguments.get<std::uint64_t>("seed");
  options.progress = arguments.progress();
  TfliteNetwork read = read_tflite(file, options);
  if (!read.left.empty())
    print(fmt::format("not run, behind the last layer with weights: {}\n", fmt::join(read.left, ", ")));
  return std::move(read.network);
}

DenseNetwork read_network(const Arguments& arguments) {
  const auto file = arguments.get<std::string>("model");
  if (ends_with(file, ".onnx")) {
    OnnxOptions options;
    if (arguments.has("input")) options.input_npy = arguments.get<std::string>("input");
    options.seed = arguments.get<std::uint64_t>("seed");
    options.progress = arguments.progress();
    return read_onnx(file, options);
  }
  if (ends_with(file, ".tflite")) return read_tflite_network(arguments, file);
  if (arguments.has("input"))
    throw Error("--input", "given with a network that brings its own inputs", "an .onnx or .tflite model");
  return read_dense_network(file);
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
  print(fmt::format("{}: {} layers, {} of them with weights, {:.2f} MMAC\ninputs: {}\n", network.name,
                    network.layers.size(), simulated, static_cast<double>(macs) * 1e-6, network.activations));
  return 0;
}

}  // namespace

Verb import_verb() {
  return {
      .name = "import",
      .summary = "an ONNX or TensorFlow Lite model, or a numpy archive, into a network that 'compress' takes",
      .usage = "MODEL.onnx|MODEL.tflite|NET.npz -o OUT.npz",
      .details =
          "ONNX: Conv, Gemm/MatMul, BatchNormalization (folded), Relu, pooling, Add. Every layer's own "
          "input comes from\n"
          "running the graph on --input, or on a seeded random one, and the file says which.\n"
          "TensorFlow Lite: CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, pooling, ADD, PAD, RESHAPE, with "
          "the "
          "file's own\n"
          "integers, scales, zero points and rounding.\n"
          "NET.npz: the archive described in docs/recipes.md, ten lines of numpy.",
      .example =
          "  basil import model.onnx --input image.npy -o net.npz\n  basil import net.npz --batch 4 -o "
          "net4.npz\n",
      .positional = {"model"},
      .required = {"model", "output"},
      .options =
          [](po::options_description_easy_init add) {
            add("model", po::value<std::string>(), "the model")(
                "output,o", archive_output(), "the network to write")("input", po::value<std::string>(),
                                                                      "the graph's input as .npy")(
                "seed", po::value<std::uint64_t>()->default_value(1), "of the random input")(
                "name", po::value<std::string>(), "of the network, in place of the model's own")(
                "batch", po::value<int>()->default_value(0),
                "this many images, made of the first by shifting it sideways; 0: as they are");
          },
      .run = import_network};
}

}  // namespace basil
