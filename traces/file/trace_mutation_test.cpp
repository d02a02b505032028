// Thousands of broken trace files: each must be read as a valid trace or refused by a basil::Error.
#include <gtest/gtest.h>

#include "core/error.h"
#include "traces/compress/compress.h"
#include "traces/file/trace_file.h"
#include "traces/testing/in_two_gigabytes.h"
#include "traces/testing/mutator.h"
#include "traces/testing/sample_networks.h"
#include "traces/testing/trace_surgery.h"

namespace basil {
namespace {

using testing::Members;
using testing::Mutator;

class MutatedTrace : public testing::InTwoGigabytes {
 protected:
  // Whether the file was accepted.
  bool read(const std::string& bytes) {
    testing::store(folder_ / "m.npz", bytes);
    try {
      const Trace trace = read_trace(folder_ / "m.npz");
      check(trace);
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      return false;
    }
  }

  const testing::Scratch folder_;
};

constexpr int rounds = 500;

// The sample, the one whose weights a recipe would fit, and one of a network's own integers: by turns.
constexpr int samples = 3;
Trace sample(int which) {
  if (which == 0) return testing::sample_trace();
  if (which == 1) return testing::fitted_trace();
  const DenseNetwork network = testing::coded_network();
  return compress(network, default_recipe_of(network)).trace;
}

TEST_P(MutatedTrace, FilesAreRefusedOrValid) {
  const std::string wholes[] = {testing::zip_of(testing::members_of(sample(0))),
                                testing::zip_of(testing::members_of(sample(1))),
                                testing::zip_of(testing::members_of(sample(2)))};
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    Mutator mutator(static_cast<std::uint64_t>(GetParam() * rounds + round));
    std::string bytes = wholes[round % samples];
    for (std::size_t times = mutator.below(3) + 1; times > 0; --times) mutator.bytes(bytes);
    refused += read(bytes) ? 0 : 1;
  }
  EXPECT_GT(refused, rounds / 2);
}

TEST_P(MutatedTrace, MembersBehindAValidCrcAreRefusedOrValid) {
  const Members wholes[] = {testing::members_of(sample(0)), testing::members_of(sample(1)),
                            testing::members_of(sample(2))};
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    Mutator mutator(static_cast<std::uint64_t>(GetParam() * rounds + round) + 1'000'000);
    Members members = wholes[round % samples];
    for (std::size_t times = mutator.below(3) + 1; times > 0; --times) mutator.members(members);
    refused += read(testing::zip_of(members)) ? 0 : 1;
  }
  EXPECT_GT(refused, rounds / 2);
  EXPECT_LT(refused, rounds);  // some changes are harmless, or the mutations are too crude
}

INSTANTIATE_TEST_SUITE_P(Seeds, MutatedTrace, ::testing::Range(0, 8));

}  // namespace
}  // namespace basil
