// Arithmetic and comparisons over named values: constraints such as "array.rows * array.cols <= 1024".
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace basil {

// A number, or a word such as "int8".
using ExpressionValue = std::variant<double, std::string>;

// What a word of a file means: a number where it reads as one, 1 and 0 for true and false, else itself.
[[nodiscard]] ExpressionValue value_of(const std::string& word);

// From weakest to strongest: or, and, not, one comparison (< <= == != >= >), + -, * / %, unary -; brackets;
// min(a, b), max(a, b), log2(a); numbers, keys (letters, digits, _ and .), words in single quotes.
class Expression {
 public:
  using Lookup = std::function<ExpressionValue(const std::string& key)>;

  // Error at `where` with the column in `text`, what was found there and what was expected.
  [[nodiscard]] static Expression parse(const std::string& text, const std::string& where);

  [[nodiscard]] const std::string& text() const { return text_; }
  // As written, each once, in order.
  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }
  // Error where a word stands for a number.
  [[nodiscard]] double number(const Lookup& lookup) const;
  [[nodiscard]] bool holds(const Lookup& lookup) const { return number(lookup) != 0; }

 private:
  friend class ExpressionParser;
  enum class Operator {
    number,
    word,
    key,
    either,
    both,
    inverse,
    less,
    at_most,
    equal,
    unequal,
    at_least,
    more,
    plus,
    minus,
    times,
    over,
    remainder,
    negative,
    least,
    greatest,
    log2
  };
  struct Node {
    Operator what = Operator::number;
    double number = 0;
    std::string text;
    std::size_t left = 0, right = 0;  // operands, in nodes_
  };

  [[nodiscard]] ExpressionValue evaluate(std::size_t node, const Lookup& lookup) const;
  [[nodiscard]] double operand(std::size_t node, const Lookup& lookup) const;

  std::string text_, where_;
  std::vector<std::string> keys_;
  std::vector<Node> nodes_;  // the whole is the last
};

}  // namespace basil
