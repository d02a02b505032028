#include "traces/onnx/tensor.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "traces/npy.h"

namespace basil::onnx_import {
namespace {

inline constexpr std::int64_t most_elements = std::int64_t{1} << 28;

std::int64_t outputs(std::int64_t size, int pads, int taps, int dilation, int stride,
                     const std::string& where) {
  const std::int64_t reach = (std::int64_t{taps} - 1) * dilation + 1;
  if (size + pads < reach)
    throw Error(where, fmt::format("a window of {} on {} with padding", reach, size + pads),
                "at least one output");
  return (size + pads - reach) / stride + 1;
}

Tensor like_image(const Tensor& input, const Image& image, std::int64_t channels, std::int64_t rows,
                  std::int64_t cols, const std::string& where) {
  Tensor tensor;
  tensor.shape = input.shape.size() == 3 ? std::vector<std::int64_t>{image.n, channels, cols}
                                         : std::vector<std::int64_t>{image.n, channels, rows, cols};
  tensor.data.resize(static_cast<std::size_t>(checked_elements(tensor.shape, where)));
  return tensor;
}

}  // namespace

std::int64_t checked_elements(const std::vector<std::int64_t>& shape, const std::string& where) {
  std::int64_t count = 1;
  for (const std::int64_t dimension : shape) {
    if (dimension < 0 || (dimension > 0 && count > most_elements / dimension)) {
      throw Error(where, "shape " + shape_text(shape),
                  fmt::format("dimensions of at most {} elements together", most_elements));
    }
    count *= dimension;
  }
  return count;
}

Image image_of(const Tensor& tensor, const std::string& where) {
  const auto& s = tensor.shape;
  if ((s.size() != 3 && s.size() != 4) || std::find(s.begin(), s.end(), 0) != s.end()) {
    throw Error(where, "input of shape " + shape_text(s), "(N, C, W) or (N, C, H, W)");
  }
  return s.size() == 3 ? Image{s[0], s[1], 1, s[2]} : Image{s[0], s[1], s[2], s[3]};
}

std::int64_t output_rows(const Image& image, const Window& w, const std::string& where) {
  return outputs(image.rows, w.pad_top + w.pad_bottom, w.rows, w.dilation_y, w.stride_y, where);
}

std::int64_t output_cols(const Image& image, const Window& w, const std::string& where) {
  return outputs(image.cols, w.pad_left + w.pad_right, w.cols, w.dilation_x, w.stride_x, where);
}

Tensor pool(const Tensor& input, const Window& w, Pool kind, const std::string& where) {
  const Image image = image_of(input, where);
  const std::int64_t rows = output_rows(image, w, where), cols = output_cols(image, w, where);
  Tensor output = like_image(input, image, image.channels, rows, cols, where);
  float* out = output.data.data();
  for (std::int64_t plane = 0; plane < image.n * image.channels; ++plane) {
    const float* in = input.data.data() + plane * image.rows * image.cols;
    for (std::int64_t p = 0; p < rows; ++p) {
      for (std::int64_t q = 0; q < cols; ++q) {
        float most = -std::numeric_limits<float>::infinity();
        double sum = 0;
        std::int64_t count = 0;
        for (int r = 0; r < w.rows; ++r) {
          for (int s = 0; s < w.cols; ++s) {
            const std::int64_t y = p * w.stride_y - w.pad_top + std::int64_t{r} * w.dilation_y,
                               x = q * w.stride_x - w.pad_left + std::int64_t{s} * w.dilation_x;
            if (y < 0 || y >= image.rows || x < 0 || x >= image.cols) continue;
            const float value = in[y * image.cols + x];
            most = std::max(most, value);
            sum += static_cast<double>(value);
            ++count;
          }
        }
        if (kind == Pool::average_counting_padding) count = std::int64_t{w.rows} * w.cols;
        *out++ = kind == Pool::max
                     ? (count == 0 ? 0 : most)
                     : static_cast<float>(sum / static_cast<double>(std::max<std::int64_t>(1, count)));
      }
    }
  }
  return output;
}

Tensor convolve(const Tensor& input, const Tensor& weights, const std::vector<float>& bias, int groups,
                const Window& w, const std::string& where) {
  const Image image = image_of(input, where);
  const std::int64_t filters = weights.shape[0], depth = weights.shape[1], per_group = filters / groups;
  const std::int64_t rows = output_rows(image, w, where), cols = output_cols(image, w, where);
  Tensor output = like_image(input, image, filters, rows, cols, where);
  std::vector<double> row(static_cast<std::size_t>(cols));
  for (std::int64_t n = 0; n < image.n; ++n) {
    for (std::int64_t k = 0; k < filters; ++k) {
      for (std::int64_t p = 0; p < rows; ++p) {
        std::fill(row.begin(), row.end(),
                  bias.empty() ? 0.0 : static_cast<double>(bias[static_cast<std::size_t>(k)]));
        for (std::int64_t c = 0; c < depth; ++c) {
          const float* plane =
              input.data.data() + (n * image.channels + k / per_group * depth + c) * image.rows * image.cols;
          const float* filter = weights.data.data() + (k * depth + c) * w.rows * w.cols;
          for (int r = 0; r < w.rows; ++r) {
            const std::int64_t y = p * w.stride_y - w.pad_top + std::int64_t{r} * w.dilation_y;
            if (y < 0 || y >= image.rows) continue;
            for (int s = 0; s < w.cols; ++s) {
              const auto weight = static_cast<double>(filter[r * w.cols + s]);
              for (std::int64_t q = 0; q < cols; ++q) {
                const std::int64_t x = q * w.stride_x - w.pad_left + std::int64_t{s} * w.dilation_x;
                if (x >= 0 && x < image.cols)
                  row[static_cast<std::size_t>(q)] += weight * static_cast<double>(plane[y * image.cols + x]);
              }
            }
          }
        }
        float* out = output.data.data() + ((n * filters + k) * rows + p) * cols;
        std::transform(row.begin(), row.end(), out, [](double sum) { return static_cast<float>(sum); });
      }
    }
  }
  return output;
}

Tensor multiply(const Tensor& input, const Tensor& weights, const std::vector<float>& bias,
                const std::string& where) {
  const std::int64_t filters = weights.shape[0], channels = weights.shape[1];
  Tensor output;
  output.shape = {input.shape[0], filters};
  output.data.resize(static_cast<std::size_t>(checked_elements(output.shape, where)));
  for (std::int64_t n = 0; n < input.shape[0]; ++n) {
    for (std::int64_t k = 0; k < filters; ++k) {
      double sum = bias.empty() ? 0.0 : static_cast<double>(bias[static_cast<std::size_t>(k)]);
      for (std::int64_t c = 0; c < channels; ++c) {
        sum += static_cast<double>(input.data[static_cast<std::size_t>(n * channels + c)]) *
               static_cast<double>(weights.data[static_cast<std::size_t>(k * channels + c)]);
      }
      output.data[static_cast<std::size_t>(n * filters + k)] = static_cast<float>(sum);
    }
  }
  return output;
}

Tensor add(const Tensor& a, const Tensor& b, const std::string& where) {
  if (a.shape.size() < b.shape.size()) return add(b, a, where);
  Tensor output = a;
  // Strides of b along a's axes; 0 where b is broadcast.
  std::vector<std::int64_t> strides(a.shape.size(), 0);
  std::int64_t stride = 1;
  for (std::size_t i = 0; i < b.shape.size(); ++i) {
    const std::size_t axis = a.shape.size() - 1 - i;
    const std::int64_t size = b.shape[b.shape.size() - 1 - i];
    if (size != 1 && size != a.shape[axis])
      throw Error(where, "shapes " + shape_text(a.shape) + " and " + shape_text(b.shape),
                  "shapes of which the second broadcasts to the first");
    strides[axis] = size == 1 ? 0 : stride;
    stride *= size;
  }
  for (std::int64_t index = 0; index < output.elements(); ++index) {
    std::int64_t rest = index, other = 0;
    for (std::size_t axis = a.shape.size(); axis-- > 0;) {
      other += rest % a.shape[axis] * strides[axis];
      rest /= a.shape[axis];
    }
    output.data[static_cast<std::size_t>(index)] += b.data[static_cast<std::size_t>(other)];
  }
  return output;
}

}  // namespace basil::onnx_import
