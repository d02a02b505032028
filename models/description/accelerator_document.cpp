#include "models/description/accelerator_document.h"

#include <fmt/format.h>

#include <filesystem>

#include "core/error.h"
#include "memory/off_chip/memory_type.h"
#include "models/description/dataflow_type.h"
#include "models/presets/embedded.h"

namespace basil {

namespace {

inline constexpr int longest_chain = 16;  // of bases

// What of the base goes with the unit or the dataflow that the document says otherwise.
void remove_what_cannot_hold(const YamlDocument& document, YamlDocument& base) {
  const auto differs = [&](const char* path) {
    const auto own = document.plain_value(path);
    return own && own != base.plain_value(path);
  };
  if (differs("unit.kind")) {
    base.remove("unit");
    base.remove("stores");
  }
  if (!differs("array.dataflow")) return;
  for (const char* key : {"array", "pe", "stores", "delivery", "mapper", "mappings"}) base.remove(key);
}

struct Source {
  std::string text, file;
};

// Of the accelerator's name, or of a file beside the one that names it.
Source base_of(const std::string& name, const std::string& file, const std::string& where) {
  if (const auto text = embedded("accelerators", name)) return {std::string(*text), name};
  const std::filesystem::path path = std::filesystem::path(file).parent_path() / name;
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored)) return {read_yaml_text(path), path.string()};
  const std::string near = nearest(name, embedded_names("accelerators"));
  throw Error(where, "'" + name + "'",
              near.empty() ? "an accelerator of 'basil list accelerators', or a YAML file beside this one"
                           : "'" + near + "'");
}

YamlDocument over_its_base(std::string_view text, const std::string& file, int chain) {
  YamlDocument document(text, file);
  YamlReader reader = document.reader();
  if (!reader.has("base")) return document;
  if (chain == longest_chain)
    throw Error(reader.where("base"), fmt::format("a chain of more than {} bases", longest_chain),
                "one that ends");
  const Source source = base_of(reader.text("base"), file, reader.where("base"));
  YamlDocument base = over_its_base(source.text, source.file, chain + 1);
  remove_what_cannot_hold(document, base);
  document.put_over(base, "base");
  return document;
}

// Keys that an override gives though the file does not.
std::vector<std::string> may_be_left_out() {
  std::vector<std::string> keys{"mappings", "dram.kind", "delivery.weights", "delivery.ifmap",
                                "delivery.psums"};
  for (const DataflowType* dataflow : dataflow_types()) {
    for (const IntegerKey& key : dataflow->keys) keys.push_back("array." + std::string(key.name));
  }
  for (const MemoryType* memory : memory_types()) {
    for (const IntegerKey& key : memory->keys) keys.push_back("dram." + std::string(key.name));
  }
  return keys;
}

}  // namespace

YamlDocument accelerator_document(std::string_view text, const std::string& file,
                                  const std::vector<std::string>& overrides) {
  YamlDocument document = over_its_base(text, file, 0);
  for (const std::string& override_text : overrides) document.set(override_text, may_be_left_out());
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
