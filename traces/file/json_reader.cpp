#include "traces/file/json_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/names.h"

namespace basil {
namespace {

using nlohmann::json;

// What stands there, short enough for one line.
std::string excerpt(const json& value) {
  constexpr std::size_t longest = 60;
  if (value.is_object()) return "an object";
  if (value.is_array()) return fmt::format("a list of {}", value.size());
  const std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  return text.size() <= longest ? text : text.substr(0, longest) + "...";
}

inline constexpr std::size_t deepest = 64;

// Reads a text once before it is parsed: for its syntax, for fields written twice in one object, which the
// parser would let pass, and for nesting that no file of ours has. Linear in the text, unlike the parser's
// callbacks.
class Survey : public nlohmann::json_sax<json> {
 public:
  Survey(std::string_view text, std::string where) : text_(text), where_(std::move(where)) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t) override { return true; }
  bool number_unsigned(std::uint64_t) override { return true; }
  bool number_float(double, const std::string&) override { return true; }
  bool string(std::string&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }

  bool key(std::string& field) override {
    if (!fields_.back().insert(field).second)
      throw Error(where_, "field " + excerpt(field) + " twice in one object", "it once");
    return true;
  }

  // `position`: of bytes read, of which the last one cannot be.
  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    if (position > text_.size()) throw Error(where_, "not JSON: it ends too early");
    constexpr std::size_t most_shown = 20;
    const std::string_view read = text_.substr(0, position);
    const auto line = 1 + std::count(read.begin(), read.end() - 1, '\n');
    const std::size_t before = read.substr(0, position - 1).find_last_of('\n');
    const std::size_t column = position - (before == std::string_view::npos ? 0 : before + 1);
    std::string_view shown = read.substr(position - std::min(column, most_shown));
    shown.remove_prefix(std::min(shown.find_first_not_of(" \t"), shown.size() - 1));
    throw Error(where_, fmt::format("not JSON: line {}, column {}: '{}'", line, column, printable(shown)));
  }

 private:
  bool open() {
    if (fields_.size() == deepest)
      throw Error(where_, fmt::format("nested deeper than {}", deepest), "a flatter file");
    fields_.emplace_back();
    return true;
  }
  bool close() {
    fields_.pop_back();
    return true;
  }

  std::string_view text_;
  std::string where_;
  std::vector<std::set<std::string>> fields_;  // of each object or list that is open
};

}  // namespace

json parse_json(std::string_view text, const std::string& where) {
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
    throw Error(where, fmt::format("a NUL byte at {}", nul), "JSON to the end");
  Survey survey(text, where);
  json::sax_parse(text, &survey);
  return json::parse(text);
}

JsonReader::JsonReader(const json& value, std::string where) : object_(value), where_(std::move(where)) {
  if (!value.is_object()) throw Error(where_, excerpt(value), "an object");
}

std::string JsonReader::where(const std::string& field) const {
  const bool plain = where_.empty() || where_.ends_with(' ');
  return where_ + (plain ? "" : ".") + field;
}

void JsonReader::refuse(const std::string& field, const json& found, const std::string& expected) const {
  throw Error(where(field), excerpt(found), expected);
}

const json* JsonReader::find(const std::string& field) {
  asked_.insert(field);
  const auto found = object_.find(field);
  return found == object_.end() ? nullptr : &*found;
}

const json& JsonReader::need(const std::string& field) {
  const json* found = find(field);
  if (found != nullptr) return *found;
  for (const auto& [key, value] : object_.items()) {  // misspelt, perhaps
    if (!asked_.contains(key) && nearest(key, asked_) == field) {
      throw Error(where(key), "an unknown field", field);
    }
  }
  throw Error(where(field), "nothing", "this field");
}

bool JsonReader::has(const std::string& field) { return find(field) != nullptr; }

bool JsonReader::is_text(const std::string& field) {
  const json* found = find(field);
  return found != nullptr && found->is_string();
}

bool JsonReader::is_list(const std::string& field) {
  const json* found = find(field);
  return found != nullptr && found->is_array();
}

bool JsonReader::is_null(const std::string& field) {
  const json* found = find(field);
  return found != nullptr && found->is_null();
}

int JsonReader::as_integer(const std::string& field, const json& value, int least, int most) const {
  const std::string expected = fmt::format("an integer, {} to {}", least, most);
  if (!value.is_number_integer()) refuse(field, value, expected);
  const bool huge = value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX;
  if (huge || value.get<std::int64_t>() < least || value.get<std::int64_t>() > most) {
    refuse(field, value, expected);
  }
  return value.get<int>();
}

int JsonReader::integer(const std::string& field, int least, int most, std::optional<int> otherwise) {
  if (otherwise && !has(field)) return *otherwise;
  return as_integer(field, need(field), least, most);
}

std::uint64_t JsonReader::unsigned_integer(const std::string& field) {
  const json& value = need(field);
  if (!value.is_number_unsigned()) refuse(field, value, "an integer, 0 or more");
  return value.get<std::uint64_t>();
}

float JsonReader::real(const std::string& field) {
  const json& value = need(field);
  if (!value.is_number()) refuse(field, value, "a number");
  return value.get<float>();
}

bool JsonReader::flag(const std::string& field, std::optional<bool> otherwise) {
  if (otherwise && !has(field)) return *otherwise;
  const json& value = need(field);
  if (!value.is_boolean()) refuse(field, value, "true or false");
  return value.get<bool>();
}

std::string JsonReader::text(const std::string& field, std::optional<std::string> otherwise) {
  if (otherwise && !has(field)) return *otherwise;
  const json& value = need(field);
  if (!value.is_string()) refuse(field, value, "a text");
  return value.get<std::string>();
}

std::vector<int> JsonReader::integers(const std::string& field, int least, int most,
                                      const std::vector<int>& otherwise) {
  if (!has(field)) return otherwise;
  const json& value = need(field);
  if (!value.is_array() || value.size() != otherwise.size()) {
    refuse(field, value, fmt::format("a list of {}", otherwise.size()));
  }
  std::vector<int> integers;
  for (const json& element : value) integers.push_back(as_integer(field, element, least, most));
  return integers;
}

JsonReader JsonReader::child(const std::string& field) { return {need(field), where(field)}; }

const json& JsonReader::list(const std::string& field) {
  const json& value = need(field);
  if (!value.is_array()) refuse(field, value, "a list");
  return value;
}

void JsonReader::done() const {
  for (const auto& [key, value] : object_.items()) {
    if (!asked_.contains(key)) throw Error(where(key), "an unknown field", one_of(asked_, key));
  }
}

}  // namespace basil
