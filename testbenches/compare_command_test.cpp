// `basil compare` as a user runs it: its figures are those of `basil run`, and what it cannot do it says in
// one line.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "testbenches/command.h"

namespace basil::testing {
namespace {

std::string text_of(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}
