// Names are data: wherever they come from and wherever they are shown.
#include <gtest/gtest.h>

#include <fstream>

#include "core/names.h"
#include "testbenches/command/command.h"
#include "traces/file/trace_file.h"

namespace basil::testing {
namespace {

const std::string nasty =
    "=a\x1b[31m\xe2\x80\xae</title><script>x</script> $end $var wire 1 ! b $end\n[*]\"'&";

// The sample with such names; of its layers, what a layer's name may hold.
class HostileNames : public ::testing::Test {
 protected:
  void SetUp() override {
    Trace trace = read_trace(sample("lenet.npz"));
    trace.name = trace.source = trace.licence = trace.activations = trace.history = nasty;
    trace.layers[0].name = "=b\xe2\x80\xae$end<script>";
    write_trace(trace, scratch.file("n.npz"));
    std::ofstream(scratch.file("m.yaml")) << "base: eyeriss\nname: \"@m\\e[31m $end <b>\"\n";
    std::ofstream(scratch.file("s.yaml"))
        << "name: \"@s\"\ntraces: {file: n.npz, name: \"=t\\e[1m\"}\naccelerators: m.yaml\n";
  }
  Outcome in_folder(const std::string& words) const {
    return run_shell("cd " + scratch.path().string() + " && " + BASIL_COMMAND + " " + words);
  }
  Scratch scratch;
};

TEST_F(HostileNames, MoveNoCursorOnATerminal) {
  for (const char* words :
       {"run n.npz --on m.yaml", "inspect n.npz", "compare n.npz --on m.yaml,eyeriss", "sweep s.yaml",
        "run n.npz --on m.yaml --set 'array.rows=a\x1b[2J'", "run 'no\x1b[2J.npz' --on eyeriss",
        "run n.npz --on m.yaml --layer 'x\xe2\x80\xae'"}) {
    const Outcome outcome = in_folder(words);
    EXPECT_FALSE(outcome.output.empty());
    EXPECT_EQ(printable_lines(outcome.output), outcome.output) << words;
  }
}

TEST_F(HostileNames, EndNothingInFiles) {
  ASSERT_EQ(
      in_folder("run n.npz --on m.yaml --quiet --vcd w.vcd --report r.html --csv r.csv --json r.json").status,
      0);
  const std::string vcd = text_of(scratch.file("w.vcd"));
  EXPECT_EQ(vcd.find("$var wire 1 ! b"),
            vcd.find("$end $var wire 1 ! b") == std::string::npos ? vcd.find("$var wire 1 ! b") : 0);
  EXPECT_EQ(vcd.substr(0, vcd.find("$timescale")).find("$end"), vcd.find("$timescale") - 5)
      << vcd.substr(0, 300);
  const std::string gtkw = text_of(scratch.file("w.gtkw"));
  EXPECT_EQ(gtkw.find("\n[*]", 1), std::string::npos);
  const std::string html = text_of(scratch.file("r.html"));
  EXPECT_EQ(html.find("<script>x"), std::string::npos);
  std::string csv = text_of(scratch.file("r.csv"));
  EXPECT_NE(csv.find("\"'=b"), std::string::npos);
  EXPECT_EQ(csv.find("\n=b"), std::string::npos);
  EXPECT_EQ(csv.find(",=b"), std::string::npos);
}

TEST_F(HostileNames, AreNoFormulasInAStudysCsv) {
  ASSERT_EQ(in_folder("sweep s.yaml --quiet").status, 0);
  const std::string csv = in_folder("export s.sqlite").output;
  EXPECT_NE(csv.find("\"'=t"), std::string::npos) << csv;
  EXPECT_EQ(csv.find(",=t"), std::string::npos);
}

TEST_F(HostileNames, AreRefusedAtTheDoorWhereTheyAreNoUtf8) {
  for (const char* words : {"run 'a\xff.npz' --on eyeriss", "run n.npz --on eyeriss --json 'a\xff.json'",
                            "synth 'a\xff' -o b.npz", "run n.npz --on eyeriss --layer 'L\xc0\x80'"}) {
    const Outcome outcome = in_folder(words);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.output.find("expected words of UTF-8"), std::string::npos) << outcome.output;
  }
  std::ofstream(scratch.file("bad.yaml")) << "base: eyeriss\nname: a\xff\n";
  EXPECT_NE(in_folder("run n.npz --on bad.yaml").output.find("bad.yaml:2: "), std::string::npos);
}

}  // namespace
}  // namespace basil::testing
