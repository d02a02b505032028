#include "traces/onnx/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <set>

#include "core/error.h"
#include "traces/limits.h"
#include "traces/npy.h"
#include "traces/onnx/model.h"

namespace basil {
namespace {

using onnx_import::Image;
using onnx_import::Model;
using onnx_import::Node;
using onnx_import::Tensor;
using onnx_import::Window;

inline constexpr double most_macs = 1e12;  // of a graph: beyond it a person would give up waiting

// Runs the graph node by node, and notes every layer that carries weights with the input it really got.
class Importer {
 public:
  explicit Importer(Model model) : model_(std::move(model)), values_(model_.constants) { count_uses(); }

  DenseNetwork run(Tensor input, std::string activations) {
    network_.name = model_.name;
    network_.source = model_.producer.empty() ? "ONNX model" : "ONNX model by " + model_.producer;
    network_.activations = std::move(activations);
    values_[model_.input] = std::move(input);
    for (const Node& node : model_.nodes) {
      if (node.outputs.empty()) throw Error(node.where(), "no output", "at least one");
      values_[node.outputs[0]] = execute(node);
    }
    if (std::none_of(network_.layers.begin(), network_.layers.end(),
                     [](const DenseLayer& layer) { return layer.simulated(); })) {
      throw Error("graph", "no layer with weights", "a Conv, Gemm or MatMul");
    }
    return std::move(network_);
  }

 private:
  using Operator = Tensor (Importer::*)(const Node&);

  static const std::map<std::string, Operator>& operators() {
    static const std::map<std::string, Operator> table{{"Conv", &Importer::conv},
                                                       {"Gemm", &Importer::gemm},
                                                       {"MatMul", &Importer::matmul},
                                                       {"BatchNormalization", &Importer::batch_norm},
                                                       {"Relu", &Importer::relu},
                                                       {"Clip", &Importer::clip},
                                                       {"MaxPool", &Importer::max_pool},
                                                       {"AveragePool", &Importer::average_pool},
                                                       {"GlobalAveragePool", &Importer::global_average_pool},
                                                       {"Add", &Importer::add},
                                                       {"Flatten", &Importer::flatten},
                                                       {"Reshape", &Importer::reshape},
                                                       {"Identity", &Importer::identity},
                                                       {"Dropout", &Importer::identity},
                                                       {"Constant", &Importer::constant},
                                                       {"Squeeze", &Importer::squeeze},
                                                       {"Unsqueeze", &Importer::unsqueeze},
                                                       {"Concat", &Importer::concat}};
    return table;
  }

  Tensor execute(const Node& node) {
    const auto found = operators().find(node.op);
    if (found == operators().end()) {
      std::string supported;
      for (const auto& [name, op] : operators()) supported += (supported.empty() ? "" : " ") + name;
      throw Error(node.where(), "an operator that is not supported", "one of " + supported);
    }
    return (this->*found->second)(node);
  }

  const Tensor& input(const Node& node, std::size_t index) const {
    const std::string name = index < node.inputs.size() ? node.inputs[index] : "";
    const auto found = values_.find(name);
    if (found == values_.end())
      throw Error(node.where(), fmt::format("input {} '{}'", index, name),
                  "the output of a node before it, or a constant");
    return found->second;
  }
  [[nodiscard]] bool has_input(const Node& node, std::size_t index) const {
    return index < node.inputs.size() && !node.inputs[index].empty();
  }

  const Tensor& constant_input(const Node& node, std::size_t index) const {
    const Tensor& tensor = input(node, index);
    if (!model_.constants.contains(node.inputs[index]) && !constants_.contains(node.inputs[index])) {
      throw Error(node.where(),
                  fmt::format("input {} '{}' that depends on the data", index, node.inputs[index]),
                  "a constant");
    }
    return tensor;
  }

  void count_uses() {
    for (const Node& node : model_.nodes) {
      for (const std::string& name : node.inputs) ++uses_[name];
    }
  }

  // --- layers with weights

  [[nodiscard]] std::string layer_name(const Node& node) {
    std::string name = node.name.empty() ? node.op + std::to_string(network_.layers.size()) : node.name;
    for (char& c : name) {
      if (c == '/' || static_cast<unsigned char>(c) < 32) c = '.';
    }
    while (name.size() > 1 && name.front() == '.') name.erase(0, 1);
    const std::string base = name;
    for (int i = 2; !names_.insert(name).second; ++i) name = base + "." + std::to_string(i);
    return name;
  }

  void count_work(double macs, const Node& node) {
    if ((macs_ += macs) > most_macs)
      throw Error(node.where(), "more than 10^12 multiply-accumulates so far",
                  "a graph that can be run here");
  }

  Window window_of(const Node& node, const Image& image, int rows, int cols) const {
    Window w{.rows = rows, .cols = cols};
    const bool flat = input(node, 0).shape.size() == 3;
    const auto pair = [&](const char* key, int& y, int& x) {
      const auto found = node.integers.find(key);
      if (found == node.integers.end()) return;
      const auto& list = found->second;
      if (list.size() != (flat ? 1U : 2U) ||
          std::any_of(list.begin(), list.end(), [](auto v) { return v < 1 || v > 65536; })) {
        throw Error(node.where() + ": " + key, std::to_string(list.size()) + " values",
                    flat ? "one, 1 to 65536" : "two, 1 to 65536");
      }
      if (!flat) y = static_cast<int>(list[0]);
      x = static_cast<int>(list.back());
    };
    pair("strides", w.stride_y, w.stride_x);
    pair("dilations", w.dilation_y, w.dilation_x);
    pad_window(node, image, w, flat);
    return w;
  }

  static void pad_window(const Node& node, const Image& image, Window& w, bool flat) {
    const std::string automatic = node.text("auto_pad", "NOTSET");
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      const auto share = [&](std::int64_t size, int taps, int dilation, int stride, int& before, int& after) {
        const std::int64_t outputs = ceil_div(size, stride);
        const auto all = static_cast<int>(
            std::max<std::int64_t>(0, (outputs - 1) * stride + std::int64_t{taps - 1} * dilation + 1 - size));
        before = automatic == "SAME_UPPER" ? all / 2 : all - all / 2;
        after = all - before;
      };
      share(image.rows, w.rows, w.dilation_y, w.stride_y, w.pad_top, w.pad_bottom);
      share(image.cols, w.cols, w.dilation_x, w.stride_x, w.pad_left, w.pad_right);
      return;
    }
    const auto found = node.integers.find("pads");
    if (automatic == "VALID" || found == node.integers.end()) return;
    const auto& pads = found->second;
    if (pads.size() != (flat ? 2U : 4U) ||
        std::any_of(pads.begin(), pads.end(), [](auto v) { return v < 0 || v > 65536; })) {
      throw Error(node.where() + ": pads", std::to_string(pads.size()) + " values",
                  flat ? "two, 0 to 65536" : "four, 0 to 65536");
    }
    const auto at = [&](std::size_t i) { return static_cast<int>(pads[i]); };
    if (!flat) w.pad_top = at(0), w.pad_bottom = at(2);
    w.pad_left = at(flat ? 0 : 1);
    w.pad_right = at(flat ? 1 : 3);
  }

  Tensor conv(const Node& node) {
    const Tensor& in = input(node, 0);
    const Tensor& weights = constant_input(node, 1);
    const Image image = onnx_import::image_of(in, node.where());
    if (weights.shape.size() != in.shape.size() || weights.elements() == 0)
      throw Error(node.where(), "weights of shape " + shape_text(weights.shape), "as many axes as the input");
    const auto limited = [&](std::int64_t v) {
      if (v > greatest_dimension)
        throw Error(node.where(), std::to_string(v), fmt::format("axes of at most {}", greatest_dimension));
      return static_cast<int>(v);
    };
    const bool flat = in.shape.size() == 3;
    const Window w =
        window_of(node, image, flat ? 1 : limited(weights.shape[2]), limited(weights.shape.back()));
    const std::int64_t groups = node.integer("group", 1);
    if (groups < 1 || groups > image.channels || image.channels % groups != 0 ||
        weights.shape[0] % groups != 0 || weights.shape[1] != image.channels / groups) {
      throw Error(node.where(),
                  fmt::format("{} channels, {} groups, weights {}", image.channels, groups,
                              shape_text(weights.shape)),
                  "weights of (K, C / groups, ...)");
    }
    std::vector<float> bias;
    if (has_input(node, 2)) bias = constant_input(node, 2).data;
    if (!bias.empty() && static_cast<std::int64_t>(bias.size()) != weights.shape[0])
      throw Error(node.where(), std::to_string(bias.size()) + " biases", std::to_string(weights.shape[0]));

    DenseLayer layer;
    layer.name = layer_name(node);
    layer.kind = groups == image.channels && groups > 1 ? Kind::depthwise : Kind::conv;
    LayerShape& s = layer.shape;
    s.N = limited(image.n), s.C = limited(image.channels), s.H = limited(image.rows),
    s.W = limited(image.cols);
    s.K = limited(weights.shape[0]), s.R = w.rows, s.S = w.cols;
    s.stride_y = w.stride_y, s.stride_x = w.stride_x, s.dilation_y = w.dilation_y,
    s.dilation_x = w.dilation_x;
    s.pad_top = w.pad_top, s.pad_bottom = w.pad_bottom, s.pad_left = w.pad_left, s.pad_right = w.pad_right;
    s.groups = static_cast<int>(groups);
    (void)onnx_import::output_rows(image, w, node.where());
    (void)onnx_import::output_cols(image, w, node.where());
    count_work(static_cast<double>(s.macs()), node);
    note_weights(layer, weights, bias);
    note_input(layer, in);
    Tensor out = onnx_import::convolve(in, weights, bias, s.groups, w, node.where());
    note_layer(std::move(layer), node);
    return out;
  }

  // Weights (K, C) of a fully connected layer.
  Tensor connect(const Node& node, const Tensor& in, Tensor weights, std::vector<float> bias) {
    const std::string shapes = "input " + shape_text(in.shape) + ", weights " + shape_text(weights.shape);
    if (in.shape.size() != 2 || weights.shape.size() != 2 || in.shape[1] != weights.shape[1] ||
        in.elements() == 0 || weights.elements() == 0) {
      throw Error(node.where(), shapes, "(N, C) and C x K");
    }
    if (!bias.empty() && static_cast<std::int64_t>(bias.size()) != weights.shape[0]) {
      if (bias.size() != 1)
        throw Error(node.where(), std::to_string(bias.size()) + " biases", std::to_string(weights.shape[0]));
      bias.assign(static_cast<std::size_t>(weights.shape[0]), bias[0]);
    }
    if (*std::max_element(in.shape.begin(), in.shape.end()) > greatest_dimension ||
        weights.shape[0] > greatest_dimension)
      throw Error(node.where(), shapes, "axes of at most 2^20");
    DenseLayer layer;
    layer.name = layer_name(node);
    layer.kind = Kind::fc;
    layer.shape.N = static_cast<int>(in.shape[0]);
    layer.shape.C = static_cast<int>(in.shape[1]);
    layer.shape.K = static_cast<int>(weights.shape[0]);
    count_work(static_cast<double>(layer.shape.macs()), node);
    note_weights(layer, weights, bias);
    note_input(layer, in);
    Tensor out = onnx_import::multiply(in, weights, bias, node.where());
    note_layer(std::move(layer), node);
    return out;
  }

  static Tensor transposed(const Tensor& matrix) {
    Tensor out{.shape = {matrix.shape[1], matrix.shape[0]}, .data = std::vector<float>(matrix.data.size())};
    const auto rows = static_cast<std::size_t>(matrix.shape[0]),
               cols = static_cast<std::size_t>(matrix.shape[1]);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < cols; ++c) out.data[c * rows + r] = matrix.data[r * cols + c];
    }
    return out;
  }

  Tensor gemm(const Node& node) {
    if (node.integer("transA", 0) != 0) throw Error(node.where() + ": transA", "1", "0");
    Tensor weights = constant_input(node, 1);
    if (weights.shape.size() != 2)
      throw Error(node.where(), "weights of shape " + shape_text(weights.shape), "two axes");
    if (node.integer("transB", 0) == 0) weights = transposed(weights);
    for (float& weight : weights.data) weight *= node.real("alpha", 1);
    std::vector<float> bias;
    if (has_input(node, 2)) bias = constant_input(node, 2).data;
    for (float& b : bias) b *= node.real("beta", 1);
    return connect(node, input(node, 0), std::move(weights), std::move(bias));
  }

  Tensor matmul(const Node& node) {
    const Tensor& weights = constant_input(node, 1);
    if (weights.shape.size() != 2)
      throw Error(node.where(), "weights of shape " + shape_text(weights.shape), "two axes");
    return connect(node, input(node, 0), transposed(weights), {});
  }

  // Order (K, C / groups, R, S) to K, R, S, C / groups.
  static void note_weights(DenseLayer& layer, const Tensor& weights, const std::vector<float>& bias) {
    const LayerShape& s = layer.shape;
    const auto depth = static_cast<std::size_t>(s.channels_per_group());
    const std::size_t taps = static_cast<std::size_t>(s.R) * static_cast<std::size_t>(s.S);
    layer.weights.reserve(weights.data.size());
    for (std::size_t k = 0; k < static_cast<std::size_t>(s.K); ++k) {
      for (std::size_t tap = 0; tap < taps; ++tap) {
        for (std::size_t c = 0; c < depth; ++c)
          layer.weights.push_back(weights.data[(k * depth + c) * taps + tap]);
      }
    }
    layer.bias = bias;
  }

  // The input as int8, symmetric, its largest magnitude at 127.
  static void note_input(DenseLayer& layer, const Tensor& in) {
    float most = 0;
    for (const float value : in.data) most = std::max(most, std::abs(value));
    const float scale = most / 127;
    layer.activation_scale = std::isnormal(scale) ? scale : 1.0F;
    const LayerShape& s = layer.shape;
    const std::size_t plane = static_cast<std::size_t>(s.H) * static_cast<std::size_t>(s.W),
                      channels = static_cast<std::size_t>(s.C);
    layer.ifmap.reserve(in.data.size());
    for (std::size_t n = 0; n < static_cast<std::size_t>(s.N); ++n) {
      for (std::size_t pixel = 0; pixel < plane; ++pixel) {
        for (std::size_t c = 0; c < channels; ++c) {
          layer.ifmap.push_back(static_cast<std::int16_t>(
              std::clamp(std::nearbyint(in.data[(n * channels + c) * plane + pixel] / layer.activation_scale),
                         -127.0F, 127.0F)));
        }
      }
    }
  }

  void note_layer(DenseLayer layer, const Node& node) {
    producer_[node.outputs[0]] = network_.layers.size();
    network_.layers.push_back(std::move(layer));
  }

  // The layer that made a value nobody else uses, or nothing.
  DenseLayer* sole_producer(const std::string& value) {
    const auto found = producer_.find(value);
    return found != producer_.end() && uses_[value] == 1 ? &network_.layers[found->second] : nullptr;
  }

  void list_layer(const Node& node, Kind kind, const Tensor& in, const Window& w) {
    DenseLayer layer;
    layer.name = layer_name(node);
    layer.kind = kind;
    const Image image =
        in.shape.size() >= 3 && in.shape.size() <= 4
            ? onnx_import::image_of(in, node.where())
            : Image{in.shape.empty() ? 1 : in.shape[0], in.shape.size() > 1 ? in.shape[1] : 1, 1, 1};
    LayerShape& s = layer.shape;
    const auto axis = [](std::int64_t v) {
      return static_cast<int>(std::clamp<std::int64_t>(v, 1, greatest_dimension));
    };
    s.N = axis(image.n), s.C = s.K = axis(image.channels), s.H = axis(image.rows), s.W = axis(image.cols);
    s.groups = kind == Kind::pool ? s.C : 1;
    if (kind == Kind::pool) {
      s.R = w.rows, s.S = w.cols, s.stride_y = w.stride_y, s.stride_x = w.stride_x;
      s.pad_top = w.pad_top, s.pad_bottom = w.pad_bottom, s.pad_left = w.pad_left, s.pad_right = w.pad_right;
    }
    network_.layers.push_back(std::move(layer));
  }

  // --- everything else

  Tensor batch_norm(const Node& node) {
    const Tensor& in = input(node, 0);
    std::array<const Tensor*, 4> parts{};
    for (std::size_t i = 0; i < 4; ++i) {
      parts[i] = &constant_input(node, i + 1);
      if (in.shape.size() < 2 || parts[i]->elements() != in.shape[1])
        throw Error(node.where(), fmt::format("input {} of {} values", i + 1, parts[i]->elements()),
                    "one a channel");
    }
    const float epsilon = node.real("epsilon", 1e-5F);
    std::vector<float> factor, offset;
    for (std::size_t c = 0; c < static_cast<std::size_t>(in.shape[1]); ++c) {
      const float f = parts[0]->data[c] / std::sqrt(parts[3]->data[c] + epsilon);
      if (!std::isfinite(f))
        throw Error(node.where(), "a variance that gives no finite factor", "variance + epsilon above zero");
      factor.push_back(f);
      offset.push_back(parts[1]->data[c] - parts[2]->data[c] * f);
    }
    if (DenseLayer* layer = sole_producer(node.inputs[0]); layer != nullptr && !layer->relu) {
      fold(*layer, factor, offset);
      producer_[node.outputs[0]] = producer_[node.inputs[0]];
    }
    Tensor out = in;
    const auto channels = static_cast<std::size_t>(in.shape[1]);
    const std::size_t plane =
        in.data.size() / std::max<std::size_t>(1, channels * static_cast<std::size_t>(in.shape[0]));
    for (std::size_t i = 0; i < out.data.size(); ++i) {
      const std::size_t c = i / std::max<std::size_t>(1, plane) % channels;
      out.data[i] = out.data[i] * factor[c] + offset[c];
    }
    return out;
  }

  static void fold(DenseLayer& layer, const std::vector<float>& factor, const std::vector<float>& offset) {
    const auto size = static_cast<std::size_t>(layer.shape.reduction());
    layer.bias.resize(static_cast<std::size_t>(layer.shape.K), 0.0F);
    for (std::size_t k = 0; k < layer.bias.size(); ++k) {
      for (std::size_t i = 0; i < size; ++i) layer.weights[k * size + i] *= factor[k];
      layer.bias[k] = layer.bias[k] * factor[k] + offset[k];
    }
  }

  Tensor clamp(const Node& node, float least, float most) {
    if (DenseLayer* layer = sole_producer(node.inputs.at(0)); layer != nullptr && least == 0)
      layer->relu = true;
    Tensor out = input(node, 0);
    for (float& value : out.data) value = std::min(std::max(value, least), most);
    return out;
  }

  Tensor relu(const Node& node) {
    (void)input(node, 0);
    return clamp(node, 0, std::numeric_limits<float>::infinity());
  }

  Tensor clip(const Node& node) {
    (void)input(node, 0);
    const auto bound = [&](std::size_t index, const char* key, float otherwise) {
      if (!has_input(node, index)) return node.real(key, otherwise);
      const Tensor& tensor = constant_input(node, index);
      if (tensor.elements() != 1)
        throw Error(node.where() + ": " + key, std::to_string(tensor.elements()) + " values", "one");
      return tensor.data[0];
    };
    return clamp(node, bound(1, "min", -std::numeric_limits<float>::infinity()),
                 bound(2, "max", std::numeric_limits<float>::infinity()));
  }

  Tensor pooled(const Node& node, onnx_import::Pool kind) {
    const Tensor& in = input(node, 0);
    const Image image = onnx_import::image_of(in, node.where());
    const auto found = node.integers.find("kernel_shape");
    if (found == node.integers.end() || found->second.size() != in.shape.size() - 2 ||
        std::any_of(found->second.begin(), found->second.end(), [](auto v) { return v < 1 || v > 65536; })) {
      throw Error(node.where() + ": kernel_shape", "missing or misshapen", "the window's size");
    }
    if (node.integer("ceil_mode", 0) != 0) throw Error(node.where() + ": ceil_mode", "1", "0");
    const Window w = window_of(node, image, in.shape.size() == 3 ? 1 : static_cast<int>(found->second[0]),
                               static_cast<int>(found->second.back()));
    count_work(static_cast<double>(image.n * image.channels) *
                   static_cast<double>(onnx_import::output_rows(image, w, node.where())) *
                   static_cast<double>(onnx_import::output_cols(image, w, node.where())) * w.rows * w.cols,
               node);
    list_layer(node, Kind::pool, in, w);
    return onnx_import::pool(in, w, kind, node.where());
  }

  Tensor max_pool(const Node& node) { return pooled(node, onnx_import::Pool::max); }
  Tensor average_pool(const Node& node) {
    return pooled(node, node.integer("count_include_pad", 0) != 0
                            ? onnx_import::Pool::average_counting_padding
                            : onnx_import::Pool::average);
  }

  Tensor global_average_pool(const Node& node) {
    const Tensor& in = input(node, 0);
    const Image image = onnx_import::image_of(in, node.where());
    if (image.rows > 65536 || image.cols > 65536)
      throw Error(node.where(), shape_text(in.shape), "a window of at most 65536 a side");
    const Window w{.rows = static_cast<int>(image.rows), .cols = static_cast<int>(image.cols)};
    list_layer(node, Kind::pool, in, w);
    return onnx_import::pool(in, w, onnx_import::Pool::average, node.where());
  }

  // A constant added to a layer nobody else reads is its bias; anything else is an addition of its own.
  Tensor add(const Node& node) {
    const Tensor &a = input(node, 0), &b = input(node, 1);
    Tensor out = onnx_import::add(a, b, node.where());
    DenseLayer* layer = sole_producer(node.inputs[0]);
    const bool fc_bias = layer != nullptr && layer->kind == Kind::fc && !layer->relu &&
                         model_.constants.contains(node.inputs[1]) && b.elements() == layer->shape.K;
    if (fc_bias) {
      fold(*layer, std::vector<float>(b.data.size(), 1.0F), b.data);
      producer_[node.outputs[0]] = producer_[node.inputs[0]];
    } else {
      list_layer(node, Kind::add, out, {});
    }
    return out;
  }

  Tensor reshaped(const Node& node, std::vector<std::int64_t> shape) {
    Tensor out = input(node, 0);
    if (onnx_import::checked_elements(shape, node.where()) != out.elements())
      throw Error(node.where(), shape_text(out.shape) + " to " + shape_text(shape), "as many elements");
    out.shape = std::move(shape);
    return out;
  }

  Tensor flatten(const Node& node) {
    const Tensor& in = input(node, 0);
    const auto rank = static_cast<std::int64_t>(in.shape.size());
    std::int64_t axis = node.integer("axis", 1);
    if (axis < 0) axis += rank;
    if (axis < 0 || axis > rank)
      throw Error(node.where() + ": axis", std::to_string(axis), "an axis of the input");
    std::int64_t outer = 1;
    for (std::int64_t i = 0; i < axis; ++i) outer *= in.shape[static_cast<std::size_t>(i)];
    return reshaped(node, {outer, outer == 0 ? 0 : in.elements() / outer});
  }

  Tensor reshape(const Node& node) {
    const Tensor &in = input(node, 0), &wanted = constant_input(node, 1);
    std::vector<std::int64_t> shape;
    std::int64_t known = 1;
    std::optional<std::size_t> free;
    for (std::size_t i = 0; i < wanted.data.size(); ++i) {
      auto size = static_cast<std::int64_t>(wanted.data[i]);
      if (size == 0 && i < in.shape.size()) size = in.shape[i];
      if (size == -1) {
        if (free) throw Error(node.where(), "two free axes", "at most one -1");
        free = i;
        size = 1;
      }
      shape.push_back(size);
      known = onnx_import::checked_elements(shape, node.where());
    }
    if (free) {
      if (known == 0 || in.elements() % known != 0)
        throw Error(node.where(), shape_text(in.shape), "elements that fill the shape");
      shape[*free] = in.elements() / known;
    }
    return reshaped(node, std::move(shape));
  }

  [[nodiscard]] std::vector<std::int64_t> axes(const Node& node) const {
    if (const auto found = node.integers.find("axes"); found != node.integers.end()) return found->second;
    std::vector<std::int64_t> list;
    if (has_input(node, 1)) {
      for (const float value : constant_input(node, 1).data) list.push_back(static_cast<std::int64_t>(value));
    }
    return list;
  }

  Tensor squeeze(const Node& node) {
    std::vector<std::int64_t> shape;
    const Tensor& in = input(node, 0);
    const auto wanted = axes(node);
    for (std::size_t i = 0; i < in.shape.size(); ++i) {
      const auto axis = static_cast<std::int64_t>(i), rank = static_cast<std::int64_t>(in.shape.size());
      const bool named =
          std::any_of(wanted.begin(), wanted.end(), [&](auto a) { return a == axis || a + rank == axis; });
      if (!(named || (wanted.empty() && in.shape[i] == 1))) shape.push_back(in.shape[i]);
    }
    return reshaped(node, std::move(shape));
  }

  Tensor unsqueeze(const Node& node) {
    std::vector<std::int64_t> shape = input(node, 0).shape, wanted = axes(node);
    for (auto& axis : wanted) {
      if (axis < 0) axis += static_cast<std::int64_t>(shape.size() + wanted.size());
    }
    std::sort(wanted.begin(), wanted.end());
    for (const std::int64_t axis : wanted) {
      if (axis < 0 || axis > static_cast<std::int64_t>(shape.size()))
        throw Error(node.where() + ": axes", std::to_string(axis), "an axis of the result");
      shape.insert(shape.begin() + axis, 1);
    }
    return reshaped(node, std::move(shape));
  }

  Tensor concat(const Node& node) {
    Tensor out = input(node, 0);
    const auto rank = static_cast<std::int64_t>(out.shape.size());
    std::int64_t axis = node.integer("axis", 1);
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank)
      throw Error(node.where() + ": axis", std::to_string(axis), "an axis of the inputs");
    const auto at = static_cast<std::size_t>(axis);
    for (std::size_t i = 1; i < node.inputs.size(); ++i) out = joined(out, input(node, i), at, node);
    return out;
  }

  static Tensor joined(const Tensor& a, const Tensor& b, std::size_t axis, const Node& node) {
    Tensor out{.shape = a.shape, .data = {}};
    std::vector<std::int64_t> same = b.shape;
    if (same.size() == a.shape.size()) same[axis] = a.shape[axis];
    if (same != a.shape)
      throw Error(node.where(), "shapes " + shape_text(a.shape) + " and " + shape_text(b.shape),
                  "shapes equal but for the axis");
    out.shape[axis] += b.shape[axis];
    (void)onnx_import::checked_elements(out.shape, node.where());
    std::int64_t outer = 1;
    for (std::size_t i = 0; i < axis; ++i) outer *= a.shape[i];
    const std::int64_t block_a = outer == 0 ? 0 : a.elements() / outer,
                       block_b = outer == 0 ? 0 : b.elements() / outer;
    for (std::int64_t i = 0; i < outer; ++i) {
      out.data.insert(out.data.end(), a.data.begin() + i * block_a, a.data.begin() + (i + 1) * block_a);
      out.data.insert(out.data.end(), b.data.begin() + i * block_b, b.data.begin() + (i + 1) * block_b);
    }
    return out;
  }

  Tensor identity(const Node& node) {
    if (constants_.contains(node.inputs.empty() ? "" : node.inputs[0])) constants_.insert(node.outputs[0]);
    if (const auto found = producer_.find(node.inputs.empty() ? "" : node.inputs[0]);
        found != producer_.end() && uses_[found->first] == 1)
      producer_[node.outputs[0]] = found->second;
    return input(node, 0);
  }

  Tensor constant(const Node& node) {
    constants_.insert(node.outputs[0]);
    return node.value;
  }

  Model model_;
  std::map<std::string, Tensor> values_;
  std::set<std::string> constants_;  // values of Constant nodes
  std::map<std::string, int> uses_;
  std::map<std::string, std::size_t> producer_;  // value -> layer whose output it is, or folds into
  std::set<std::string> names_;
  double macs_ = 0;
  DenseNetwork network_;
};

// SplitMix64, mapped to [0, 1): inputs as of an image.
Tensor random_input(std::vector<std::int64_t> shape, std::uint64_t seed) {
  Tensor tensor{.shape = std::move(shape), .data = {}};
  tensor.data.resize(static_cast<std::size_t>(onnx_import::checked_elements(tensor.shape, "graph input")));
  for (float& value : tensor.data) {
    seed += 0x9E3779B97F4A7C15U;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    value = static_cast<float>((z ^ (z >> 31)) >> 40) / static_cast<float>(1 << 24);
  }
  return tensor;
}

Tensor read_input(const std::filesystem::path& file, const std::vector<std::int64_t>& wanted) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(file.string(), "cannot be opened", "a readable .npy file");
  const NpyArray array = NpyArray::parse({std::istreambuf_iterator<char>(in), {}}, file.string());
  Tensor tensor{.shape = array.shape(), .data = {}};
  bool fits = tensor.shape.size() == wanted.size();
  for (std::size_t i = 0; fits && i < wanted.size(); ++i)
    fits = wanted[i] < 0 || wanted[i] == tensor.shape[i];
  if (!fits)
    throw Error(file.string(), "shape " + shape_text(tensor.shape),
                "the graph's " + shape_text(wanted) + " (-1 is free)");
  const auto take = [&](const auto& values) { tensor.data.assign(values.begin(), values.end()); };
  if (array.dtype() == "f4") {
    take(array.as<float>());
  } else if (array.dtype() == "i1") {
    take(array.as<std::int8_t>());
  } else if (array.dtype() == "u1") {
    take(array.as<std::uint8_t>());
  } else {
    throw Error(file.string(), "dtype " + array.dtype(), "float32, int8 or uint8");
  }
  if (!std::all_of(tensor.data.begin(), tensor.data.end(), [](float v) { return std::isfinite(v); }))
    throw Error(file.string(), "a value that is not finite", "finite numbers");
  return tensor;
}

}  // namespace

DenseNetwork read_onnx(const std::filesystem::path& file, const OnnxOptions& options) {
  try {
    Model model = onnx_import::read_model(file);
    std::vector<std::int64_t> shape = model.input_shape;
    if (options.input_npy) {
      Tensor input = read_input(*options.input_npy, shape);
      return Importer(std::move(model))
          .run(std::move(input), "the graph run on " + options.input_npy->filename().string());
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] > 0) continue;
      if (i != 0)
        throw Error("graph input " + model.input, "shape " + shape_text(shape) + " with a free axis",
                    "--input FILE.npy to settle it");
      shape[i] = 1;
    }
    Tensor input = random_input(shape, options.seed);
    return Importer(std::move(model))
        .run(std::move(input), fmt::format("the graph run on a random input, seed {}", options.seed));
  } catch (const Error& error) { throw error.within(file.string()); }
}

}  // namespace basil
