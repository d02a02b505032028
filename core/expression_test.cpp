#include "core/expression.h"

#include <gtest/gtest.h>

#include <map>

#include "core/error.h"
#include "core/testing/property_check.h"

namespace basil {
namespace {

ExpressionValue lookup(const std::string& key) {
  static const std::map<std::string, ExpressionValue> values{
      {"array.rows", 12.0}, {"array.cols", 14.0}, {"unit.dtype", std::string("int8")}, {"or_more", 5.0}};
  const auto found = values.find(key);
  return found == values.end() ? 1.0 : found->second;
}

double number(const std::string& text) { return Expression::parse(text, "study").number(lookup); }

TEST(Expression, BindsAsArithmeticDoes) {
  EXPECT_EQ(number("1 + 2 * 3"), 7);
  EXPECT_EQ(number("(1 + 2) * 3"), 9);
  EXPECT_EQ(number("10 - 4 - 3"), 3);  // to the left
  EXPECT_EQ(number("64 / 8 / 2"), 4);
  EXPECT_EQ(number("7 % 4 * 2"), 6);
  EXPECT_EQ(number("-2 * -(1 + 2)"), 6);
  EXPECT_EQ(number("min(3, max(1, 2)) + log2(8)"), 5);
  EXPECT_EQ(number("1.5e3"), 1500);
}

TEST(Expression, ComparesAndJoins) {
  EXPECT_EQ(number("array.rows * array.cols <= 168"), 1);
  EXPECT_EQ(number("array.rows * array.cols < 168"), 0);
  EXPECT_EQ(number("unit.dtype == 'int8' and array.rows != 13"), 1);
  EXPECT_EQ(number("not array.rows == 12 or array.cols >= 14"), 1);
  EXPECT_EQ(number("not (array.rows == 12 or array.cols >= 14)"), 0);
  EXPECT_EQ(number("1 or 0 and 0"), 1);  // and binds tighter
  EXPECT_EQ(number("or_more + 1"), 6);   // a key may begin like a word
}

TEST(Expression, NamesItsKeysOnce) {
  const Expression expression = Expression::parse("array.rows + array.cols * array.rows", "study");
  EXPECT_EQ(expression.keys(), (std::vector<std::string>{"array.rows", "array.cols"}));
}

TEST(Expression, SaysWhereItIsNone) {
  const std::vector<std::pair<std::string, std::string>> refusals{
      {"array.rows *", "the end, expected a number, a key or '('"},
      {"(1 + 2", "the end, expected ')'"},
      {"1 + + 2", "'+ 2' at column 5, expected a number, a key or '('"},
      {"1 2", "'2' at column 3, expected an operator or the end"},
      {"1 < 2 < 3", "'3' at column 9, expected 'and' between two comparisons"},
      {"sqrt(2)", "'sqrt(2)' at column 1, expected min, max or log2 before '('"},
      {"min(2)", "')' at column 6, expected ','"},
      {"x == 'int8", "the end, expected a closing quote"},
      {"array.rows = 8", "'= 8' at column 12, expected an operator or the end"},
      {"1 + and", "'and' at column 5, expected a number, a key or '('"},
      {"", "the end, expected a number"},
      {"unit.dtype + 1", "'int8' in a calculation, expected a number"},
      {std::string(1000, '('), "nested deeper than"},
      {std::string(1000, '-') + "1", "nested deeper than"}};
  for (const auto& [text, expected] : refusals) {
    try {
      static_cast<void>(number(text));
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(expected), std::string::npos) << error.what();
      EXPECT_EQ(std::string(error.what()).rfind("study: ", 0), 0U) << error.what();
    }
  }
}

// Whatever is written there: a value or one Error.
TEST(Expression, AnyTextIsReadOrRefused) {
  check_property(500, [](const std::vector<std::uint8_t>& picks) {
    const std::vector<std::string> pieces{"1",      "2.5", "array.rows", "(",    ")",   "+",  "-",   "*",
                                          "/",      "%",   "<=",         "==",   "and", "or", "not", " ",
                                          "'int8'", "min", ",",          "log2", "$",   "."};
    std::string text;
    for (const std::uint8_t pick : picks) text += pieces[pick % pieces.size()] + " ";
    try {
      static_cast<void>(number(text));
    } catch (const Error&) { return; }
  });
}

TEST(Expression, AWordIsANumberWhereItReadsAsOne) {
  EXPECT_EQ(value_of("16"), ExpressionValue(16.0));
  EXPECT_EQ(value_of("0.5"), ExpressionValue(0.5));
  EXPECT_EQ(value_of("true"), ExpressionValue(1.0));
  EXPECT_EQ(value_of("int8"), ExpressionValue(std::string("int8")));
  EXPECT_EQ(value_of("65nm"), ExpressionValue(std::string("65nm")));
  EXPECT_EQ(value_of("inf"), ExpressionValue(std::string("inf")));
}

}  // namespace
}  // namespace basil
