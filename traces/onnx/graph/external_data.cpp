#include "traces/onnx/graph/external_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "core/error.h"
#include "core/input_file.h"
#include "traces/onnx/graph/graph.h"

namespace basil::onnx_import {
namespace {

namespace fs = std::filesystem;

bool stays_inside(const fs::path& relative) {
  return !relative.empty() && !relative.is_absolute() &&
         std::none_of(relative.begin(), relative.end(), [](const fs::path& part) { return part == ".."; });
}

// The file itself, links followed, which must lie below the model's folder.
fs::path file_of(const fs::path& model, const std::string& location, const std::string& where) {
  const std::string named = where + ": external data '" + printable(location) + "'";
  const bool plain = location.find('\0') == std::string::npos;
  if (!plain || !stays_inside(location))
    throw Error(named, "a path that leads elsewhere", "a file of the model's folder");
  std::error_code failed;
  const fs::path folder =
      fs::canonical(model.has_parent_path() ? model.parent_path() : fs::path("."), failed);
  const fs::path file = failed ? fs::path() : fs::canonical(folder / location, failed);
  if (failed) throw Error(named, "no such file", "the file that was written with the model");
  const auto [inside, rest] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  if (inside != folder.end())
    throw Error(named, "a link that leads elsewhere", "a file of the model's folder");
  if (!fs::is_regular_file(file, failed)) throw Error(named, "no plain file", "a file of the model's folder");
  return file;
}

}  // namespace

std::string read_external(const fs::path& model, const ExternalData& data, std::int64_t bytes,
                          const std::string& where) {
  const fs::path file = file_of(model, data.location, where);
  check_readable(file, "the weights of a model");
  const std::string named = where + ": external data '" + printable(data.location) + "'";
  if (data.length >= 0 && data.length != bytes)
    throw Error(named + ": length", std::to_string(data.length),
                fmt::format("{} bytes for its shape", bytes));
  const auto held = static_cast<std::int64_t>(fs::file_size(file));
  if (data.offset < 0 || data.offset > held || bytes > held - data.offset) {
    throw Error(named, fmt::format("a file of {} bytes", held),
                fmt::format("{} bytes from {} on", bytes, data.offset));
  }
  std::string read(static_cast<std::size_t>(bytes), '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.seekg(data.offset);
  stream.read(read.data(), bytes);
  if (!stream) throw Error(named, "a file that ends early", fmt::format("{} bytes", bytes));
  return read;
}

}  // namespace basil::onnx_import
