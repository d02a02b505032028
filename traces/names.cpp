// The words of kinds, encodings and dtypes.
#include <array>
#include <utility>
#include <vector>

#include "core/error.h"
#include "traces/trace.h"

namespace basil {
namespace {

template <class Value, std::size_t n>
using Words = std::array<std::pair<Value, std::string_view>, n>;

constexpr Words<Kind, 5> kinds = {{{Kind::conv, "conv"},
                                   {Kind::depthwise, "depthwise"},
                                   {Kind::fc, "fc"},
                                   {Kind::pool, "pool"},
                                   {Kind::add, "add"}}};
constexpr Words<Encoding, 7> encodings = {{{Encoding::dense, "dense"},
                                           {Encoding::bitmap, "bitmap"},
                                           {Encoding::run_length, "run_length"},
                                           {Encoding::power_of_two, "power_of_two"},
                                           {Encoding::basis, "basis"},
                                           {Encoding::comparator, "comparator"},
                                           {Encoding::binary, "binary"}}};
constexpr Words<Dtype, 5> dtypes = {{{Dtype::int4, "int4"},
                                     {Dtype::int8, "int8"},
                                     {Dtype::uint8, "uint8"},
                                     {Dtype::int16, "int16"},
                                     {Dtype::fp32, "fp32"}}};

template <class Table, class Value>
std::string_view word_of(const Table& table, Value value) {
  for (const auto& [known, word] : table) {
    if (known == value) return word;
  }
  return "?";
}

template <class Table>
auto value_of(const Table& table, const std::string& word, const std::string& where) {
  std::vector<std::string_view> words;
  for (const auto& [value, known] : table) {
    if (known == word) return value;
    words.push_back(known);
  }
  throw Error(where, "'" + word + "'", one_of(words, word));
}

}  // namespace

std::string_view to_string(Kind kind) { return word_of(kinds, kind); }
std::string_view to_string(Encoding encoding) { return word_of(encodings, encoding); }
std::string_view to_string(Dtype dtype) { return word_of(dtypes, dtype); }

Kind parse_kind(const std::string& word, const std::string& where) { return value_of(kinds, word, where); }
Encoding parse_encoding(const std::string& word, const std::string& where) {
  return value_of(encodings, word, where);
}
Dtype parse_dtype(const std::string& word, const std::string& where) { return value_of(dtypes, word, where); }

}  // namespace basil
