#include "models/study/build_id.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace basil {
namespace {

// The bytes stand in the program's own file, as the description of a note of owner GNU.
TEST(BuildId, IsTheNoteOfThisProgramsFile) {
  const std::string id = build_id();
  ASSERT_GE(id.size(), 16U);
  std::string note{'G', 'N', 'U', '\0'};
  for (std::size_t i = 0; i + 1 < id.size(); i += 2)
    note += static_cast<char>(std::stoi(id.substr(i, 2), nullptr, 16));
  std::ifstream self("/proc/self/exe", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(self), {}};
  EXPECT_NE(bytes.find(note), std::string::npos) << id;
}

}  // namespace
}  // namespace basil
