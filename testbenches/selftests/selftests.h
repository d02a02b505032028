// Published numbers, reproduced, each with its deviation.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace basil {

struct SelftestReport {
  bool passed = false;
  std::string text;  // the table, the verdict, the notes that explain deviations
  nlohmann::ordered_json json;
};

struct Selftest {
  std::string name, summary;
  SelftestReport (*run)();
};

[[nodiscard]] const std::vector<Selftest>& selftests();

// One file of this folder each.
[[nodiscard]] SelftestReport systolic_selftest();
[[nodiscard]] SelftestReport eyeriss_alexnet_selftest();

}  // namespace basil
