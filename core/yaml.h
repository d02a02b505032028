// Reading YAML with errors that say file:line:column and the nearest known key.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/integer_key.h"
#include "core/yaml_keys.h"

namespace basil {

// The nodes of a text. Error with file:line:column where it is no YAML, over 1 MB, nested deeper than 64 or
// of a second document.
[[nodiscard]] YAML::Node parse_yaml(std::string_view text, const std::string& file);

// Of a document put together of several: what came from elsewhere than its own file.
struct YamlOrigins {
  // Where the value at a path came from; `own` where from nowhere else.
  [[nodiscard]] const std::string& file_of(const std::string& path, const std::string& own) const;

  std::map<std::string, std::string> files;  // by the dotted path of what came from there, all below it too
  std::vector<YAML::Node> overridden;        // values that --set gave
  std::vector<YamlKey>* read = nullptr;      // where its keys are noted as they are read
};

// One map of a YAML file. Every key is asked for by name and type; done() refuses keys that nobody asked
// for. `path` is the dotted place in the file, for messages.
class YamlReader {
 public:
  // The root of a document; it must be a map. Text over 1 MB, nested deeper than 64 or with a second document
  // is refused.
  [[nodiscard]] static YamlReader parse(std::string_view text, const std::string& file);
  [[nodiscard]] static YamlReader read(const std::filesystem::path& file);
  YamlReader(const YAML::Node& node, std::string file, std::string path,
             std::shared_ptr<const YamlOrigins> origins = {});

  [[nodiscard]] bool has(const std::string& key);
  // Without a default the key is required. Bounds are inclusive.
  [[nodiscard]] std::int64_t integer(const KeyText& key, std::int64_t least, std::int64_t most,
                                     std::optional<std::int64_t> otherwise = {});
  [[nodiscard]] double real(const KeyText& key, double least, double most,
                            std::optional<double> otherwise = {});
  [[nodiscard]] bool flag(const KeyText& key, std::optional<bool> otherwise = {});
  [[nodiscard]] std::string text(const KeyText& key, std::optional<std::string> otherwise = {});
  // One of `allowed`.
  [[nodiscard]] std::string word(const KeyText& key, const std::vector<std::string>& allowed,
                                 std::optional<std::string> otherwise = {});
  [[nodiscard]] std::vector<std::int64_t> integers(const KeyText& key, std::int64_t least, std::int64_t most);
  // All of them, by name.
  [[nodiscard]] std::map<std::string, std::int64_t, std::less<>> declared(std::span<const IntegerKey> keys);
  [[nodiscard]] YamlReader child(const std::string& key);  // a required map
  [[nodiscard]] std::optional<YamlReader> maybe_child(const std::string& key);
  [[nodiscard]] std::vector<YamlReader> list(const std::string& key);  // a required list of maps
  [[nodiscard]] std::vector<std::string> keys() const;                 // in the file's order
  [[nodiscard]] bool is_map(const std::string& key);                   // present and a map
  [[nodiscard]] bool is_text(const std::string& key);                  // present and a plain value

  // Throws Error for the first key that nobody asked for.
  void done() const;

  // "file:line:column: path.key", or "file: overrides path.key", for errors of the caller's own.
  [[nodiscard]] std::string where(const std::string& key = {}) const;

 private:
  [[nodiscard]] YAML::Node get(const std::string& key, bool required);
  [[nodiscard]] std::string place(const YAML::Node& node, const std::string& key) const;
  void note(const KeyText& key, const YamlRange& range, const std::string& value,
            const std::optional<std::string>& otherwise);

  YAML::Node node_;
  std::string file_, path_;
  std::shared_ptr<const YamlOrigins> origins_;
  std::set<std::string> asked_;
};

// The text of a YAML file; Error when it cannot be read or holds over 1 MB.
[[nodiscard]] std::string read_yaml_text(const std::filesystem::path& file);

}  // namespace basil
