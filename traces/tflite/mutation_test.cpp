// Models broken at random: an Error of one line or a sound network, nothing else.
#include <gtest/gtest.h>

#include "core/error.h"
#include "traces/compress/compress.h"
#include "traces/testing/in_two_gigabytes.h"
#include "traces/testing/mutator.h"
#include "traces/tflite/import.h"
#include "traces/tflite/model_builder.h"

namespace basil {
namespace {

constexpr int rounds = 2000;

class MutatedTflite : public testing::InTwoGigabytes {
 protected:
  // Whether the file was accepted.
  bool read(const std::string& bytes) {
    testing::store(folder_ / "m.tflite", bytes);
    try {
      const DenseNetwork network = read_tflite(folder_ / "m.tflite", {}).network;
      check(compress(network, default_recipe_of(network)).trace);
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      return false;
    }
  }

  const testing::Scratch folder_;
};

TEST_P(MutatedTflite, IsRefusedOrValid) {
  const std::string whole = testing::small_model();
  ASSERT_TRUE(read(whole));
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    testing::Mutator mutator(static_cast<std::uint64_t>(GetParam() * rounds + round));
    std::string bytes = whole;
    // Words of four bytes, in which flatbuffers have offsets, lengths and numbers; or a stretch of any.
    if (round % 4 == 0) {
      mutator.bytes(bytes);
    } else {
      const std::size_t at = mutator.below(bytes.size() / 4) * 4;
      bytes[at] = static_cast<char>(mutator.below(256));
      if (mutator.below(3) == 0) bytes[at + 3] = static_cast<char>(mutator.below(256));
    }
    refused += read(bytes) ? 0 : 1;
  }
  EXPECT_GT(refused, rounds / 4);
  EXPECT_LT(refused, rounds);
}

INSTANTIATE_TEST_SUITE_P(Seeds, MutatedTflite, ::testing::Range(0, 4));

}  // namespace
}  // namespace basil
