// For tests: a RapidCheck property tried on a chosen number of random works, inside a GoogleTest.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <sstream>
#include <string>
#include <utility>

namespace basil {

// Any of min .. end - 1 from the first work on. rc::gen::inRange keeps near `min` until late in a test, which
// turns a density of 30 % zeros into nothing but zeros.
[[nodiscard]] inline rc::Gen<int> anywhere_in(int min, int end) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange(min, end));
}
// One of them drawn: low .. high.
[[nodiscard]] inline int in(int low, int high) { return *anywhere_in(low, high + 1); }

template <class Property>
void check_property(int works, Property&& property) {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  rc::detail::TestMetadata metadata;
  metadata.id = std::string(test->test_suite_name()) + "/" + test->name();
  metadata.description = test->name();
  auto parameters = rc::detail::configuration().testParams;
  parameters.maxSuccess = works;

  const auto result = rc::detail::checkProperty(rc::detail::toProperty(std::forward<Property>(property)),
                                                metadata, parameters);
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  EXPECT_TRUE(result.template is<rc::detail::SuccessResult>()) << text.str();
}

}  // namespace basil
