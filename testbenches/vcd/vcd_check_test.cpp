#include "testbenches/vcd/vcd_check.h"

#include <gtest/gtest.h>

#include <memory>
#include <systemc>

#include "core/error.h"
#include "core/systemc/kernel.h"

namespace basil {
namespace {

const std::string header =
    "$date today $end\n$timescale 1 ns $end\n"
    "$scope module top $end\n"
    "$var wire 1 ! busy $end\n$var wire 4 \" fill [3:0] $end\n$var real 64 # power $end\n"
    "$upscope $end\n$enddefinitions $end\n";
const std::string start = "$dumpvars\n0!\nb0 \"\nr0 #\n$end\n";

// What the reader says about header + body, or "" when it is content.
std::string complaint(const std::string& text) {
  try {
    (void)check_vcd(text, "t.vcd");
    return {};
  } catch (const Error& error) { return error.what(); }
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(VcdCheck, AWholeDumpIsSummedUp) {
  const VcdSummary dump =
      check_vcd(header + start + "#5\n1!\nb10Z1 \"\n$comment hm $end\n#12\nr-1.5e3 #\n#20\n", "t.vcd");
  EXPECT_EQ(dump.timescale, "1 ns");
  EXPECT_EQ(dump.scopes, std::vector<std::string>{"top"});
  EXPECT_EQ(dump.variables.size(), 3U);
  EXPECT_EQ(dump.first_time, 0);
  EXPECT_EQ(dump.last_time, 20);
  EXPECT_EQ(dump.variable("top.busy").changes, 2);
  EXPECT_EQ(dump.variable("top.fill").last, "10Z1");
  EXPECT_EQ(dump.variable("top.power").last, "-1.5e3");
}

TEST(VcdCheck, AnUnknownVariableNamesTheNearest) {
  const VcdSummary dump = check_vcd(header + start, "t.vcd");
  try {
    (void)dump.variable("top.bussy");
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "waveform: no variable top.bussy, expected top.busy");
  }
}

TEST(VcdCheck, EveryBreachOfTheStandardIsNamedWithItsLine) {
  EXPECT_EQ(complaint(header + start), "");
  EXPECT_EQ(complaint(header + start + "#5\n#5\n"), "t.vcd:15: time #5, expected more than #5");
  EXPECT_EQ(complaint(header + start + "#x\n"), "t.vcd:14: time #x, expected # and a whole number");
  EXPECT_EQ(complaint(header + start + "1%\n"), "t.vcd:14: a value for id \"%\", expected a declared id");
  EXPECT_EQ(complaint(header + start + "b10101 \"\n"), "t.vcd:14: 5 bits, expected at most 4");
  EXPECT_EQ(complaint(header + start + "b12 \"\n"), "t.vcd:14: vector b12, expected digits 0, 1, x, z");
  EXPECT_EQ(complaint(header + start + "1\"\n"), "t.vcd:14: one bit for id \", expected b and up to 4 bits");
  EXPECT_EQ(complaint(header + start + "r1 !\n"), "t.vcd:14: value 1 for !, expected a real for reals only");
  EXPECT_EQ(complaint(header + start + "r1y #\n"), "t.vcd:14: real 1y, expected a number");
  EXPECT_EQ(complaint(header + start + "b1"), "t.vcd:14: end of file inside a value, expected $end");
  EXPECT_EQ(complaint(header + start + "?\n"), "t.vcd:14: \"?\", expected a value: 0, 1, x, z, b... or r...");
  EXPECT_EQ(complaint(header + start + "$scope\n"),
            "t.vcd:14: \"$scope\", expected a time, a value or a $dump section");
  EXPECT_NE(complaint(header + "$dumpvars\n0!\n$end\n").find("top.fill missing in $dumpvars"),
            std::string::npos);
  EXPECT_NE(complaint(header).find("top.busy without a value"), std::string::npos);
}

TEST(VcdCheck, ABrokenHeaderIsNamed) {
  const auto broken = [](const std::string& from, const std::string& to) {
    return complaint(replaced(header, from, to) + start);
  };
  EXPECT_EQ(broken("1 ns", "3 ns"), "t.vcd:2: timescale 3ns, expected 1, 10 or 100 s to fs");
  EXPECT_EQ(broken("$upscope $end\n", ""), "t.vcd:7: 1 scopes still open, expected an $upscope for each");
  EXPECT_EQ(broken("$upscope $end", "$upscope $end $upscope $end"), "t.vcd:7: $upscope outside a scope");
  EXPECT_EQ(broken("fill", "busy"), "t.vcd:5: top.busy declared twice, expected one declaration");
  EXPECT_EQ(broken("4 \" fill", "4 ! fill"),
            "t.vcd:5: id ! for another width or type, expected one width and type for an id");
  EXPECT_EQ(broken("wire 1", "wire 0"), "t.vcd:4: width 0, expected 1 or more");
  EXPECT_EQ(broken("wire 1", "cable 1"), "t.vcd:4: variable of type cable, expected a type of IEEE 1364");
  EXPECT_EQ(broken("$timescale 1 ns $end", ""),
            "t.vcd:8: no $timescale, expected one before $enddefinitions");
}

// A counter of four bits that steps every 5 ns, six times.
struct Counter : sc_core::sc_module {
  explicit Counter(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_HAS_PROCESS(Counter);
    SC_METHOD(step);
  }
  void step() {
    count = count.read() + 1;
    if (++steps < 6) next_trigger(5, sc_core::SC_NS);
  }
  sc_core::sc_signal<sc_dt::sc_uint<4>> count{"count"};
  int steps = 0;
};

TEST(VcdCheck, WhatSystemCWritesIsReadWhole) {
  quiet_systemc();
  const std::string stem = testing::TempDir() + "basil_vcd_check";
  {
    Counter counter("counter");
    const auto close = [](sc_core::sc_trace_file* file) { sc_core::sc_close_vcd_trace_file(file); };
    const std::unique_ptr<sc_core::sc_trace_file, decltype(close)> file(
        sc_core::sc_create_vcd_trace_file(stem.c_str()), close);
    file->set_time_unit(1, sc_core::SC_NS);
    sc_core::sc_trace(file.get(), counter.count, "counter.count");
    start_and_rethrow(ProcessGuard{});
  }
  const VcdSummary dump = check_vcd(std::filesystem::path(stem + ".vcd"));
  const VcdVariable& count = dump.variable("SystemC.counter.count");
  EXPECT_EQ(count.width, 4);
  // SystemC writes a time's values when it leaves that time: the change to 6, at the end, is not there.
  EXPECT_EQ(count.changes, 5);
  EXPECT_EQ(count.last, "101");
  EXPECT_EQ(dump.last_time, 5 * 5);
  std::filesystem::remove(stem + ".vcd");
}

}  // namespace
}  // namespace basil
