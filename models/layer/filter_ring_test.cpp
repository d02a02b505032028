#include "models/layer/filter_ring.h"

#include <gtest/gtest.h>

namespace basil {
namespace {

FilterRing::Slice slice(int filter) { return {filter, filter + 1}; }

// Passes over a loop's slices, each `bytes`: how many are fetched.
int fetched(FilterRing& ring, int slices, int bytes, int passes) {
  int count = 0;
  for (int pass = 0; pass < passes; ++pass) {
    for (int i = 0; i < slices; ++i) {
      if (ring.holds(slice(i))) continue;
      ring.put(slice(i), Bytes(bytes));
      ++count;
    }
  }
  return count;
}

TEST(FilterRing, FetchesALoopThatFitsOnce) {
  FilterRing ring(Bytes(40));
  EXPECT_EQ(fetched(ring, 4, 10, 3), 4);
}

TEST(FilterRing, FetchesALoopTooLargeEveryTime) {
  FilterRing ring(Bytes(39));
  EXPECT_EQ(fetched(ring, 4, 10, 3), 12);
}

TEST(FilterRing, MakesRoomForTheNextLoopOldestFirst) {
  FilterRing ring(Bytes(40));
  (void)fetched(ring, 4, 10, 2);
  ring.put(slice(7), Bytes(5));
  EXPECT_FALSE(ring.holds(slice(0)));
  EXPECT_TRUE(ring.holds(slice(1)));
  ring.put(slice(8), Bytes(5));
  EXPECT_TRUE(ring.holds(slice(1))) << "5 + 5 bytes lie where slice 0 was";
  ring.put(slice(9), Bytes(1));
  EXPECT_FALSE(ring.holds(slice(1)));
}

TEST(FilterRing, KeepsNothingOfASliceThatStreamsThrough) {
  FilterRing ring(Bytes(40));
  ring.put(slice(0), Bytes(10));
  ring.put(slice(1), Bytes(41));
  EXPECT_FALSE(ring.holds(slice(0)));
  EXPECT_FALSE(ring.holds(slice(1)));
}

}  // namespace
}  // namespace basil
