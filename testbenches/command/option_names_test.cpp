#include "testbenches/command/option_names.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
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

// Each line of the library's sources.
void each_line(const std::function<void(const std::filesystem::path&, const std::string&)>& visit) {
  for (const char* room : {"core", "traces", "pe", "memory", "dataflows", "models"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::filesystem::path(BASIL_SOURCE_DIR) / room)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with("_test.cpp") || !(name.ends_with(".cpp") || name.ends_with(".h"))) continue;
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) visit(entry.path(), line);
    }
  }
}

TEST(OptionNames, KnowEveryFieldOfAMessage) {
  const std::regex field(R"re(field_name\("([^"]*)"\))re");
  int found = 0;
  each_line([&](const std::filesystem::path& file, const std::string& line) {
    for (std::sregex_iterator each(line.begin(), line.end(), field), end; each != end; ++each) {
      ++found;
      const std::string option = in_options(Error("", field_name(each->str(1))));
      EXPECT_NE(option.find("--"), std::string::npos) << file << ": " << line;
    }
  });
  EXPECT_GT(found, 20);
}

// The library speaks of its fields: an option stands only in the report that the command prints.
TEST(OptionNames, StandInNoTextOfTheLibrary) {
  const std::regex option(R"re("[^"]*--[a-z][^"]*")re");
  int lines = 0;
  each_line([&](const std::filesystem::path& file, const std::string& line) {
    ++lines;
    if (file.filename() == "report_text.cpp" || line.find("//") < line.find('"')) return;
    EXPECT_FALSE(std::regex_search(line, option)) << file << ": " << line;
  });
  EXPECT_GT(lines, 10'000);
}

}  // namespace
}  // namespace basil::testing
