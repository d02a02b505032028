#include "testbenches/selftests/selftests.h"

namespace basil {

const std::vector<Selftest>& selftests() {
  static const std::vector<Selftest> all{
      {"eyeriss-alexnet", "AlexNet, batch 4, on eyeriss with its published mappings (JSSC 2017)",
       eyeriss_alexnet_selftest},
      {"eyeriss-vgg16",
       "VGG-16, batch 3, on eyeriss with mappings inferred from what it published (JSSC 2017)",
       eyeriss_vgg16_selftest},
      {"systolic", "cycles of systolic folds against the closed formulas", systolic_selftest},
      {"basis-first", "ESCALATE's and PENNI's order on one unit: same sums, and the work of stage 1",
       basis_first_selftest},
      {"shift-add", "terms of a power of two against time, and LightPEs by performance per area",
       shift_add_selftest},
      {"escalate", "escalate against scnn, sparten and eyeriss over the density of its coefficients",
       escalate_selftest},
      {"cmp-array",
       "the two stages of a comparator array by formula, and its place beside a dense one (DAC 2018)",
       cmp_array_selftest},
      {"scnn", "SCNN over its dense baseline: density, AlexNet, VGG-16, fully connected (ISCA 2017)",
       scnn_selftest},
      {"sparten", "SparTen over dense, one-sided and SCNN, and its balancing (MICRO 2019)",
       sparten_selftest}};
  return all;
}

}  // namespace basil
