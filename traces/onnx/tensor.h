// Float tensors in ONNX' order (N, C, then space), and the graph's values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace basil::onnx_import {

struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> data;

  [[nodiscard]] std::int64_t elements() const { return static_cast<std::int64_t>(data.size()); }
};

// Product of the dimensions. Throws Error "WHERE: ..." for a negative one or more than 2^28 elements.
[[nodiscard]] std::int64_t checked_elements(const std::vector<std::int64_t>& shape, const std::string& where);

// A convolution's or pool's window over space, the same for 1-D (rows 1) and 2-D.
struct Window {
  int rows = 1, cols = 1;
  int stride_y = 1, stride_x = 1;
  int dilation_y = 1, dilation_x = 1;
  int pad_top = 0, pad_bottom = 0, pad_left = 0, pad_right = 0;
};

// An image's axes; a 1-D one has one row.
struct Image {
  std::int64_t n = 1, channels = 1, rows = 1, cols = 1;
};
[[nodiscard]] Image image_of(const Tensor& tensor, const std::string& where);
[[nodiscard]] std::int64_t output_rows(const Image& image, const Window& window, const std::string& where);
[[nodiscard]] std::int64_t output_cols(const Image& image, const Window& window, const std::string& where);

enum class Pool { max, average, average_counting_padding };
[[nodiscard]] Tensor pool(const Tensor& input, const Window& window, Pool kind, const std::string& where);
[[nodiscard]] Tensor convolve(const Tensor& input, const Tensor& weights, const std::vector<float>& bias,
                              int groups, const Window& window, const std::string& where);
// (N, C) x (K, C), a bias of K or none.
[[nodiscard]] Tensor multiply(const Tensor& input, const Tensor& weights, const std::vector<float>& bias,
                              const std::string& where);
// Elementwise, the shorter shape broadcast from the right.
[[nodiscard]] Tensor add(const Tensor& a, const Tensor& b, const std::string& where);

}  // namespace basil::onnx_import
