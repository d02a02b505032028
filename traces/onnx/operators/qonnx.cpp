// Operators of QONNX: reals that are quantised and stay reals.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/operators/broadcast.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

float rounded_by(const std::string& mode, float x, const std::string& where) {
  if (mode == "ROUND" || mode == "HALF_EVEN") return std::nearbyint(x);
  if (mode == "FLOOR") return std::floor(x);
  if (mode == "CEIL" || mode == "UP") return mode == "UP" && x < 0 ? std::floor(x) : std::ceil(x);
  if (mode == "ROUND_TO_ZERO" || mode == "DOWN") return std::trunc(x);
  if (mode == "HALF_UP") return std::round(x);
  if (mode == "HALF_DOWN") return std::copysign(std::ceil(std::abs(x) - 0.5F), x);
  throw Error(where + ": rounding_mode", "another word",
              "ROUND, HALF_EVEN, HALF_UP, HALF_DOWN, FLOOR, CEIL, UP, DOWN or ROUND_TO_ZERO");
}

int width_of(const Call& call, std::size_t index) {
  const Tensor& bits = call[index];
  if (bits.size() != 1) throw Error(call.where() + ": bit width", shape_text(bits.shape), "one");
  const double width =
      std::visit([](const auto& list) { return static_cast<double>(list.front()); }, bits.elements);
  if (!(width >= 1 && width <= 24) || width != std::floor(width))
    throw Error(call.where() + ": bit width", fmt::format("{}", width), "1 to 24");
  return static_cast<int>(width);
}

const Tensor& fitting(const Call& call, std::size_t index) {
  const Tensor& tensor = call[index];
  if (broadcast_shape({call[0].shape, tensor.shape}, call.where()) != call[0].shape)
    throw Error(call.where(), "a scale or zero point of shape " + shape_text(tensor.shape),
                "one that fits " + shape_text(call[0].shape));
  return tensor;
}

// The axis along which the scales differ; none where they do along several.
std::shared_ptr<const Grid> grid_of(const Call& call, const Tensor& scale, const Tensor& zero, int bits,
                                    bool is_signed) {
  Grid grid{
      .type = is_signed ? ElementType::int8 : ElementType::uint8, .bits = bits, .scale = {}, .zero = {}};
  if (bits > 8) grid.type = is_signed ? ElementType::int32 : ElementType::uint32;
  const std::size_t rank = call[0].shape.size();
  for (std::size_t i = 1; i <= scale.shape.size(); ++i) {
    if (scale.shape[scale.shape.size() - i] == 1) continue;
    if (scale.size() != scale.shape[scale.shape.size() - i]) return nullptr;
    grid.axis = rank - i;
  }
  grid.scale = scale.reals(call.where());
  const std::vector<float>& zeros = zero.reals(call.where());
  for (std::size_t i = 0; i < grid.scale.size(); ++i) {
    if (zeros.size() != 1 && zeros.size() != grid.scale.size()) return nullptr;
    const float value = zeros[zeros.size() == 1 ? 0 : i];
    grid.zero.push_back(saturated(ElementType::int32, std::nearbyint(static_cast<double>(value))));
  }
  return std::make_shared<const Grid>(std::move(grid));
}

// (x, scale, zero point, bit width)
Tensor quant(const Call& call) {
  const Node& node = call.node();
  const Tensor &scale = fitting(call, 1), &zero = fitting(call, 2);
  const int bits = width_of(call, 3);
  const bool is_signed = node.integer("signed", 1) != 0, narrow = node.integer("narrow", 0) != 0;
  const std::string mode = node.text("rounding_mode", "ROUND");
  const float reach = std::ldexp(1.0F, bits - (is_signed ? 1 : 0));
  const float least = is_signed ? -reach + (narrow ? 1.0F : 0.0F) : 0.0F;
  const float most = reach - (narrow && !is_signed ? 2.0F : 1.0F);
  const Axes& shape = call[0].shape;
  const std::vector<float>& in = call[0].reals(call.where());
  std::vector<float> out(in.size());
  const std::vector<float>&scales = scale.reals(call.where()), &zeros = zero.reals(call.where());
  std::size_t i = 0;
  walk(shape, std::array{broadcast_steps(scale.shape, shape), broadcast_steps(zero.shape, shape)},
       [&](const std::array<std::int64_t, 2>& at) {
         const float s = scales[static_cast<std::size_t>(at[0])], z = zeros[static_cast<std::size_t>(at[1])];
         const float whole = rounded_by(mode, std::clamp(in[i] / s + z, least, most), call.where());
         out[i++] = (whole - z) * s;
       });
  return {.shape = shape, .elements = std::move(out), .grid = grid_of(call, scale, zero, bits, is_signed)};
}

// (x, scale): plus or minus the scale.
Tensor bipolar_quant(const Call& call) {
  const Tensor& scale = fitting(call, 1);
  const std::vector<float>&in = call[0].reals(call.where()), &scales = scale.reals(call.where());
  std::vector<float> out;
  out.reserve(in.size());
  walk(call[0].shape, std::array{broadcast_steps(scale.shape, call[0].shape)},
       [&](const std::array<std::int64_t, 1>& at) {
         const float s = scales[static_cast<std::size_t>(at[0])];
         out.push_back(in[out.size()] >= 0 ? s : -s);
       });
  const Tensor zero{.shape = {}, .elements = std::vector<float>{0}};
  return {.shape = call[0].shape, .elements = std::move(out), .grid = grid_of(call, scale, zero, 2, true)};
}

// (x, scale, zero point, bits before, bits after): low bits are cut, the scale stays.
Tensor truncation(const Call& call) {
  const Tensor &scale = fitting(call, 1), &zero = fitting(call, 2);
  const int before = width_of(call, 3), after = width_of(call, 4);
  const std::string mode = call.node().text("rounding_mode", "FLOOR");
  const float cut = std::ldexp(1.0F, before - after);
  const Axes& shape = call[0].shape;
  const std::vector<float>&in = call[0].reals(call.where()), &scales = scale.reals(call.where()),
        &zeros = zero.reals(call.where());
  std::vector<float> out(in.size());
  std::size_t i = 0;
  walk(shape, std::array{broadcast_steps(scale.shape, shape), broadcast_steps(zero.shape, shape)},
       [&](const std::array<std::int64_t, 2>& at) {
         const float s = scales[static_cast<std::size_t>(at[0])], z = zeros[static_cast<std::size_t>(at[1])];
         const float whole = std::nearbyint(in[i] / s + z);
         out[i++] = (rounded_by(mode, whole / cut, call.where()) - z) * s;
       });
  return {.shape = shape, .elements = std::move(out), .grid = grid_of(call, scale, zero, after, true)};
}

}  // namespace

const Operators& qonnx_operators() {
  static const Operators table{
      {"qonnx.BipolarQuant", bipolar_quant}, {"qonnx.Quant", quant}, {"qonnx.Trunc", truncation}};
  return table;
}

}  // namespace basil::onnx_import
