// Reading JSON with errors that say where, what was found, and the nearest known field.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace basil {

// Parses a whole text; a syntax error or a field written twice is an Error "WHERE: ...".
[[nodiscard]] nlohmann::json parse_json(std::string_view text, const std::string& where);

// One object of a JSON document. Every field is asked for by name and type; done() refuses fields that
// nobody asked for. `where` is the place of the object, for messages. Keeps a reference to the value.
class JsonReader {
 public:
  // Throws Error unless the value is an object.
  JsonReader(const nlohmann::json& value, std::string where);

  [[nodiscard]] bool has(const std::string& field);
  // Without a default the field is required. Bounds are inclusive.
  [[nodiscard]] int integer(const std::string& field, int least, int most, std::optional<int> otherwise = {});
  [[nodiscard]] std::uint64_t unsigned_integer(const std::string& field);
  [[nodiscard]] float real(const std::string& field);
  [[nodiscard]] bool flag(const std::string& field, std::optional<bool> otherwise = {});
  [[nodiscard]] std::string text(const std::string& field, std::optional<std::string> otherwise = {});
  // Exactly as many integers as there are defaults; without the field, the defaults.
  [[nodiscard]] std::vector<int> integers(const std::string& field, int least, int most,
                                          const std::vector<int>& otherwise);
  [[nodiscard]] JsonReader child(const std::string& field);            // a required object
  [[nodiscard]] const nlohmann::json& list(const std::string& field);  // a required list
  [[nodiscard]] bool is_text(const std::string& field);                // present and a string
  [[nodiscard]] bool is_list(const std::string& field);                // present and a list
  [[nodiscard]] bool is_null(const std::string& field);                // present and null

  // Throws Error for the first field that nobody asked for.
  void done() const;

  // The place of a field, for errors of the caller's own.
  [[nodiscard]] std::string where(const std::string& field) const;
  // A better name for the place, once it is known.
  void rename(std::string where) { where_ = std::move(where); }

 private:
  [[nodiscard]] const nlohmann::json* find(const std::string& field);
  [[nodiscard]] const nlohmann::json& need(const std::string& field);
  [[noreturn]] void refuse(const std::string& field, const nlohmann::json& found,
                           const std::string& expected) const;
  [[nodiscard]] int as_integer(const std::string& field, const nlohmann::json& value, int least,
                               int most) const;

  const nlohmann::json& object_;
  std::string where_;
  std::set<std::string> asked_;
};

}  // namespace basil
