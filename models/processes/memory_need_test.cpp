#include "models/processes/memory_need.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/memory_limit.h"
#include "models/compare/compare.h"
#include "traces/encodings/encode.h"
#include "traces/layer_memory.h"

namespace basil {
namespace {

// A 1 x 1 convolution of 1,000 channels to 1,000 on a square of words of 8 bits, kept as int16.
Layer layer_of(const std::string& name, int side) {
  Layer layer;
  layer.name = name;
  layer.shape = {.C = 1000, .H = side, .W = side, .K = 1000};
  const Extent ifmap{1, side, side, 1000}, weights{1000, 1, 1, 1000};
  layer.ifmap = encode(&dense_encoding, Dtype::int8, ifmap,
                       std::vector<std::int16_t>(static_cast<std::size_t>(ifmap.positions()), 1), {1.0F});
  layer.weights = encode(&dense_encoding, Dtype::int8, weights,
                         std::vector<std::int16_t>(static_cast<std::size_t>(weights.positions()), 1), {1.0F});
  return layer;
}

Trace two_layers() {
  Trace trace;
  trace.layers = {layer_of("small", 10), layer_of("large", 30)};
  return trace;
}

TEST(MemoryNeed, IsTheTraceTheProgramAndTheLargestLayer) {
  const MemoryNeed need =
      memory_need(two_layers(), load_accelerator("eyeriss"), Fidelity::transaction, {0, 1});
  EXPECT_EQ(need.layer, "large");
  const double held = 2.0 * (100'000 + 900'000 + 2 * 1'000'000);  // int16: ifmaps and weights
  EXPECT_NEAR(need.shared, held, 16);                             // and their scales
  const double decoded = 2.0 * (900'000 + 900'000 + 2 * 1'000'000), sums = 20.0 * 900'000;
  EXPECT_DOUBLE_EQ(need.of_layer, decoded + sums);
  EXPECT_DOUBLE_EQ(need.own, need.of_layer + 20e6);
}

TEST(MemoryNeed, CountsTheRegistersOfAClockedArray) {
  const Description machine = load_accelerator("eyeriss");
  const double registers = memory_need(two_layers(), machine, Fidelity::cycle, {0}).own -
                           memory_need(two_layers(), machine, Fidelity::transaction, {0}).own;
  EXPECT_DOUBLE_EQ(registers, 168 * 4096.0);
}

TEST(MemoryNeed, OfProcessesAtATimeHoldsTheTraceOnce) {
  const MemoryNeed small{.shared = 1e9, .own = 120e6, .of_layer = 100e6, .layer = "small"};
  const MemoryNeed large{.shared = 1e9, .own = 520e6, .of_layer = 500e6, .layer = "large"};
  const MemoryNeed all = memory_at_a_time({small, large, small});
  EXPECT_EQ(all.processes, 3);
  EXPECT_EQ(all.layer, "large");
  EXPECT_DOUBLE_EQ(all.of_layer, 500e6);
  EXPECT_DOUBLE_EQ(all.bytes(), 1e9 + 20e6 + (100e6 + 3e6) + (500e6 + 3e6) + (100e6 + 3e6));
}

// Beside the trace of one of three contenders stand the subject's and the others' operands, and everyone's
// sums.
TEST(MemoryNeed, CountsWhatStandsBesideTheTrace) {
  Subject subject;
  subject.trace = two_layers();
  const double held = bytes_held(subject.trace), sums = 8.0 * (100'000 + 900'000);
  const double beside = bytes_beside(subject, 3);
  EXPECT_DOUBLE_EQ(beside, 3 * held + 4 * sums);
  const MemoryNeed need =
      memory_need(subject.trace, load_accelerator("eyeriss"), Fidelity::transaction, {0, 1}, beside);
  EXPECT_DOUBLE_EQ(need.shared, held + beside);
}

// What two processes take is more than one takes, and less than twice that: the trace is there once.
TEST(MemoryNeed, OfProcessesAtATimeIsHeldAgainstTheLimit) {
  set_memory_limit(1'800'000'000);
  const MemoryNeed need{.shared = 1e9, .own = 520e6, .of_layer = 500e6, .layer = "L7"};
  EXPECT_NO_THROW(check_memory_of({need}, ""));
  try {
    check_memory_of({need, need}, "--jobs 2");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(
        std::string(error.what()),  // 1000 + 20 + 2 * (500 + 3) MB
        "--jobs 2: layer L7: 2 processes at a time of about 2.0 GB, expected at most 1.8 GB, the limit: "
        "set_memory_limit() sets another");
  }
}

}  // namespace
}  // namespace basil
