#include "testbenches/selftests/selftests.h"

namespace basil {

const std::vector<Selftest>& selftests() {
  static const std::vector<Selftest> all{
      {"eyeriss-alexnet", "AlexNet, batch 4, on eyeriss with its published mappings (JSSC 2017)",
       eyeriss_alexnet_selftest},
      {"systolic", "cycles of systolic folds against the closed formulas", systolic_selftest}};
  return all;
}

}  // namespace basil
