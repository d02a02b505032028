#include "core/error.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/names.h"

namespace basil {
namespace {

// A file may put a megabyte where a word belongs: its beginning and its end tell enough.
std::string clipped(const std::string& text) {
  constexpr std::size_t longest = 2000, tail = 500;
  if (text.size() <= longest) return text;
  const auto within_character = [&text](std::size_t at) { return (text[at] & 0xc0) == 0x80; };  // of UTF-8
  std::size_t first = longest - tail, last = text.size() - tail;
  while (first > 0 && within_character(first)) --first;
  while (last < text.size() && within_character(last)) ++last;
  return text.substr(0, first) + " ... " + text.substr(last);
}

constexpr char opens_field = '\xfe', closes_field = '\xff';

// On one line, with each field as `name_of` calls it.
std::string in_words(const std::string& marked,
                     const std::function<std::string(const std::string&)>& name_of) {
  std::string text;
  for (std::size_t at = 0; at < marked.size();) {
    const std::size_t open = marked.find(opens_field, at), close = marked.find(closes_field, open);
    if (close == std::string::npos) return text + printable(marked.substr(at));
    text += printable(marked.substr(at, open - at)) + name_of(marked.substr(open + 1, close - open - 1));
    at = close + 1;
  }
  return text;
}

std::string itself(const std::string& name) { return printable(name); }

std::string joined(const std::string& where, const std::string& found, const std::string& expected) {
  std::string text = where.empty() ? clipped(found) : clipped(where) + ": " + clipped(found);
  if (!expected.empty()) text += ", expected " + clipped(expected);
  return text;
}

}  // namespace

std::string field_name(const std::string& name) { return opens_field + name + closes_field; }

Error::Error(const std::string& where, const std::string& found, const std::string& expected)
    : Error(where, found, expected, joined(where, found, expected)) {}

Error::Error(const std::string& where, const std::string& found, const std::string& expected,
             const std::string& marked)
    : std::runtime_error(in_words(marked, itself)),
      where_(where),
      found_(found),
      expected_(expected),
      marked_(marked) {}

std::string Error::told(const std::function<std::string(const std::string&)>& name_of) const {
  return in_words(marked_, name_of);
}

Error Error::within(const std::string& outer) const {
  if (where_ == outer || where_.starts_with(outer + ":")) return *this;  // it says so already
  return {where_.empty() ? outer : outer + ": " + where_, found_, expected_};
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

}  // namespace basil
