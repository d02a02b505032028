#include "traces/encodings/encoding.h"

#include "core/error.h"

namespace basil {

std::vector<Encoding> plain_encodings() {
  std::vector<Encoding> plain;
  for (const Encoding encoding : encoding_types()) {
    if (!encoding->only_weights) plain.push_back(encoding);
  }
  return plain;
}

Encoding parse_encoding(const std::string& word, const std::string& where) {
  std::vector<std::string_view> words;
  for (const Encoding encoding : encoding_types()) {
    if (encoding->name == word) return encoding;
    words.push_back(encoding->name);
  }
  throw Error(where, "'" + word + "'", one_of(words, word));
}

}  // namespace basil
