#include "core/cycle_account.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace basil {
namespace {

TEST(CycleAccount, ClosesWhenTheBinsAreThePeCycles) {
  CycleAccount bins;
  bins.add(Bin::compute, 7);
  bins.add(Bin::dram, 5);
  EXPECT_NO_THROW(bins.close(3, Cycles(4), "layer"));
  EXPECT_THROW(bins.close(3, Cycles(5), "layer"), Failure);
}

// 2^32 PEs x 2^32 cycles are 0 modulo 2^64, as is an account of nothing.
TEST(CycleAccount, DoesNotCloseByWrapping) {
  const std::int64_t large = std::int64_t{1} << 32;
  EXPECT_THROW(CycleAccount().close(large, Cycles(large), "layer"), Failure);
  CycleAccount bins;
  for (const Bin bin : {Bin::compute, Bin::gated, Bin::dram, Bin::idle}) bins.add(bin, std::int64_t{1} << 62);
  EXPECT_THROW(static_cast<void>(bins.total()), Failure);
  CycleAccount sum = bins;
  sum += bins == CycleAccount() ? bins : CycleAccount();
  EXPECT_EQ(sum, bins);
  EXPECT_THROW(
      {
        sum += bins;
        sum += bins;
      },
      Failure);
}

}  // namespace
}  // namespace basil
