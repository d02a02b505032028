#include "traces/inspect/inspect.h"

#include <gtest/gtest.h>

#include "traces/testing/trace_surgery.h"

namespace basil {
namespace {

// conv1: 24 weights, 4 non-zero: 24 bits of map + 4 bytes = 7 bytes for 24. fc1: (0 x3, 0), (0, 255),
// (2, 1): three pairs of 2 + 8 bits = 4 bytes for 8. MACs: 3*2*3*8 and 2*8.
TEST(Inspect, PrintsATable) {
  Trace trace = testing::sample_trace();
  trace.synthetic_seed = 7;
  EXPECT_EQ(describe(trace),
            "sample, 2 layers\n"
            "SYNTHETIC    weights and inputs are drawn, seed 7\n"
            "\n"
            "layer  kind  filters on ifmap    weights      density  bytes  ratio  ifmap             density  "
            "bytes  "
            "ratio  MMAC\n"
            "conv1  conv  3x2x2x2 on 1x3x4x2  bitmap int8    16.7%    7 B  3.43x  dense int8         100.0%  "
            " 24 B  "
            "1.00x  0.00\n"
            "fc1    fc    2x1x1x8 on 1x1x1x8  dense int4    100.0%    8 B  1.00x  run_length uint8    25.0%  "
            "  4 B  "
            "2.00x  0.00\n"
            "total                                           50.0%   15 B  2.13x                      81.2%  "
            " 28 B  "
            "1.14x  0.00\n");
}

// shift: 4 places a filter, 1 + 2 planes of 4-bit codes and 2 bits of terms for each of 3 filters: 54 bits.
// basis: 8 bytes of kernels, 12 bits of map, 4 signs: 10 bytes; density of the coefficients, 4 of 12.
// compare: 6 offsets of 2 bits and 4 codes of 4: 28 bits. sign: 24 signs and 3 thresholds of 16 bits.
TEST(Inspect, ShowsWeightsThatARecipeFits) {
  const nlohmann::ordered_json layers = describe_json(testing::fitted_trace())["layers"];
  EXPECT_EQ(layers[0]["weights"].dump(),
            R"({"encoding":"power_of_two","dtype":"int4","density":0.5,"encoded_bytes":7,)"
            R"("dense_bytes":12,"codes":{"dtype":"int4","bits":4,"scale":1.0,"zero_point":0}})");
  EXPECT_EQ(layers[1]["weights"].dump(),
            R"({"encoding":"basis","dtype":"int8","density":0.3333333333333333,"encoded_bytes":10,)"
            R"("dense_bytes":24,"codes":{"dtype":"int8","bits":8,"scale":[0.125,0.5],"zero_point":0}})");
  EXPECT_EQ(layers[2]["weights"]["encoded_bytes"], 4);
  EXPECT_EQ(layers[2]["weights"]["density"], 0.75);  // of the pointwise weights
  EXPECT_EQ(layers[3]["weights"]["encoded_bytes"], 3 + 6);
  const std::string table = describe(testing::fitted_trace());
  for (const char* word : {"power_of_two int4", "basis int8", "comparator int4", "binary int16"})
    EXPECT_NE(table.find(word), std::string::npos) << word;
}

TEST(Inspect, GivesTheSameAsJson) {
  const nlohmann::ordered_json json = describe_json(testing::sample_trace());
  EXPECT_EQ(json["layers"][0]["weights"]["encoded_bytes"], 7);
  EXPECT_EQ(json["layers"][1]["ifmap"]["density"], 0.25);
  EXPECT_EQ(json["layers"][0]["shape"]["Q"], 3);
  EXPECT_EQ(json["total"]["macs"], 3 * 2 * 3 * 8 + 2 * 8);
  EXPECT_EQ(json["synthetic"], false);
}

}  // namespace
}  // namespace basil
