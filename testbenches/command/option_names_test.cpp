#include "testbenches/command/option_names.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

namespace basil {
namespace {

TEST(OptionNames, StandForTheFieldsTheLibrarySpeaksOf) {
  EXPECT_EQ(in_options("options.layers conv9: no such layer"), "--layer conv9: no such layer");
  EXPECT_EQ(in_options("a smaller options.waveform.window, or options.waveform.force"),
            "a smaller --vcd-window, or --vcd-force");
  EXPECT_EQ(in_options("eyeriss: overrides dram.bits: 'x'"), "eyeriss: --set dram.bits: 'x'");
  EXPECT_EQ(in_options("layer a: nothing to say otherwise"), "layer a: nothing to say otherwise");
}

// Every field that a message of the library names has an option.
TEST(OptionNames, KnowEveryFieldOfAMessage) {
  const std::regex literal(R"re("[^"]*")re"), field(R"re(options\.[a-z_.]*[a-z])re");
  int found = 0;
  for (const char* room : {"core", "models"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::filesystem::path(BASIL_SOURCE_DIR) / room)) {
      if (entry.path().extension() != ".cpp" || entry.path().string().ends_with("_test.cpp")) continue;
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        for (std::sregex_iterator text(line.begin(), line.end(), literal), end; text != end; ++text) {
          const std::string said = text->str();
          for (std::sregex_iterator each(said.begin(), said.end(), field); each != end; ++each) {
            ++found;
            EXPECT_TRUE(in_options(each->str()).starts_with("--")) << entry.path() << ": " << line;
          }
        }
      }
    }
  }
  EXPECT_GT(found, 8);
}

}  // namespace
}  // namespace basil
