// Thousands of broken network files: each must be read, and compressed into a valid trace, or refused by a
// basil::Error.
#include <gtest/gtest.h>

#include "core/error.h"
#include "traces/compress/compress.h"
#include "traces/testing/in_two_gigabytes.h"
#include "traces/testing/mutator.h"
#include "traces/testing/sample_networks.h"
#include "traces/testing/trace_surgery.h"

namespace basil {
namespace {

using testing::Members;
using testing::Mutator;

constexpr int rounds = 300;

class MutatedNetwork : public testing::InTwoGigabytes {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(InTwoGigabytes::SetUp());
    const bool coded = GetParam() % 2 == 1;  // by turns
    write_dense_network(coded ? testing::coded_network() : testing::sample_network(), folder_ / "whole.npz");
  }

  // Whether the file was accepted.
  bool read(const std::string& bytes) {
    testing::store(folder_ / "m.npz", bytes);
    try {
      const DenseNetwork network = read_dense_network(folder_ / "m.npz");
      // A few bytes of JSON can ask for an ofmap of gigabytes, rightly; leave those alone.
      for (const DenseLayer& layer : network.layers)
        if (layer.simulated() && layer.shape.macs() > 10'000'000) return true;
      check(compress(network, default_recipe_of(network)).trace);
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      return false;
    }
  }

  Members whole() {
    NpzReader file(folder_ / "whole.npz");
    Members members;
    for (const std::string& name : file.unread()) members[name] = file.read(name, 1 << 20, name);
    return members;
  }

  const testing::Scratch folder_;
};

TEST_P(MutatedNetwork, FilesAreRefusedOrValid) {
  const std::string whole = testing::text_of(folder_ / "whole.npz");
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    Mutator mutator(static_cast<std::uint64_t>(GetParam() * rounds + round));
    std::string bytes = whole;
    for (std::size_t times = mutator.below(3) + 1; times > 0; --times) mutator.bytes(bytes);
    refused += read(bytes) ? 0 : 1;
  }
  EXPECT_GT(refused, rounds / 2);
}

TEST_P(MutatedNetwork, MembersBehindAValidCrcAreRefusedOrValid) {
  const Members members_before = whole();
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    Mutator mutator(static_cast<std::uint64_t>(GetParam() * rounds + round) + 2'000'000);
    Members members = members_before;
    for (std::size_t times = mutator.below(3) + 1; times > 0; --times) mutator.members(members);
    refused += read(testing::zip_of(members)) ? 0 : 1;
  }
  EXPECT_GT(refused, rounds / 3);
  EXPECT_LT(refused, rounds);  // some changes are harmless, or the mutations are too crude
}

INSTANTIATE_TEST_SUITE_P(Seeds, MutatedNetwork, ::testing::Range(0, 8));

}  // namespace
}  // namespace basil
