#include "models/result/parts.h"

#include <algorithm>

namespace basil {

std::string column_word(std::string_view word) {
  std::string text(word);
  std::replace(text.begin(), text.end(), '-', '_');
  std::replace(text.begin(), text.end(), ' ', '_');
  return text;
}

std::string bin_column(Bin bin) { return "bin_" + column_word(to_string(bin)); }
std::string component_column(std::string_view component) { return column_word(component) + "_pj"; }
std::string tagged_column(Tag tag) { return "tagged_" + column_word(to_string(tag)) + "_pj"; }

}  // namespace basil
