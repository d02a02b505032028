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
  ASSERT_EQ(parsed.kind, Answer::Kind::result) << parsed.text;
  const auto json = nlohmann::json::parse(parsed.text);
  EXPECT_TRUE(json.at("program").get<std::string>().starts_with("basil test, build "));
  ASSERT_EQ(parsed.ofmaps.size(), json.at("layers").size());
  for (const Ofmap& ofmap : parsed.ofmaps)
    EXPECT_EQ(ofmap.sums.size(), static_cast<std::size_t>(ofmap.N) * static_cast<std::size_t>(ofmap.P) *
                                     static_cast<std::size_t>(ofmap.Q) * static_cast<std::size_t>(ofmap.K));

  // Cut anywhere, it is refused, or ends with a whole ofmap.
  check_property(200, [&] {
    const std::string part =
        bytes.substr(0, static_cast<std::size_t>(*anywhere_in(0, static_cast<int>(bytes.size()))));
    try {
      RC_ASSERT(parse_answer(part).ofmaps.size() < parsed.ofmaps.size());
    } catch (const Failure&) { RC_SUCCEED("refused"); }
  });
}

TEST(PythonAnswer, IsTheLineOfABadInput) {
  const Answer parsed =
      parse_answer(answer({.trace = "nothing.npz", .accelerator = "eyeriss"}, "basil test"));
  EXPECT_EQ(parsed.kind, Answer::Kind::error);
  EXPECT_NE(parsed.text.find("nothing.npz"), std::string::npos) << parsed.text;
}

TEST(PythonAnswer, SpeaksOfArguments) {
  const auto said = [](const Request& request) { return parse_answer(answer(request, "basil test")).text; };
  const std::string trace = sample("lenet.npz");
  EXPECT_TRUE(said({.trace = trace, .accelerator = "eyeriss", .layers = {"options.x"}})
                  .starts_with("layers options.x: no such layer"));
  EXPECT_EQ(said({.trace = trace, .accelerator = "eyeriss", .fidelity = "fast"}),
            "fidelity: 'fast', expected transaction or cycle");
  EXPECT_EQ(said({.trace = trace, .accelerator = "eyeriss", .memory = "much"}).find("memory: 'much', "), 0U);
}

}  // namespace
}  // namespace basil
