#include "traces/network/layer_arrays.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "traces/encodings/limits.h"
#include "traces/file/requantisation_file.h"
#include "traces/network/axes.h"

namespace basil {
namespace {

std::int64_t product(const std::vector<std::int64_t>& lengths) {
  std::int64_t count = 1;
  for (const std::int64_t length : lengths) count *= length;
  return count;
}

void check_finite(const std::vector<float>& values, const std::string& where) {
  const auto bad = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
  if (bad != values.end())
    throw Error(where, fmt::format("{} at {}", *bad, bad - values.begin()), "finite numbers");
}

void check_codes(const std::vector<std::int16_t>& codes, Dtype dtype, const std::string& where) {
  const std::int32_t low = lowest(dtype), high = highest(dtype);
  const auto bad =
      std::find_if(codes.begin(), codes.end(), [=](std::int16_t v) { return v < low || v > high; });
  if (bad != codes.end())
    throw Error(where, fmt::format("{} at {}", *bad, bad - codes.begin()),
                fmt::format("{} to {} ({})", low, high, to_string(dtype)));
}

void check_zero_point(std::int32_t zero, Dtype dtype, const std::string& where) {
  if (zero >= lowest(dtype) && zero <= highest(dtype)) return;
  throw Error(where, std::to_string(zero),
              fmt::format("{} to {} ({})", lowest(dtype), highest(dtype), to_string(dtype)));
}

// What an array of codes is stored as.
std::optional<Dtype> dtype_of(const NpyArray& array) {
  if (array.dtype() == "i1") return Dtype::int8;
  if (array.dtype() == "u1") return Dtype::uint8;
  if (array.dtype() == "i2") return Dtype::int16;
  return {};
}

std::vector<std::int16_t> codes_of(const NpyArray& array, const std::string& axes,
                                   const std::vector<std::int64_t>& lengths, const std::string& order) {
  const auto arrange = [&]<class T>(const std::vector<T>& elements) {
    return arranged<std::int16_t, T>(elements, axes, lengths, order);
  };
  if (array.dtype() == "i1") return arrange(array.as<std::int8_t>());
  if (array.dtype() == "u1") return arrange(array.as<std::uint8_t>());
  return arrange(array.as<std::int16_t>());
}

class ArrayReader {
 public:
  ArrayReader(NpzReader& archive, const ArrayFields& fields, DenseLayer& layer)
      : archive_(archive), fields_(fields), layer_(layer), where_("layer " + layer.name + ": ") {}

  void read() {
    if (layer_.codes) {
      read_weight_codes();
    } else {
      read_weights();
    }
    if (archive_.contains(layer_.name + ".bias.npy")) read_bias();
    read_input();
    if (layer_.output) {
      read_factors(archive_, layer_.name, layer_.shape.K, *layer_.output);
      check(*layer_.output, layer_.shape.K, where_ + "output.");
    }
  }

 private:
  NpyArray array(const std::string& part, std::int64_t elements, std::int64_t bytes) {
    return archive_.read_array(layer_.name + "." + part, elements * bytes, where_ + part);
  }

  template <class T>
  std::vector<T> list(const std::string& part) {
    const NpyArray found = array(part, layer_.shape.K, sizeof(T));
    found.expect(npy_dtype<T>(), {layer_.shape.K}, where_ + part);
    return found.as<T>();
  }

  void expect_shape(const NpyArray& found, const std::vector<std::int64_t>& lengths, const std::string& part,
                    const std::string& axes) const {
    if (found.shape() != lengths)
      throw Error(where_ + part, "shape " + shape_text(found.shape()),
                  shape_text(lengths) + (fields_.input_axes.empty() ? "" : ", axes " + axes));
  }

  void read_weights() {
    const std::string& axes = fields_.weight_axes;
    const std::vector<std::int64_t> lengths = weight_lengths(layer_.shape, axes);
    const NpyArray found = array("weight", product(lengths), sizeof(float));
    if (found.dtype() != "f4")
      throw Error(where_ + "weight", "dtype " + found.dtype(),
                  fields_.input_axes.empty() ? "f4" : "f4, or w_dtype with codes");
    expect_shape(found, lengths, "weight", axes);
    layer_.weights = arranged<float, float>(found.as<float>(), axes, lengths, weight_order);
    check_finite(layer_.weights, where_ + "weight");
  }

  void read_weight_codes() {
    WeightCodes& codes = *layer_.codes;
    const std::string& axes = fields_.weight_axes;
    const std::vector<std::int64_t> lengths = weight_lengths(layer_.shape, axes);
    const NpyArray found = array("weight", product(lengths), sizeof(std::int16_t));
    if (!dtype_of(found))
      throw Error(where_ + "weight", "dtype " + found.dtype(), "int8 (i1), uint8 (u1) or int16 (i2)");
    expect_shape(found, lengths, "weight", axes);
    codes.values = codes_of(found, axes, lengths, weight_order);
    check_codes(codes.values, codes.dtype, where_ + "weight");
    if (fields_.scale_per_filter) codes.scales = list<float>("weight_scale");
    if (fields_.zero_per_filter) codes.zero_points = list<std::int32_t>("weight_zero");
    for (const float scale : codes.scales) check_scale(scale, where_ + "w_scale");
    for (const std::int32_t zero : codes.zero_points) check_zero_point(zero, codes.dtype, where_ + "w_zero");
  }

  void read_bias() {
    if (layer_.codes) {
      const NpyArray found = array("bias", layer_.shape.K, sizeof(std::int64_t));
      const std::vector<std::int64_t> shape{layer_.shape.K};
      if (found.dtype() == "i4" || found.dtype() == "i8") {
        found.expect(found.dtype(), shape, where_ + "bias");
        const auto take = [&](const auto& sums) { layer_.bias_sums.assign(sums.begin(), sums.end()); };
        if (found.dtype() == "i4") {
          take(found.as<std::int32_t>());
        } else {
          take(found.as<std::int64_t>());
        }
        return check_sums();
      }
    }
    layer_.bias = list<float>("bias");
    check_finite(layer_.bias, where_ + "bias");
  }

  void check_sums() const {
    for (const std::int64_t sum : layer_.bias_sums) {
      if (sum < -greatest_bias || sum > greatest_bias)
        throw Error(where_ + "bias", std::to_string(sum), "a magnitude of at most 2^53");
    }
  }

  void read_input() {
    const std::string where = where_ + "input";
    LayerShape& s = layer_.shape;
    const std::int64_t image = std::int64_t{s.C} * s.H * s.W;
    const NpyArray found =
        array("input", std::min(greatest_positions, image * greatest_images), sizeof(std::int16_t));
    const std::optional<Dtype> stored = dtype_of(found);
    const bool wide = stored && bits_of(*stored) > 8;
    if (!stored || (wide && fields_.input_axes.empty()))
      throw Error(
          where, "dtype " + found.dtype(),
          fields_.input_axes.empty() ? "int8 (i1) or uint8 (u1)" : "int8 (i1), uint8 (u1) or int16 (i2)");
    const std::string axes = input_axes(found, image);
    check_shape(as_trace_layer());
    layer_.activation_dtype = fields_.input_dtype.value_or(*stored);
    layer_.ifmap = codes_of(found, axes, ifmap_lengths(s, axes), ifmap_order);
    if (layer_.activation_dtype == Dtype::fp32) throw Error(where_ + "a_dtype", "fp32", "an integer dtype");
    check_codes(layer_.ifmap, layer_.activation_dtype, where);
    check_zero_point(layer_.activation_zero_point, layer_.activation_dtype, where_ + "a_zero");
  }

  // Settles N by the array's size.
  std::string input_axes(const NpyArray& found, std::int64_t image) {
    LayerShape& s = layer_.shape;
    const bool flat = layer_.kind->flat(), named = !fields_.input_axes.empty();
    const std::int64_t images = found.elements() / image;
    const std::string all = input_file_axes(layer_.kind);
    std::string axes = named ? fields_.input_axes : found.shape().size() == 3 ? all.substr(1) : all;
    if (!named && flat) axes = all;
    const auto refuse = [&] {
      std::string wanted;
      LayerShape any = s;
      for (const char axis : named ? axes : all)
        wanted += (wanted.empty() ? "" : ", ") +
                  (axis == 'N' ? "N" : std::to_string(ifmap_lengths(any, std::string(1, axis))[0]));
      throw Error(where_ + "input", "shape " + shape_text(found.shape()),
                  "(" + wanted + ")" + (named ? ", axes " + axes : ""));
    };
    if (images < 1 || images > greatest_images || found.elements() != images * image) refuse();
    s.N = static_cast<int>(images);
    const bool any_shape = flat && !named;
    if (!any_shape && found.shape() != ifmap_lengths(s, axes)) refuse();
    return axes;
  }

  [[nodiscard]] Layer as_trace_layer() const {
    Layer shaped;
    shaped.name = layer_.name;
    shaped.kind = layer_.kind;
    shaped.shape = layer_.shape;
    return shaped;
  }

  NpzReader& archive_;
  const ArrayFields& fields_;
  DenseLayer& layer_;
  std::string where_;
};

}  // namespace

void read_arrays(NpzReader& archive, const ArrayFields& fields, DenseLayer& layer) {
  ArrayReader(archive, fields, layer).read();
}

}  // namespace basil
