// A convolution of one to three axes as one of rows and columns.
#pragma once

#include <algorithm>
#include <vector>

#include "traces/network/dense_network.h"
#include "traces/onnx/filters.h"
#include "traces/onnx/windows.h"

namespace basil::onnx_import {

struct ConvForm {
  LayerShape shape;
  Kind kind = &conv_kind;
  Axes output;         // of the operator
  SlidingAxis planes;  // of a 3-D one
  std::int64_t images = 1;

  [[nodiscard]] bool volume() const { return output.size() == 5; }
};

[[nodiscard]] ConvForm conv_form(const Node& node, const Filters& filters, const Axes& input);

// The input that the layer of the form receives. A volume's planes under a filter become its channels.
[[nodiscard]] std::vector<float> conv_input(const ConvForm& form, const std::vector<float>& input);

// What the layer makes, as the operator orders it.
template <class Sum>
[[nodiscard]] std::vector<Sum> conv_output(const ConvForm& form, std::vector<Sum> made) {
  if (!form.volume()) return made;
  const std::int64_t planes = form.planes.outputs(), K = form.shape.K;
  const std::int64_t plane = std::int64_t{form.shape.P()} * form.shape.Q();
  std::vector<Sum> out(made.size());
  auto from = made.begin();
  for (std::int64_t image = 0; image < form.images; ++image) {
    for (std::int64_t d = 0; d < planes; ++d) {
      for (std::int64_t k = 0; k < K; ++k, from += plane)
        std::copy_n(from, plane, out.begin() + ((image * K + k) * planes + d) * plane);
    }
  }
  return out;
}

}  // namespace basil::onnx_import
