#include "models/study/child_pool.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <map>
#include <new>
#include <stdexcept>
#include <thread>

namespace basil {
namespace {

using std::chrono::milliseconds;

std::map<std::size_t, ChildEnd> all_ends(ChildPool& pool) {
  std::map<std::size_t, ChildEnd> ends;
  while (!pool.empty()) {
    for (ChildEnd& end : pool.wait(milliseconds(50))) ends[end.work] = end;
  }
  return ends;
}

[[noreturn]] std::string sleep_on() {
  while (true) std::this_thread::sleep_for(milliseconds(10));
}

TEST(ChildPool, SaysHowEachChildEnded) {
  ChildPool pool(6, {.seconds = 0.3, .megabytes = 1000});
  const std::string shared(300000, 'x');  // more than a pipe holds
  pool.start(0, [&] { return shared; });
  pool.start(1, []() -> std::string {
    std::raise(SIGKILL);
    return "";
  });
  pool.start(2, []() -> std::string { throw std::bad_alloc(); });
  pool.start(3, []() -> std::string { throw std::runtime_error("odd"); });
  pool.start(4, []() -> std::string { sleep_on(); });
  EXPECT_FALSE(pool.full());
  pool.start(5, [] { return std::string(); });
  EXPECT_TRUE(pool.full());
  const auto ends = all_ends(pool);
  ASSERT_EQ(ends.size(), 6U);
  EXPECT_TRUE(ends.at(0).answered);
  EXPECT_EQ(ends.at(0).text, shared);
  EXPECT_EQ(ends.at(1).text, "its process ended by signal 9 (Killed)");
  EXPECT_EQ(ends.at(2).text, "over the memory limit of 1000 MB");
  EXPECT_EQ(ends.at(3).text, "its process ended with code 1");
  EXPECT_EQ(ends.at(4).text, "over the time limit of 0.3 s");
  EXPECT_TRUE(ends.at(5).answered);
  for (const std::size_t work : {1U, 2U, 3U, 4U}) EXPECT_FALSE(ends.at(work).answered);
}

// The quickest of many, since other work on the machine makes the rest wait.
TEST(ChildPool, AChildStartsWithin30ms) {
  std::vector<char> shared(200 << 20, 1);  // as a large trace: its pages are shared, not copied
  ChildPool pool(1, {});
  auto quickest = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    pool.start(0, [&] { return std::string(1, shared[static_cast<std::size_t>(i) << 20]); });
    EXPECT_TRUE(all_ends(pool).at(0).answered);
    quickest = std::min(quickest, std::chrono::steady_clock::now() - start);
  }
  EXPECT_LT(quickest, milliseconds(30));
}

// Whoever ends the parent, even by SIGKILL, leaves no child behind.
TEST(ChildPool, NoChildOutlivesItsParent) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    close(ends[0]);
    ChildPool pool(2, {});
    pool.start(0, []() -> std::string { sleep_on(); });
    pool.start(1, []() -> std::string { sleep_on(); });
    static_cast<void>(pool.wait(milliseconds(10000)));
    _exit(0);
  }
  close(ends[1]);
  std::this_thread::sleep_for(milliseconds(200));
  kill(parent, SIGKILL);
  char none = 0;
  EXPECT_EQ(read(ends[0], &none, 1), 0);  // the end, once no process holds the other end
  close(ends[0]);
}

}  // namespace
}  // namespace basil
