// `basil show` and `basil list keys`: an accelerator with every key, which is that accelerator again.
#include <gtest/gtest.h>

#include <fstream>

#include "models/presets/embedded.h"
#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

TEST(Show, WhatItPrintsIsTheSameAccelerator) {
  const Scratch scratch;
  for (const std::string& name : embedded_names("accelerators")) {
    const std::string set = " --set dram.link_mhz=100", file = scratch.file(name + ".yaml");
    const Outcome first = run_command("show " + name + set);
    ASSERT_EQ(first.status, 0) << first.output;
    std::ofstream(file) << first.output;
    const Outcome again = run_command("show " + file);
    EXPECT_EQ(again.output, first.output) << name;
    const std::string trace = sample("lenet.npz") + " --layer L0 --no-verify --quiet --csv -";
    EXPECT_EQ(run_command("run " + trace + " --on " + file).output,
              run_command("run " + trace + " --on " + name + set).output);
  }
}

TEST(Show, KeysHaveValuesAndRanges) {
  const Outcome keys = run_command("list keys --on eyeriss");
  EXPECT_EQ(keys.status, 0);
  EXPECT_NE(keys.output.find("array.rows"), std::string::npos) << keys.output;
  EXPECT_NE(keys.output.find("a whole number from 1 to"), std::string::npos) << keys.output;
  EXPECT_NE(run_command("list keys").output.find(" of 14"), std::string::npos);
  const Outcome wrong = run_command("list units --on eyeriss");
  EXPECT_EQ(wrong.status, 2);
  EXPECT_NE(wrong.output.find("'basil list keys'"), std::string::npos) << wrong.output;
}

}  // namespace
}  // namespace basil::testing
