#include "testbenches/command/option_names.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

TEST(OptionNames, StandForTheFieldsTheLibrarySpeaksOf) {
  EXPECT_EQ(in_options(Error(field_name("options.layers") + " conv9", "no such layer")),
            "--layer conv9: no such layer");
  EXPECT_EQ(in_options(Error("a", "b",
                             "a smaller " + field_name("options.waveform.window") + ", or " +
                                 field_name("options.waveform.force"))),
            "a: b, expected a smaller --vcd-window, or --vcd-force");
  EXPECT_EQ(in_options(Error(field_name("overrides") + " dram.bits", "'x'").within("eyeriss")),
            "eyeriss: --set dram.bits: 'x'");
}

// Names are data, whatever words of ours they hold.
TEST(OptionNames, LeaveNamesAlone) {
  for (const std::string name : {"overrides x.npz", "options.layers", "set_memory_limit().yaml"})
    EXPECT_EQ(in_options(Error(name, "no such file")), name + ": no such file");
  const Outcome run = run_command("run 'overrides options.layers.npz' --on eyeriss");
  EXPECT_EQ(run.status, 2);
  EXPECT_NE(run.output.find("overrides options.layers.npz"), std::string::npos) << run.output;
  const Outcome layer = run_command("run " + sample("lenet.npz") + " --on eyeriss --layer 'overrides jobs'");
  EXPECT_EQ(layer.status, 2);
  EXPECT_NE(layer.output.find("--layer overrides jobs: no such layer"), std::string::npos) << layer.output;
}

// Every field that a message of the library names has an option.
TEST(OptionNames, KnowEveryFieldOfAMessage) {
  const std::regex field(R"re(field_name\("([^"]*)"\))re");
  int found = 0;
  for (const char* room : {"core", "models"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::filesystem::path(BASIL_SOURCE_DIR) / room)) {
      if (entry.path().extension() != ".cpp" || entry.path().string().ends_with("_test.cpp")) continue;
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        for (std::sregex_iterator each(line.begin(), line.end(), field), end; each != end; ++each) {
          ++found;
          const std::string option = in_options(Error("", field_name(each->str(1))));
          EXPECT_TRUE(option.starts_with("--")) << entry.path() << ": " << line;
        }
      }
    }
  }
  EXPECT_GT(found, 20);
}

}  // namespace
}  // namespace basil::testing
