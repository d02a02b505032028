// check(Layer), check(Trace): shapes, operands, bias and names that agree with each other.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.h"
#include "core/memory_limit.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/limits.h"
#include "traces/layer_memory.h"
#include "traces/trace.h"

namespace basil {

namespace {

void check_range(int value, int least, const std::string& where) {
  if (value < least || value > greatest_dimension) {
    throw Error(where, std::to_string(value), fmt::format("{} to {}", least, greatest_dimension));
  }
}

// Extent of the ofmap along one axis, in 64 bits since the fields are not yet known to be sane.
std::int64_t ofmap_length(int input, int before, int after, int filter, int dilation, int stride) {
  const std::int64_t padded = std::int64_t{input} + before + after;
  const std::int64_t window = std::int64_t{filter - 1} * dilation + 1;
  return padded < window ? 0 : (padded - window) / stride + 1;
}

void check_ranges(const LayerShape& s, const std::string& where) {
  const std::pair<const char*, int> positive[] = {{"N", s.N},
                                                  {"C", s.C},
                                                  {"H", s.H},
                                                  {"W", s.W},
                                                  {"K", s.K},
                                                  {"R", s.R},
                                                  {"S", s.S},
                                                  {"stride", s.stride_y},
                                                  {"stride", s.stride_x},
                                                  {"dilation", s.dilation_y},
                                                  {"dilation", s.dilation_x},
                                                  {"groups", s.groups}};
  for (const auto& [field, value] : positive) check_range(value, 1, where + field);
  for (const int pad : {s.pad_top, s.pad_bottom, s.pad_left, s.pad_right})
    check_range(pad, 0, where + "padding");
}

void check_lengths(const LayerShape& s, const std::string& where) {
  check_ranges(s, where);
  if (s.C % s.groups != 0 || s.K % s.groups != 0) {
    throw Error(where + "groups", std::to_string(s.groups),
                fmt::format("a divisor of C {} and K {}", s.C, s.K));
  }
  const std::int64_t rows = ofmap_length(s.H, s.pad_top, s.pad_bottom, s.R, s.dilation_y, s.stride_y);
  const std::int64_t columns = ofmap_length(s.W, s.pad_left, s.pad_right, s.S, s.dilation_x, s.stride_x);
  if (rows < 1)
    throw Error(where + "R", fmt::format("{} filter rows, dilation {}", s.R, s.dilation_y),
                "no more than the padded ifmap has");
  if (columns < 1)
    throw Error(where + "S", fmt::format("{} filter columns, dilation {}", s.S, s.dilation_x),
                "no more than the padded ifmap has");
  check_positions({s.N, s.H, s.W, s.C}, where + "ifmap");
  check_positions({s.K, s.R, s.S, s.C / s.groups}, where + "weights");
  check_positions({s.N, rows, columns, s.K}, where + "ofmap");
  const std::int64_t padded_rows = std::int64_t{s.H} + s.pad_top + s.pad_bottom,
                     padded_columns = std::int64_t{s.W} + s.pad_left + s.pad_right;
  check_positions({s.N, s.C, padded_rows, padded_columns}, where + "padded ifmap");
}

void check_extent(const Extent& found, const Extent& expected, const std::string& where) {
  if (found == expected) return;
  const auto text = [](const Extent& e) {
    return fmt::format("{}x{}x{}x{}", e.outer, e.rows, e.cols, e.depth);
  };
  throw Error(where, text(found), text(expected));
}

void check_bias(const Layer& layer, const std::string& where) {
  const bool real = layer.weights.is_real();
  const std::size_t size = real ? layer.bias_real.size() : layer.bias.size();
  if (!(real ? layer.bias.empty() : layer.bias_real.empty())) {
    throw Error(where + "bias", real ? "integers" : "reals",
                fmt::format("what {} weights add to", to_string(layer.weights.dtype)));
  }
  if (size != 0 && size != static_cast<std::size_t>(layer.shape.K)) {
    throw Error(where + "bias", fmt::format("{} values", size), fmt::format("K, {}, or none", layer.shape.K));
  }
  for (const std::int64_t b : layer.bias) {
    if (b < -greatest_bias || b > greatest_bias)
      throw Error(where + "bias", std::to_string(b), "a magnitude of at most 2^53");
  }
  for (const float b : layer.bias_real) {
    if (!std::isfinite(b)) throw Error(where + "bias", fmt::format("{}", b), "finite numbers");
  }
}

void check_operands(const Layer& layer, const std::string& where) {
  const LayerShape& s = layer.shape;
  check_extent(layer.weights.extent, {s.K, s.R, s.S, s.channels_per_group()}, where + "weights.extent");
  check_extent(layer.ifmap.extent, {s.N, s.H, s.W, s.C}, where + "ifmap.extent");
  check(layer.weights, where + "weights");
  check(layer.ifmap, where + "ifmap");
  if (layer.weights.is_real() != layer.ifmap.is_real()) {
    throw Error(where + "ifmap.dtype", std::string(to_string(layer.ifmap.dtype)),
                fmt::format("a dtype that goes with {} weights", to_string(layer.weights.dtype)));
  }
  if (layer.weights.is_real() && layer.output.rule != RequantisationRule::real) {
    throw Error(where + "output.rule", std::string(to_string(layer.output.rule)), "real, with fp32 weights");
  }
  if (only_weights(layer.ifmap.encoding)) {
    std::string words;
    for (const Encoding plain : plain_encodings())
      words += (words.empty() ? "" : ", ") + std::string(plain->name);
    throw Error(where + "ifmap.encoding", std::string(to_string(layer.ifmap.encoding)),
                words + ": the others are for weights");
  }
  if (!layer.weights.encoding->convolves() && s.groups != 1) {
    throw Error(where + "shape.groups", std::to_string(s.groups),
                fmt::format("1 with {} weights", to_string(layer.weights.encoding)));
  }
  if (layer.ifmap.scales.size() != 1) {
    throw Error(where + "ifmap.scale", fmt::format("{} scales", layer.ifmap.scales.size()), "1");
  }
  if (layer.ifmap.codes && layer.ifmap.codes->zero_points.size() != 1) {
    throw Error(where + "ifmap.zero_point",
                fmt::format("{} zero points", layer.ifmap.codes->zero_points.size()), "1");
  }
}

void check_no_operands(const Layer& layer, const std::string& where) {
  const auto empty = [](const Operand& o) { return o.values.empty() && o.reals.empty() && o.own.empty(); };
  const std::string expected = fmt::format("none in a layer of kind {}", to_string(layer.kind));
  if (!empty(layer.weights)) throw Error(where + "weights", "an operand", expected);
  if (!empty(layer.ifmap)) throw Error(where + "ifmap", "an operand", expected);
  if (!layer.bias.empty() || !layer.bias_real.empty()) throw Error(where + "bias", "a bias", expected);
}

void check_name(const std::string& name) {
  const auto bad = std::find_if(name.begin(), name.end(), [](char c) {
    return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (name.empty()) throw Error("layer name", "an empty name", "a name");
  if (name.size() > 255) throw Error("layer name", fmt::format("{} characters", name.size()), "at most 255");
  if (bad != name.end()) {
    throw Error("layer name",
                fmt::format("character {:#04x} at {}", static_cast<unsigned char>(*bad), bad - name.begin()),
                "no slash and no control character");
  }
}

}  // namespace

void check_shape(const Layer& layer) {
  check_name(layer.name);
  const std::string where = fmt::format("layer {}: ", layer.name);
  check_lengths(layer.shape, where);
  layer.kind->check(layer.shape, where);
  if (layer.simulated()) check_memory(bytes_to_run(layer), "layer " + layer.name, "operands and sums");
}

void check(const Layer& layer) {
  check_shape(layer);
  const std::string where = fmt::format("layer {}: ", layer.name);
  check(layer.output, layer.shape.K, where + "output.");
  if (!layer.simulated()) return check_no_operands(layer, where);
  check_operands(layer, where);
  check_bias(layer, where);
}

void check(const Trace& trace) {
  std::set<std::string> names;
  for (const Layer& layer : trace.layers) {
    check(layer);
    if (!names.insert(layer.name).second) {
      throw Error(fmt::format("layer {}", layer.name), "a second layer of that name", "names that differ");
    }
  }
}

}  // namespace basil
