// Tensors that lie in a file beside the model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace basil::onnx_import {

struct ExternalData {
  std::string location;  // relative to the model's folder
  std::int64_t offset = 0;
  std::int64_t length = -1;  // bytes; -1 where the model does not say
};

// `bytes` bytes of the file. Error (where: `where`) for a location that is absolute, has "..", or leads out
// of the model's folder by a link; for a length that is another; and for a file that does not hold them.
[[nodiscard]] std::string read_external(const std::filesystem::path& model, const ExternalData& data,
                                        std::int64_t bytes, const std::string& where);

}  // namespace basil::onnx_import
