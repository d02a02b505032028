// RFC 8949: what goes on the wire comes off it, to the last bit; what is no answer is refused, and nothing
// else happens.
#include "models/processes/wire.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <new>
#include <stdexcept>

#include "core/error.h"
#include "core/testing/property_check.h"

namespace basil {
namespace {

TEST(Wire, KeepsEveryValueToTheBit) {
  const WireValue value{{"least", std::numeric_limits<std::int64_t>::min()},
                        {"most", std::numeric_limits<std::int64_t>::max()},
                        {"large", std::numeric_limits<std::uint64_t>::max()},
                        {"tenth", 0.1},
                        {"tiny", std::numeric_limits<double>::denorm_min()},
                        {"huge", std::numeric_limits<double>::max()},
                        {"zero", -0.0},
                        {"flags", {true, false, nullptr}},
                        {"text", "gr\xc3\xbc\xc3\x9f\n\"\x01"},
                        {"bytes", WireValue::binary({0, 255, 128})},
                        {"nothing", WireValue::object()}};
  const WireValue again = from_wire(to_wire(value));
  EXPECT_EQ(again, value);
  EXPECT_EQ(again.dump(), value.dump());  // the order of keys, and whole numbers that stay whole
  EXPECT_TRUE(std::signbit(again["zero"].get<double>()));
  EXPECT_TRUE(std::isinf(from_wire(to_wire(HUGE_VAL)).get<double>()));
  EXPECT_TRUE(std::isnan(from_wire(to_wire(std::nan(""))).get<double>()));
}

const WireValue layers = {{{"layer", "conv1"}, {"cycles", 300}, {"energy_pj", 1e-3}, {"verified", true}},
                          {{"layer", "fc"}, {"cycles", 70000}, {"energy_pj", 2.5e9}, {"verified", false}}};

// Cut anywhere, or with bytes after it.
TEST(Wire, RefusesWhatIsNotWhole) {
  const std::string bytes = to_wire({{"value", layers}});
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_THROW(static_cast<void>(from_wire(bytes.substr(0, length))), Failure) << length;
  EXPECT_THROW(static_cast<void>(from_wire(bytes + '\0')), Failure);
  EXPECT_NO_THROW(static_cast<void>(from_wire(bytes)));
}

// With bytes changed it is another answer, or an Error or Failure: never another exception, or a crash.
TEST(Wire, OfOtherBytesIsAnAnswerOrNone) {
  const std::string whole = to_wire({{"value", layers}});
  check_property(5000, [&] {
    std::string bytes = whole;
    for (int i = *anywhere_in(1, 4); i > 0; --i)
      bytes[static_cast<std::size_t>(*anywhere_in(0, static_cast<int>(bytes.size())))] =
          static_cast<char>(*anywhere_in(0, 256));
    try {
      static_cast<void>(value_in(bytes));
    } catch (const Error&) {
    } catch (const Failure&) {}
  });
}

TEST(Wire, CarriesWhatTheWorkMet) {
  EXPECT_EQ(value_in(answer_of([] { return layers; })), layers);
  try {
    static_cast<void>(
        value_in(answer_of([]() -> WireValue { throw Error("array.rows", "0", "1 or more"); })));
    FAIL();
  } catch (const Error& error) { EXPECT_STREQ(error.what(), "array.rows: 0, expected 1 or more"); }
  try {
    static_cast<void>(value_in(answer_of(
        []() -> WireValue { throw std::runtime_error("[json.exception.type_error.302] no way"); })));
    FAIL();
  } catch (const Failure& failure) { EXPECT_STREQ(failure.what(), "no way"); }
  EXPECT_THROW(static_cast<void>(value_in(answer_of([]() -> WireValue { throw std::bad_alloc(); }))), Error);
}

TEST(Wire, RefusesAnswersOfAnotherShape) {
  for (const WireValue& no_answer :
       {WireValue(), WireValue(5), WireValue::array({1}), WireValue{{"valeu", 1}}, WireValue{{"error", 5}},
        WireValue{{"failure", nullptr}}})
    EXPECT_THROW(static_cast<void>(value_in(no_answer)), Failure) << no_answer;
}

}  // namespace
}  // namespace basil
