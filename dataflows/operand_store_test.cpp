#include "dataflows/operand_store.h"

#include <gtest/gtest.h>

namespace basil {
namespace {

TEST(OperandStore, ADoubledStoreHasAHalfFreeOnceTheWorkHasBegunAndAllHasCome) {
  OperandStore store(true);
  store.empty(Cycles(100));
  EXPECT_EQ(store.free(), Cycles(100));
  EXPECT_FALSE(store.filled());
  store.fill(Cycles(130), Cycles(4));
  EXPECT_EQ(store.filled()->complete, Cycles(130));
  EXPECT_EQ(store.filled()->late, Cycles(4));
  store.use(Cycles(135), Cycles(135));  // nothing comes after the first fill
  EXPECT_EQ(store.free(), Cycles(135));
  EXPECT_FALSE(store.filled()) << "the next slice's";
  store.fill(Cycles(160), Cycles(0));
  store.use(Cycles(170), Cycles(210));  // the rest of a long slice
  EXPECT_EQ(store.free(), Cycles(210));
}

TEST(SumStore, TheOtherHalfMustHaveDrained) {
  SumStore doubled(true), single(false);
  for (SumStore* store : {&doubled, &single}) {
    store->empty(Cycles(0));
    store->drain(Cycles(50));
    store->drain(Cycles(90));
    EXPECT_EQ(store->drained(), Cycles(90));
  }
  EXPECT_EQ(doubled.free(), Cycles(50)) << "the sums of the pass before last lay where the next ones go";
  EXPECT_EQ(single.free(), Cycles(90));
}

// A cycle belongs to the first operand that is not there.
TEST(Waits, CountEachCycleOnce) {
  Waits waits(Cycles(10));
  waits.wait(Bin::wait_weights, Cycles(18));                 // 8
  waits.wait(Bin::wait_activations, Cycles(15));             // there since 15
  waits.wait(Bin::wait_activations, Cycles(25), Cycles(3));  // 7, 3 of them a network's
  waits.wait(Bin::drain, Cycles(26), Cycles(5));             // 1, which the network explains
  EXPECT_EQ(waits.until(), Cycles(26));
  CycleAccount account;
  waits.add_to(account, 2);
  EXPECT_EQ(account[Bin::wait_weights], 2 * 8);
  EXPECT_EQ(account[Bin::wait_activations], 2 * (7 - 3));
  EXPECT_EQ(account[Bin::noc], 2 * (3 + 1));
  EXPECT_EQ(account[Bin::drain], 0);
  EXPECT_EQ(account.total(), 2 * (26 - 10));
}

}  // namespace
}  // namespace basil
