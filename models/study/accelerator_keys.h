// The keys of an accelerator's description and what they say, for those who vary them.
#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>
#include <vector>

namespace basil {

class AcceleratorKeys {
 public:
  // `name_or_path` as load_accelerator() takes it, with its errors.
  explicit AcceleratorKeys(const std::string& name_or_path);

  // The plain value of "array.rows", from the description or from its base; nothing for another key.
  [[nodiscard]] std::optional<std::string> value(const std::string& key) const;
  // Error at `where` with the nearest key unless value() knows it.
  void check(const std::string& key, const std::string& where) const;

  // All that the description says, for the fingerprint of a configuration.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string name_, text_;
  YAML::Node root_;
};

}  // namespace basil
