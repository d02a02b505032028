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

struct SelftestOptions {
  bool full = false;  // every layer and point; else a form that takes seconds
  std::string data;   // folder with face-resnet34.npz and fashion-vgg.npz; empty: those parts are skipped
};

struct Selftest {
  std::string name, summary;
  SelftestReport (*run)(const SelftestOptions& options);
};

[[nodiscard]] const std::vector<Selftest>& selftests();

// One file of this folder each.
[[nodiscard]] SelftestReport systolic_selftest(const SelftestOptions& options);
[[nodiscard]] SelftestReport eyeriss_alexnet_selftest(const SelftestOptions& options);
[[nodiscard]] SelftestReport eyeriss_vgg16_selftest(const SelftestOptions& options);
[[nodiscard]] SelftestReport basis_first_selftest(const SelftestOptions& options);
[[nodiscard]] SelftestReport shift_add_selftest(const SelftestOptions& options);
[[nodiscard]] SelftestReport escalate_selftest(const SelftestOptions& options);
[[nodiscard]] SelftestReport cmp_array_selftest(const SelftestOptions& options);
[[nodiscard]] SelftestReport scnn_selftest(const SelftestOptions& options);
[[nodiscard]] SelftestReport sparten_selftest(const SelftestOptions& options);

}  // namespace basil
