// The writer of waveforms: what was told in any order stands in the file in order.
#include "models/waveform/waveform.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "testbenches/command/command.h"
#include "testbenches/vcd/vcd_check.h"

namespace basil::testing {
namespace {

using History = std::vector<std::pair<std::int64_t, std::string>>;

WaveformOptions into(const Scratch& scratch) { return {.file = scratch.file("w.vcd"), .window = {}}; }

VcdSummary written(const Scratch& scratch) { return check_vcd(std::filesystem::path(scratch.file("w.vcd"))); }

TEST(Waveform, WritesInOrderWhatIsToldInAny) {
  const Scratch scratch;
  Waveform waveform(into(scratch), "a test");
  const auto word = waveform.add_words("top.word", {"-", "ACT"}, "g");
  const auto busy = waveform.add("top.busy", 1, "g");
  const auto real = waveform.add_real("power", "g");
  waveform.set_at(Cycles(30), word, 1);
  waveform.set_at(Cycles(20), word, 1);
  waveform.set_at(Cycles(21), word, 0);
  waveform.busy(busy, Cycles(10), Cycles(25));
  waveform.busy(busy, Cycles(5), Cycles(12));
  waveform.busy(busy, Cycles(25), Cycles(26));
  waveform.set_at(Cycles(0), real, 2.5);
  waveform.set_at(Cycles(40), real, 1);  // the end: not shown
  waveform.close(Cycles(40));
  const VcdSummary vcd = written(scratch);
  EXPECT_EQ(vcd.timescale, "1 ns");
  EXPECT_EQ(vcd.last_time, 40);
  History words;
  for (const auto& [time, value] : vcd.variable("SystemC.top.word").history)
    words.emplace_back(time, vcd_word(value));
  EXPECT_EQ(words, (History{{0, "-"}, {20, "ACT"}, {21, "-"}, {30, "ACT"}}));
  EXPECT_EQ(vcd.variable("SystemC.top.busy").history, (History{{0, "0"}, {5, "1"}, {26, "0"}}));
  EXPECT_EQ(vcd.variable("SystemC.power").history, (History{{0, "2.5"}}));
}

TEST(Waveform, SaysAtTheWindowsFirstCycleHowThingsStand) {
  for (const auto& [first, last, expected] : {std::tuple(10, 30, History{{0, "0"}, {10, "1"}, {20, "10"}}),
                                              std::tuple(20, 21, History{{0, "0"}, {20, "10"}}),
                                              std::tuple(25, 60, History{{0, "0"}, {25, "10"}, {35, "11"}}),
                                              std::tuple(50, 60, History{{0, "0"}})}) {
    const Scratch scratch;
    WaveformOptions options = into(scratch);
    options.window = {Cycles(first), Cycles(last)};
    Waveform waveform(options, "a test");
    const auto number = waveform.add("number", 8, "g");
    waveform.set_at(Cycles(5), number, 1);
    waveform.set_at(Cycles(20), number, 2);
    waveform.set_at(Cycles(35), number, 3);
    waveform.close(Cycles(40));
    EXPECT_EQ(written(scratch).variable("SystemC.number").history, expected) << first;
  }
}

TEST(Waveform, TellsPartsOfACycleApart) {
  const Scratch scratch;
  Waveform waveform(into(scratch), "a test", Waveform::Resolution::thousandth);
  const auto number = waveform.add("number", 8, "g");
  waveform.set_at(Cycles(2), number, 2);
  waveform.set_at_tick(1'166, number, 1);
  waveform.close(Cycles(3));
  const VcdSummary vcd = written(scratch);
  EXPECT_EQ(vcd.timescale, "1 ps");
  EXPECT_EQ(vcd.last_time, 3'000);
  EXPECT_EQ(vcd.variable("SystemC.number").history, (History{{0, "0"}, {1'166, "1"}, {2'000, "10"}}));
}

TEST(Waveform, TakesBackWhatWillNotBe) {
  const Scratch scratch;
  Waveform waveform(into(scratch), "a test");
  const auto one = waveform.add("one", 1, "g"), other = waveform.add("other", 1, "g");
  for (const auto signal : {one, other}) {
    waveform.set_at(Cycles(5), signal, 1);
    waveform.set_at(Cycles(15), signal, 0);
  }
  waveform.take_back(Cycles(10), one, one);
  waveform.close(Cycles(20));
  const VcdSummary vcd = written(scratch);
  EXPECT_EQ(vcd.variable("SystemC.one").history, (History{{0, "0"}, {5, "1"}}));
  EXPECT_EQ(vcd.variable("SystemC.other").history, (History{{0, "0"}, {5, "1"}, {15, "0"}}));
}

// More than is kept at once, told out of order within what is not settled: the file has what a map has.
TEST(Waveform, ForgetsNothingOfALongRun) {
  check_property(10, [] {
    const Scratch scratch;
    Waveform waveform(into(scratch), "a test");
    const auto number = waveform.add("number", 20, "g");
    std::map<std::int64_t, std::int64_t> last;
    const int reach = *anywhere_in(1, 3'000), step = *anywhere_in(1, 4);
    std::uint64_t draw = static_cast<std::uint64_t>(*anywhere_in(1, 1'000'000));
    std::int64_t settled = 0;
    for (int i = 0; i < 150'000; ++i) {
      draw = draw * 6364136223846793005U + 1442695040888963407U;
      const std::int64_t time =
          settled + static_cast<std::int64_t>((draw >> 33) % static_cast<unsigned>(reach));
      waveform.set_at(Cycles(time), number, i + 1);
      last[time] = i + 1;
      if (i % 100 == 0) waveform.settle(Cycles(settled += step));
    }
    const std::int64_t end = settled + reach;
    waveform.close(Cycles(end));
    History expected{{0, ""}};
    for (const auto& [time, value] : last) {
      if (time > 0) expected.emplace_back(time, std::to_string(value));
    }
    const VcdSummary vcd = written(scratch);
    History found;
    for (const auto& [time, value] : vcd.variable("SystemC.number").history)
      found.emplace_back(time, time == 0 ? "" : std::to_string(vcd_number(value)));
    RC_ASSERT(found == expected);
  });
}

// What was not foreseen: 3.6 million changes of 64 bits are more than anyone opens.
TEST(Waveform, StopsBeforeItFillsTheDisk) {
  const Scratch scratch;
  Waveform waveform(into(scratch), "a test");
  const auto number = waveform.add("number", 64, "g");
  const auto fill = [&] {
    for (std::int64_t time = 0; time < 3'600'000; ++time) {
      waveform.set_at(Cycles(time), number, time % 2 == 0 ? -1 : -3);
      waveform.settle(Cycles(time));
    }
  };
  EXPECT_THROW(fill(), Error);
  EXPECT_FALSE(std::filesystem::exists(scratch.file("w.vcd")));
}

TEST(Waveform, IsRefusedWhereItCannotBeWritten) {
  EXPECT_THROW(Waveform({.file = "/no/such/folder/w.vcd", .window = {}}, "a test"), Error);
}

}  // namespace
}  // namespace basil::testing
