// The one error a person sees: where it is, what was found there, what was expected.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

namespace basil {

// In a text of an Error: a field of the library, such as "options.layers", which others know by another name
// (an option of a command). It is marked by bytes that stand in no UTF-8, so that only what is given here is
// taken for one, whatever names of files and layers hold.
[[nodiscard]] std::string field_name(const std::string& name);

// Bad input or wrong use: the command prints what() on one line and exits with 2.
//   where     file, line or layer and field, e.g. "net.npz: layer conv1: weights.bitmap"
//   found     what stands there
//   expected  what should stand there (may be empty when `found` says it all)
// Fields of the library in them: by field_name().
class Error : public std::runtime_error {
 public:
  Error(const std::string& where, const std::string& found, const std::string& expected = {});

  // The same error seen from further out: `outer` is put in front of where.
  [[nodiscard]] Error within(const std::string& outer) const;

  // what(), each field of the library as `name_of` calls it.
  [[nodiscard]] std::string told(const std::function<std::string(const std::string&)>& name_of) const;
  // For another process: Error("", marked()) says the same, and knows its fields.
  [[nodiscard]] const std::string& marked() const { return marked_; }

 private:
  Error(const std::string& where, const std::string& found, const std::string& expected,
        const std::string& marked);

  std::string where_, found_, expected_, marked_;
};

// The work itself failed (a mismatch with the golden executor, an account that does not close):
// the command prints what() and exits with 1.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The known word nearest to `word` (edit distance), for "did you mean"; empty when none is near.
template <class Words>
std::string nearest(const std::string& word, const Words& known);

// What to expect in place of an unknown word: "one of a, b, c (did you mean b?)".
template <class Words>
std::string one_of(const Words& known, const std::string& word);

// Letters to insert, drop, replace, or swap with their neighbour.
std::size_t edit_distance(const std::string& a, const std::string& b);

template <class Words>
std::string nearest(const std::string& word, const Words& known) {
  std::string best;
  std::size_t best_distance = word.size() / 2 + 1;
  for (const auto& candidate : known) {
    const std::size_t distance = edit_distance(word, std::string(candidate));
    if (distance < best_distance) {
      best_distance = distance;
      best = std::string(candidate);
    }
  }
  return best;
}

template <class Words>
std::string one_of(const Words& known, const std::string& word) {
  std::string text;
  for (const auto& candidate : known) {
    text += text.empty() ? "one of " : ", ";
    text += candidate;
  }
  const std::string near = nearest(word, known);
  return near.empty() ? text : text + " (did you mean " + near + "?)";
}

}  // namespace basil
