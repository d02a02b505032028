// What a child answers, whole and cut short.
#include "testbenches/python/answer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/testing/property_check.h"

namespace basil {
namespace {

std::string sample(const std::string& name) {
  return std::string(BASIL_SOURCE_DIR) + "/traces/samples/" + name;
}

TEST(PythonAnswer, HasTheResultAndTheSums) {
  const std::string bytes =
      answer({.trace = sample("lenet.npz"), .accelerator = "eyeriss", .ofmaps = true}, "basil test");
  const Answer parsed = parse_answer(bytes);
  const auto& json = parsed.result;
  EXPECT_TRUE(json.at("program").get<std::string>().starts_with("basil test, build "));
  ASSERT_EQ(parsed.ofmaps.size(), json.at("layers").size());
  for (const Ofmap& ofmap : parsed.ofmaps)
    EXPECT_EQ(ofmap.sums.size(), static_cast<std::size_t>(ofmap.N) * static_cast<std::size_t>(ofmap.P) *
                                     static_cast<std::size_t>(ofmap.Q) * static_cast<std::size_t>(ofmap.K));

  // Cut anywhere, it is refused.
  check_property(200, [&] {
    const std::string part =
        bytes.substr(0, static_cast<std::size_t>(*anywhere_in(0, static_cast<int>(bytes.size()))));
    RC_ASSERT_THROWS_AS(parse_answer(part), Failure);
  });
}

TEST(PythonAnswer, IsTheLineOfABadInput) {
  const std::string bytes = answer({.trace = "nothing.npz", .accelerator = "eyeriss"}, "basil test");
  try {
    static_cast<void>(parse_answer(bytes));
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("nothing.npz"), std::string::npos) << error.what();
  }
}

TEST(PythonAnswer, SpeaksOfArguments) {
  const auto said = [](const Request& request) -> std::string {
    try {
      static_cast<void>(parse_answer(answer(request, "basil test")));
    } catch (const Error& error) { return error.what(); }
    return "no Error";
  };
  const std::string trace = sample("lenet.npz");
  EXPECT_TRUE(said({.trace = trace, .accelerator = "eyeriss", .layers = {"options.x"}})
                  .starts_with("layers options.x: no such layer"));
  EXPECT_EQ(said({.trace = trace, .accelerator = "eyeriss", .fidelity = "fast"}),
            "fidelity: 'fast', expected transaction or cycle");
  EXPECT_EQ(said({.trace = trace, .accelerator = "eyeriss", .memory = "much"}).find("memory: 'much', "), 0U);
}

}  // namespace
}  // namespace basil
