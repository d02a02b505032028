#include "core/clocked.h"

#include <deque>

#include "core/testing/property_check.h"

namespace basil {
namespace {

TEST(Register, ShowsWhatWasSetAfterTheClockEdgeAndKeepsIt) {
  Register<int> value(7);
  value.set(8);
  EXPECT_EQ(value.get(), 7);
  value.commit();
  EXPECT_EQ(value.get(), 8);
  value.commit();
  EXPECT_EQ(value.get(), 8);
}

// Random pushes and pops, several a cycle and in any order within it, against a queue with a fence: what
// was pushed in this cycle cannot be read in it, and what was popped in it still takes its place.
TEST(Fifo, EqualsAReferenceQueueUnderRandomTraffic) {
  check_property(1000, [] {
    const int depth = *anywhere_in(1, 7);
    Fifo<int> fifo(depth);
    std::deque<int> visible, arriving;
    int pushed = 0, leaving = 0;
    const auto moves = *rc::gen::container<std::vector<int>>(200, anywhere_in(0, 3));
    for (const int move : moves) {
      RC_ASSERT(fifo.size() == static_cast<int>(visible.size()));
      RC_ASSERT(fifo.empty() == visible.empty());
      RC_ASSERT(fifo.room() == depth - leaving - static_cast<int>(visible.size() + arriving.size()));
      if (move == 0 && fifo.room() > 0) {
        fifo.push(pushed);
        arriving.push_back(pushed++);
      } else if (move == 1 && !fifo.empty()) {
        RC_ASSERT(fifo.front() == visible.front());
        fifo.pop();
        visible.pop_front();
        ++leaving;
      } else if (move == 2) {
        fifo.commit();
        visible.insert(visible.end(), arriving.begin(), arriving.end());
        arriving.clear();
        leaving = 0;
      }
    }
  });
}

}  // namespace
}  // namespace basil
