#include "core/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/error.h"

namespace basil {
namespace {

inline constexpr int deepest = 64;  // brackets and signs in each other, to spare the stack

bool starts_key(char letter) {
  return std::isalpha(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}
bool in_key(char letter) {
  return starts_key(letter) || std::isdigit(static_cast<unsigned char>(letter)) != 0 || letter == '.';
}

}  // namespace

ExpressionValue value_of(const std::string& word) {
  if (word == "true") return 1.0;
  if (word == "false") return 0.0;
  double number = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  if (error == std::errc() && stop == end && std::isfinite(number)) return number;
  return word;
}

// Recursive descent: a function for each level of the grammar, which returns its node.
class ExpressionParser {
 public:
  ExpressionParser(const std::string& text, const std::string& where) : text_(text) {
    built_.text_ = text;
    built_.where_ = where;
  }

  Expression parse() {
    either();
    if (const char next = peek(); next != '\0') refuse("an operator or the end");
    return std::move(built_);
  }

 private:
  using Operator = Expression::Operator;

  std::size_t either() {
    const Nesting nesting(*this);
    std::size_t left = both();
    while (take_word("or")) left = node(Operator::either, left, both());
    return left;
  }

  std::size_t both() {
    std::size_t left = inverse();
    while (take_word("and")) left = node(Operator::both, left, inverse());
    return left;
  }

  std::size_t inverse() {
    const Nesting nesting(*this);
    if (!take_word("not")) return comparison();
    const std::size_t operand = inverse();
    return node(Operator::inverse, operand, operand);
  }

  std::size_t comparison() {
    const std::size_t left = sum();
    const auto what = take_comparison();
    if (!what) return left;
    const std::size_t whole = node(*what, left, sum());
    if (take_comparison()) refuse("'and' between two comparisons");
    return whole;
  }

  std::size_t sum() {
    std::size_t left = product();
    while (true) {
      if (take("+")) {
        left = node(Operator::plus, left, product());
      } else if (take("-")) {
        left = node(Operator::minus, left, product());
      } else {
        return left;
      }
    }
  }

  std::size_t product() {
    std::size_t left = factor();
    while (true) {
      if (take("*")) {
        left = node(Operator::times, left, factor());
      } else if (take("/")) {
        left = node(Operator::over, left, factor());
      } else if (take("%")) {
        left = node(Operator::remainder, left, factor());
      } else {
        return left;
      }
    }
  }

  std::size_t factor() {
    const Nesting nesting(*this);
    if (take("-")) {
      const std::size_t operand = factor();
      return node(Operator::negative, operand, operand);
    }
    if (take("(")) {
      const std::size_t inner = either();
      if (!take(")")) refuse("')'");
      return inner;
    }
    const char next = peek();
    if (next == '\'') return quoted();
    if (std::isdigit(static_cast<unsigned char>(next)) != 0 || next == '.') return number();
    if (starts_key(next)) return key_or_call();
    refuse("a number, a key or '('");
  }

  std::size_t quoted() {
    const std::size_t first = ++at_;
    const std::size_t end = text_.find('\'', first);
    if (end == std::string::npos) {
      at_ = text_.size();
      refuse("a closing quote");
    }
    at_ = end + 1;
    return leaf({.what = Operator::word, .text = text_.substr(first, end - first)});
  }

  std::size_t number() {
    double value = 0;
    const auto [stop, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc()) refuse("a number");
    at_ = static_cast<std::size_t>(stop - text_.data());
    return leaf({.what = Operator::number, .number = value, .text = {}});
  }

  std::size_t key_or_call() {
    const std::size_t first = at_;
    while (at_ < text_.size() && in_key(text_[at_])) ++at_;
    const std::string word = text_.substr(first, at_ - first);
    if (word == "and" || word == "or" || word == "not") {
      at_ = first;
      refuse("a number, a key or '('");
    }
    if (peek() == '(') return call(word, first);
    if (std::find(built_.keys_.begin(), built_.keys_.end(), word) == built_.keys_.end())
      built_.keys_.push_back(word);
    return leaf({.what = Operator::key, .text = word});
  }

  std::size_t call(const std::string& function, std::size_t first) {
    if (function != "min" && function != "max" && function != "log2") {
      at_ = first;
      refuse("min, max or log2 before '('");
    }
    take("(");
    const std::size_t left = either();
    std::size_t right = left;
    if (function != "log2") {
      if (!take(",")) refuse("','");
      right = either();
    }
    if (!take(")")) refuse("')'");
    if (function == "log2") return node(Operator::log2, left, right);
    return node(function == "min" ? Operator::least : Operator::greatest, left, right);
  }

  std::optional<Operator> take_comparison() {
    if (take("<=")) return Operator::at_most;
    if (take(">=")) return Operator::at_least;
    if (take("==")) return Operator::equal;
    if (take("!=")) return Operator::unequal;
    if (take("<")) return Operator::less;
    if (take(">")) return Operator::more;
    return std::nullopt;
  }

  char peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool take(std::string_view sign) {
    peek();
    if (text_.compare(at_, sign.size(), sign) != 0) return false;
    at_ += sign.size();
    return true;
  }

  bool take_word(std::string_view word) {
    peek();
    const std::size_t end = at_ + word.size();
    if (text_.compare(at_, word.size(), word) != 0 || (end < text_.size() && in_key(text_[end])))
      return false;
    at_ = end;
    return true;
  }

  std::size_t leaf(Expression::Node node) {
    built_.nodes_.push_back(std::move(node));
    return built_.nodes_.size() - 1;
  }
  std::size_t node(Operator what, std::size_t left, std::size_t right) {
    return leaf({.what = what, .text = {}, .left = left, .right = right});
  }

  [[noreturn]] void refuse(const std::string& expected) {
    const bool ended = peek() == '\0';
    throw Error(fmt::format("{}: '{}'", built_.where_, text_),
                ended ? "the end" : fmt::format("'{}' at column {}", text_.substr(at_, 20), at_ + 1),
                expected);
  }

  struct Nesting {
    explicit Nesting(ExpressionParser& owner) : parser(owner) {
      if (++parser.depth_ > 3 * deepest)
        throw Error(parser.built_.where_, fmt::format("nested deeper than {}", deepest),
                    "a flatter expression");
    }
    ~Nesting() { --parser.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    ExpressionParser& parser;
  };

  const std::string& text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  Expression built_;
};

Expression Expression::parse(const std::string& text, const std::string& where) {
  return ExpressionParser(text, where).parse();
}

double Expression::number(const Lookup& lookup) const { return operand(nodes_.size() - 1, lookup); }

double Expression::operand(std::size_t node, const Lookup& lookup) const {
  const ExpressionValue value = evaluate(node, lookup);
  if (const double* number = std::get_if<double>(&value)) return *number;
  throw Error(where_ + ": '" + text_ + "'", "'" + std::get<std::string>(value) + "' in a calculation",
              "a number");
}

ExpressionValue Expression::evaluate(std::size_t index, const Lookup& lookup) const {
  const Node& node = nodes_[index];
  const auto left = [&] { return operand(node.left, lookup); };
  const auto right = [&] { return operand(node.right, lookup); };
  const auto truth = [](bool holds) { return holds ? 1.0 : 0.0; };
  switch (node.what) {
    case Operator::number:
      return node.number;
    case Operator::word:
      return node.text;
    case Operator::key:
      return lookup(node.text);
    case Operator::either:
      return truth(left() != 0 || right() != 0);
    case Operator::both:
      return truth(left() != 0 && right() != 0);
    case Operator::inverse:
      return truth(left() == 0);
    case Operator::less:
      return truth(left() < right());
    case Operator::at_most:
      return truth(left() <= right());
    case Operator::equal:
      return truth(evaluate(node.left, lookup) == evaluate(node.right, lookup));
    case Operator::unequal:
      return truth(evaluate(node.left, lookup) != evaluate(node.right, lookup));
    case Operator::at_least:
      return truth(left() >= right());
    case Operator::more:
      return truth(left() > right());
    case Operator::plus:
      return left() + right();
    case Operator::minus:
      return left() - right();
    case Operator::times:
      return left() * right();
    case Operator::over:
      return left() / right();
    case Operator::remainder:
      return std::fmod(left(), right());
    case Operator::negative:
      return -left();
    case Operator::least:
      return std::min(left(), right());
    case Operator::greatest:
      return std::max(left(), right());
    case Operator::log2:
      return std::log2(left());
  }
  return 0.0;
}

}  // namespace basil
