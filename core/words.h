// The words of an enum: one table of them, read both ways.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"

namespace basil {

template <class Value, std::size_t n>
using Words = std::array<std::pair<Value, std::string_view>, n>;

template <class Table, class Value>
[[nodiscard]] std::string_view word_of(const Table& table, Value value) {
  for (const auto& [known, word] : table) {
    if (known == value) return word;
  }
  return "?";
}

// Error at `where` with the nearest known word for one that is not in the table.
template <class Table>
[[nodiscard]] auto parse_word(const Table& table, const std::string& word, const std::string& where) {
  std::vector<std::string_view> words;
  for (const auto& [value, known] : table) {
    if (known == word) return value;
    words.push_back(known);
  }
  throw Error(where, "'" + word + "'", one_of(words, word));
}

}  // namespace basil
