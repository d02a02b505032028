// The width of sums as a user of `basil run` and `basil compare` meets it.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "testbenches/command/command.h"
#include "traces/encodings/encode.h"
#include "traces/file/trace_file.h"

namespace basil::testing {
namespace {

nlohmann::json json_of(const std::string& file) { return nlohmann::json::parse(std::ifstream(file)); }

// One output a filter, of 4 products in two channels of two taps; on one PE row of one channel in two passes.
// Filter 0: 100 + 100, - 90 + 0 = 110. Filter 1: 1 + 2, 3 + 4 = 10.
std::string small_trace(const Scratch& scratch) {
  Layer layer;
  layer.name = "L";
  layer.shape = {.C = 2, .H = 1, .W = 2, .K = 2, .R = 1, .S = 2};
  // Order of weights: K, R, S, C.
  layer.weights = encode(&dense_encoding, Dtype::int8, {2, 1, 2, 2}, {100, -90, 100, 0, 1, 3, 2, 4}, {1.0F});
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 1, 2, 2}, {1, 1, 1, 1}, {1.0F});
  layer.output = {Dtype::int8, 1.0F, true};
  Trace trace;
  trace.name = "small";
  trace.layers.push_back(layer);
  write_trace(trace, scratch.file("small.npz"));
  return scratch.file("small.npz");
}

// eyeriss with one channel a pass: psums return to the buffer in between.
std::string machine(const Scratch& scratch) {
  std::ofstream(scratch.file("one-channel.yaml"))
      << "mappings: [{layer: L, m: 2, n: 1, e: 1, p: 2, q: 1, r: 1, t: 1}]\n";
  return " --on eyeriss --set array.rows=1 --set array.cols=1 --set mappings=" +
         scratch.file("one-channel.yaml");
}

TEST(SumWidthCommand, ErrorNamesOutputPsumAndWidth) {
  const Scratch scratch;
  const Outcome outcome = run_command("run " + small_trace(scratch) + machine(scratch) +
                                      " --set psum_bits=8 --set overflow=error");
  EXPECT_EQ(outcome.status, 1) << outcome.output;
  EXPECT_NE(outcome.output.find("layer L: output (n 0, p 0, q 0, k 0) needs a psum of 200, which psum_bits 8 "
                                "does not hold; 9 would hold every psum"),
            std::string::npos)
      << outcome.output;
  EXPECT_EQ(run_command("run " + small_trace(scratch) + machine(scratch) +
                        " --set psum_bits=9 --set overflow=error")
                .status,
            0);
}

TEST(SumWidthCommand, ReportsCountOverflowsAtBothFidelities) {
  const Scratch scratch;
  for (const std::string fidelity : {"transaction", "cycle"}) {
    const Outcome outcome = run_command("run " + small_trace(scratch) + machine(scratch) + " --fidelity " +
                                        fidelity + " --set psum_bits=8 --json " + scratch.file("o.json") +
                                        " --csv " + scratch.file("o.csv"));
    ASSERT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_NE(outcome.output.find("every layer equals the golden executor"), std::string::npos);
    EXPECT_NE(
        outcome.output.find(
            "widest sum 8 bits, psum_bits 8; 1 of 2 sums overflow (wrap); 9 bits would hold every psum"),
        std::string::npos)
        << outcome.output;
    const nlohmann::json json = json_of(scratch.file("o.json"));
    EXPECT_EQ(json["sum_width"],
              nlohmann::json({{"psum_bits", 8}, {"accumulator_bits", 8}, {"overflow", "wrap"}}));
    for (const nlohmann::json& of : {json, json["layers"][0]}) {
      EXPECT_EQ(of["sum_count"], 2);
      EXPECT_EQ(of["widest_sum_bits"], 8);
      EXPECT_EQ(of["sums_overflowed"], 1);
      EXPECT_EQ(of["sums_needed_bits"], 9);
    }
    std::ifstream csv(scratch.file("o.csv"));
    std::string header, row;
    std::getline(csv, header);
    std::getline(csv, row);
    EXPECT_NE(header.find(",widest_sum_bits,sum_count,sums_overflowed,sums_needed_bits,"), std::string::npos)
        << header;
    EXPECT_NE(row.find(",8,2,1,9,"), std::string::npos) << row;
  }
}

// One bit is 0 or -1: after ReLU nothing leaves the chip. Wide enough, both outputs do.
TEST(SumWidthCommand, WhatLeavesTheChipIsNarrow) {
  const Scratch scratch;
  const auto density = [&](const std::string& keys) {
    const Outcome outcome = run_command("run " + small_trace(scratch) + machine(scratch) + keys + " --json " +
                                        scratch.file("o.json"));
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    return json_of(scratch.file("o.json"))["layers"][0]["ofmap_density"].get<double>();
  };
  EXPECT_EQ(density(""), 1);
  EXPECT_EQ(density(" --set psum_bits=1"), 0);
  EXPECT_EQ(density(" --set psum_bits=1 --set accumulator_bits=32 --set overflow=saturate"), 0);
}

TEST(SumWidthCommand, CompareMarksAMachineWhoseSumsOverflow) {
  const Scratch scratch;
  const std::string words =
      "compare " + small_trace(scratch) + " --on dcnn,sparten --json " + scratch.file("c.json");
  const Outcome wide = run_command(words), narrow = run_command(words + " --set sparten:psum_bits=4");
  ASSERT_EQ(wide.status, 0) << wide.output;
  EXPECT_EQ(wide.output.find("overflow"), std::string::npos) << wide.output;
  ASSERT_EQ(narrow.status, 0) << narrow.output;
  EXPECT_NE(narrow.output.find("sparten: 2 of 2 sums do not fit psum_bits 4 (wrap), 8 bits would hold"),
            std::string::npos)
      << narrow.output;
  EXPECT_NE(narrow.output.find("yes, 100.0 % of sums overflow"), std::string::npos) << narrow.output;
  const nlohmann::json json = json_of(scratch.file("c.json")).at(0);
  EXPECT_EQ(json["accelerators"][0]["sums_overflowed"], 0);
  EXPECT_EQ(json["accelerators"][1]["sums_overflowed"], 2);
}

TEST(SumWidthCommand, ASampleCountsWhatItComputed) {
  const Scratch scratch;
  const Outcome outcome =
      run_command("run " + small_trace(scratch) + machine(scratch) + " --sample 1 --set psum_bits=8");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_NE(outcome.output.find("1 of 2 computed sums overflow"), std::string::npos) << outcome.output;
}

}  // namespace
}  // namespace basil::testing
