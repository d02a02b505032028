#include "traces/onnx/operators/broadcast.h"

#include <algorithm>

#include "core/error.h"
#include "traces/file/npy.h"

namespace basil::onnx_import {

Axes broadcast_shape(const std::vector<Axes>& shapes, const std::string& where) {
  std::size_t rank = 0;
  for (const Axes& shape : shapes) rank = std::max(rank, shape.size());
  Axes result(rank, 1);
  for (const Axes& shape : shapes) {
    for (std::size_t i = 1; i <= shape.size(); ++i) {
      std::int64_t& axis = result[rank - i];
      const std::int64_t other = shape[shape.size() - i];
      if (axis == other || other == 1) continue;
      if (axis != 1) {
        std::string all;
        for (const Axes& each : shapes) all += (all.empty() ? "" : " and ") + shape_text(each);
        throw Error(where, "shapes " + all, "shapes of which one can be repeated to fit the other");
      }
      axis = other;
    }
  }
  (void)elements_of(result, where);
  return result;
}

Axes broadcast_steps(const Axes& shape, const Axes& target) {
  Axes steps(target.size(), 0);
  const Axes own = steps_of(shape);
  for (std::size_t i = 1; i <= shape.size(); ++i) {
    if (shape[shape.size() - i] != 1) steps[target.size() - i] = own[shape.size() - i];
  }
  return steps;
}

Tensor strided(const Tensor& in, Axes shape, const Axes& steps, std::int64_t first,
               const std::string& where) {
  const auto count = static_cast<std::size_t>(elements_of(shape, where));
  return std::visit(
      [&](const auto& from) -> Tensor {
        std::remove_cvref_t<decltype(from)> out(count);
        auto next = out.begin();
        walk(shape, std::array{steps}, [&](const std::array<std::int64_t, 1>& at) {
          *next++ = from[static_cast<std::size_t>(first + at[0])];
        });
        return {.shape = std::move(shape), .elements = std::move(out), .type = in.type};
      },
      in.elements);
}

Tensor expanded(const Tensor& in, const Axes& shape, const std::string& where) {
  return strided(in, shape, broadcast_steps(in.shape, shape), 0, where);
}

}  // namespace basil::onnx_import
