#include "models/description/accelerator_document.h"

#include <filesystem>

#include "core/error.h"
#include "models/presets/embedded.h"

namespace basil {

YamlDocument accelerator_document(std::string_view text, const std::string& file,
                                  const std::vector<std::string>& overrides) {
  YamlDocument document(text, file);
  YamlReader reader = document.reader();
  if (reader.has("base")) {
    const std::string name = reader.text("base");
    const auto base = embedded("accelerators", name);
    if (!base)
      throw Error(reader.where("base"), "'" + name + "'", "an accelerator of 'basil list accelerators'");
    YamlDocument inherited(*base, name);
    if (reader.has("unit")) inherited.remove("stores");  // those of another unit
    document.put_over(inherited, "base");
  }
  for (const std::string& override_text : overrides)
    document.set(override_text, {"mappings", "delivery.weights", "delivery.ifmap", "delivery.psums"});
  return document;
}

std::vector<std::pair<std::string, std::string>> accelerator_keys(const std::string& name_or_path,
                                                                  const std::vector<std::string>& overrides) {
  return described_keys(accelerator_text(name_or_path), name_or_path, overrides);
}

std::vector<std::pair<std::string, std::string>> described_keys(std::string_view text,
                                                                const std::string& name,
                                                                const std::vector<std::string>& overrides) {
  return accelerator_document(text, name, overrides).plain_values();
}

std::string whole_description(const std::string& name_or_path) {
  return accelerator_document(accelerator_text(name_or_path), name_or_path, {}).text();
}

std::string accelerator_text(const std::string& name_or_path) {
  if (const auto text = embedded("accelerators", name_or_path)) return std::string(*text);
  std::error_code ignored;
  if (name_or_path != "-" && !std::filesystem::exists(name_or_path, ignored)) {
    const std::string near = nearest(name_or_path, embedded_names("accelerators"));
    throw Error("accelerator '" + name_or_path + "'", "neither a file nor a known name",
                near.empty() ? "a name of 'basil list accelerators' or a YAML file" : "'" + near + "'");
  }
  return read_yaml_text(name_or_path);
}

}  // namespace basil
