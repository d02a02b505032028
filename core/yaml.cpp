#include "core/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "core/error.h"
#include "core/input_file.h"
#include "core/names.h"
#include "core/yaml_words.h"

namespace basil {
namespace {

inline constexpr std::size_t most_bytes = 1 << 20;
inline constexpr int deepest = 64;

std::string mark(const std::string& file, const YAML::Mark& at) {
  return at.is_null() ? file : fmt::format("{}:{}:{}", file, at.line + 1, at.column + 1);
}

// Walks through a text before its nodes are made, to refuse what they would not show or what would take the
// readers' stacks: depth, and documents after the first.
class Survey : public YAML::EventHandler {
 public:
  explicit Survey(const std::string& file) : file_(file) {}

  void OnDocumentStart(const YAML::Mark& at) override {
    if (++documents_ > 1) throw Error(mark(file_, at), "a second document", "one document a file");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark& at, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(at);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& at, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(at);
  }
  void OnMapEnd() override { --depth_; }

 private:
  void open(const YAML::Mark& at) {
    if (++depth_ > deepest)
      throw Error(mark(file_, at), fmt::format("nested deeper than {}", deepest), "a flatter file");
  }

  const std::string& file_;
  int depth_ = 0, documents_ = 0;
};

// Every name in a file of ours is shown somewhere.
void check_letters(std::string_view text, const std::string& file) {
  std::int64_t line = 1;
  for (std::string_view rest = text; !rest.empty(); ++line) {
    const std::string_view first = rest.substr(0, rest.find('\n'));
    if (first.find('\0') != std::string_view::npos || !is_utf8(first))
      throw Error(fmt::format("{}:{}", file, line), "a byte that is no text", "UTF-8 without NUL");
    rest.remove_prefix(std::min(first.size() + 1, rest.size()));
  }
}

}  // namespace

YAML::Node parse_yaml(std::string_view text, const std::string& file) {
  if (text.size() > most_bytes)
    throw Error(file, fmt::format("{} bytes", text.size()), "at most 1 MB of YAML");
  check_letters(text, file);
  try {
    const std::string whole(text);
    std::istringstream events(whole);
    YAML::Parser parser(events);
    Survey survey(file);
    while (parser.HandleNextDocument(survey)) continue;
    return YAML::Load(whole);
  } catch (const YAML::ParserException& error) {
    throw Error(mark(file, error.mark), "not valid YAML: " + error.msg);
  } catch (const YAML::Exception& error) {
    throw Error(mark(file, error.mark), "not valid YAML: " + error.msg);
  }
}

namespace {

// A whole number in decimal, also with leading zeros (which yaml-cpp would take for octal).
std::optional<std::int64_t> as_integer(const YAML::Node& node) {
  if (!node.IsScalar()) return std::nullopt;
  const std::string& text = node.Scalar();
  const char* const end = text.data() + text.size();
  const char* const first =
      text.data() + (text.starts_with('+') && text.size() > 1 && text[1] != '-' ? 1 : 0);
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(first, end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace

YamlReader YamlReader::parse(std::string_view text, const std::string& file) {
  return {parse_yaml(text, file), file, ""};
}

std::string read_yaml_text(const std::filesystem::path& file) {
  return read_file(file, most_bytes, "a YAML file");
}

YamlReader YamlReader::read(const std::filesystem::path& file) {
  return parse(read_yaml_text(file), file.string());
}

YamlReader::YamlReader(const YAML::Node& node, std::string file, std::string path,
                       std::shared_ptr<const YamlOrigins> origins)
    : node_(node), file_(std::move(file)), path_(std::move(path)), origins_(std::move(origins)) {
  if (!node_.IsMap()) throw Error(place(node_, ""), shown(node_), "a map of keys and values");
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar())
      throw Error(place(entry.first, ""), shown(entry.first) + " as a key", "a plain word");
    if (!seen.insert(entry.first.Scalar()).second)
      throw Error(place(entry.first, entry.first.Scalar()), "the key a second time", "each key once");
  }
}

const std::string& YamlOrigins::file_of(const std::string& path, const std::string& own) const {
  for (std::size_t end = path.size(); end != std::string::npos && end > 0;
       end = path.find_last_of(".[", end - 1)) {
    const auto found = files.find(path.substr(0, end));
    if (found != files.end()) return found->second;
  }
  return own;
}

std::string YamlReader::place(const YAML::Node& node, const std::string& key) const {
  YAML::Mark at = node.Mark();
  if (at.is_null() && node.IsMap() && node.size() > 0)
    at = node.begin()->first.Mark();     // put together of two
  if (node.IsNull() && node_.IsMap()) {  // "rows:" and nothing more: yaml-cpp points at what follows
    for (const auto& entry : node_) {
      if (entry.first.IsScalar() && entry.first.Scalar() == key) at = entry.first.Mark();
    }
  }
  const std::string full = path_.empty() || key.empty() ? path_ + key : path_ + "." + key;
  std::string file = file_;
  if (origins_) {
    for (const YAML::Node& value : origins_->overridden) {
      if (value.is(node)) return file_ + ": " + field_name("overrides") + " " + full;
    }
    file = origins_->file_of(full, file_);
  }
  return full.empty() ? mark(file, at) : mark(file, at) + ": " + full;
}

std::string YamlReader::where(const std::string& key) const {
  const YAML::Node node = key.empty() ? node_ : node_[key];
  return place(node.IsDefined() ? node : node_, key);
}

YAML::Node YamlReader::get(const std::string& key, bool required) {
  asked_.insert(key);
  const YAML::Node& map = node_;  // a const node does not insert
  YAML::Node value = map[key];
  if (value.IsDefined() || !required) return value;
  for (const auto& entry : node_) {  // misspelt, perhaps
    const std::string written = entry.first.Scalar();
    if (asked_.count(written) == 0 && nearest(written, asked_) == key)
      throw Error(place(entry.first, written), "unknown key", "'" + key + "'");
  }
  throw Error(place(node_, key), "missing", "this key");
}

// A word is first read as a text: what is noted last counts.
void YamlReader::note(const KeyText& key, const YamlRange& range, const std::string& value,
                      const std::optional<std::string>& otherwise) {
  if (!origins_ || origins_->read == nullptr) return;
  const YAML::Node& map = node_;
  const YamlKey read{path_.empty() ? key.name : path_ + "." + key.name,
                     key.unit,
                     key.meaning,
                     range,
                     value,
                     otherwise,
                     map[key.name].IsDefined()};
  std::vector<YamlKey>& keys = *origins_->read;
  const auto known =
      std::find_if(keys.begin(), keys.end(), [&](const YamlKey& k) { return k.path == read.path; });
  if (known == keys.end()) {
    keys.push_back(read);
  } else {
    *known = read;
  }
}

bool YamlReader::has(const std::string& key) { return get(key, false).IsDefined(); }

bool YamlReader::is_map(const std::string& key) {
  const YAML::Node node = get(key, false);
  return node.IsDefined() && node.IsMap();
}

bool YamlReader::is_text(const std::string& key) {
  const YAML::Node node = get(key, false);
  return node.IsDefined() && node.IsScalar();
}

namespace {

YamlRange numbers(YamlRange::Type type, double least, double most) {
  return {.type = type, .least = least, .most = most, .allowed = {}};
}

}  // namespace

std::int64_t YamlReader::integer(const KeyText& key, std::int64_t least, std::int64_t most,
                                 std::optional<std::int64_t> otherwise) {
  const YAML::Node node = get(key.name, !otherwise);
  const auto value = node.IsDefined() ? as_integer(node) : otherwise;
  if (!value || (node.IsDefined() && (*value < least || *value > most)))
    throw Error(place(node, key.name), shown(node), fmt::format("a whole number from {} to {}", least, most));
  note(key, numbers(YamlRange::Type::integer, static_cast<double>(least), static_cast<double>(most)),
       std::to_string(*value), otherwise ? std::optional(std::to_string(*otherwise)) : std::nullopt);
  return *value;
}

std::map<std::string, std::int64_t, std::less<>> YamlReader::declared(std::span<const IntegerKey> keys) {
  std::map<std::string, std::int64_t, std::less<>> values;
  for (const IntegerKey& key : keys) {
    std::string name(key.name);
    const std::int64_t value = integer({name, "", std::string(key.meaning)}, key.min, key.max, key.otherwise);
    values.emplace(std::move(name), value);
  }
  return values;
}

double YamlReader::real(const KeyText& key, double least, double most, std::optional<double> otherwise) {
  const YAML::Node node = get(key.name, !otherwise);
  const YamlRange range = numbers(YamlRange::Type::real, least, most);
  double value = otherwise.value_or(0);
  if (node.IsDefined() && (!node.IsScalar() || !YAML::convert<double>::decode(node, value) ||
                           !std::isfinite(value) || value < least || value > most))
    throw Error(place(node, key.name), shown(node), to_string(range));
  note(key, range, fmt::format("{}", value),
       otherwise ? std::optional(fmt::format("{}", *otherwise)) : std::nullopt);
  return value;
}

bool YamlReader::flag(const KeyText& key, std::optional<bool> otherwise) {
  const YAML::Node node = get(key.name, !otherwise);
  const YamlRange range{.type = YamlRange::Type::flag, .allowed = {}};
  bool value = otherwise.value_or(false);
  if (node.IsDefined() && (!node.IsScalar() || !YAML::convert<bool>::decode(node, value)))
    throw Error(place(node, key.name), shown(node), to_string(range));
  const auto word = [](bool flag) { return std::string(flag ? "true" : "false"); };
  note(key, range, word(value), otherwise ? std::optional(word(*otherwise)) : std::nullopt);
  return value;
}

std::string YamlReader::text(const KeyText& key, std::optional<std::string> otherwise) {
  const YAML::Node node = get(key.name, !otherwise);
  if (node.IsDefined() && !node.IsScalar())
    throw Error(place(node, key.name), shown(node), "a word or a quoted text");
  std::string value = node.IsDefined() ? node.Scalar() : *otherwise;
  note(key, {}, value, otherwise);
  return value;
}

std::string YamlReader::word(const KeyText& key, const std::vector<std::string>& allowed,
                             std::optional<std::string> otherwise) {
  const std::optional<std::string> left_out = std::move(otherwise);
  std::string value = text(key, left_out);
  for (const std::string& candidate : allowed) {
    if (candidate != value) continue;
    note(key, {.type = YamlRange::Type::word, .allowed = allowed}, value, left_out);
    return value;
  }
  throw Error(where(key.name), "'" + value.substr(0, 60) + "'", did_you_mean(value, allowed));
}

std::vector<std::int64_t> YamlReader::integers(const KeyText& key, std::int64_t least, std::int64_t most) {
  const YAML::Node node = get(key.name, true);
  if (!node.IsSequence()) throw Error(place(node, key.name), shown(node), "a list of whole numbers");
  std::vector<std::int64_t> values;
  for (const auto& entry : node) {
    const auto value = as_integer(entry);
    if (!value || *value < least || *value > most)
      throw Error(place(entry, key.name), shown(entry),
                  fmt::format("a whole number from {} to {}", least, most));
    values.push_back(*value);
  }
  std::string list;
  for (const std::int64_t value : values) list += (list.empty() ? "" : ", ") + std::to_string(value);
  note(key, numbers(YamlRange::Type::integers, static_cast<double>(least), static_cast<double>(most)),
       "[" + list + "]", {});
  return values;
}

YamlReader YamlReader::child(const std::string& key) {
  return {get(key, true), file_, path_.empty() ? key : path_ + "." + key, origins_};
}

std::optional<YamlReader> YamlReader::maybe_child(const std::string& key) {
  if (!has(key)) return std::nullopt;
  return child(key);
}

std::vector<YamlReader> YamlReader::list(const std::string& key) {
  const YAML::Node node = get(key, true);
  if (!node.IsSequence()) throw Error(place(node, key), shown(node), "a list");
  std::vector<YamlReader> readers;
  for (std::size_t i = 0; i < node.size(); ++i) {
    readers.emplace_back(node[i], file_, fmt::format("{}{}[{}]", path_.empty() ? "" : path_ + ".", key, i),
                         origins_);
  }
  return readers;
}

std::vector<std::string> YamlReader::keys() const { return map_keys(node_); }

void YamlReader::done() const {
  for (const auto& entry : node_) {
    const std::string key = entry.first.Scalar();
    if (asked_.count(key) != 0) continue;
    throw Error(place(entry.first, key), "unknown key", did_you_mean(key, {asked_.begin(), asked_.end()}));
  }
}

}  // namespace basil
