// Reading a TensorFlow Lite model: its graph is run once in its own arithmetic, so that every layer gets the
// input that it really receives.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/progress.h"
#include "traces/network/dense_network.h"

namespace basil {

struct TfliteOptions {
  std::optional<std::filesystem::path>
      input_npy;           // float32, or codes as they are, of the graph input's shape
  std::uint64_t seed = 1;  // of the random input where none is given
  ShowProgress progress = {};
};

struct TfliteNetwork {
  DenseNetwork network;
  std::vector<std::string> left;  // operators behind the last layer with weights, which were not run
};

// CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED of int8, uint8 and int16, with the file's integers, scales
// and zero points and TensorFlow Lite's own rounding, or of float32 and float16; AVERAGE_POOL_2D,
// MAX_POOL_2D, ADD, PAD, RESHAPE and SQUEEZE. Without a .npy the input's codes are drawn, each as likely as
// any, or reals in
// [-1, 1). Errors name the file, the operator or tensor, what was found and what is supported.
[[nodiscard]] TfliteNetwork read_tflite(const std::filesystem::path& file, const TfliteOptions& options);

}  // namespace basil
