#include "models/processes/child_pool.h"

#include <gtest/gtest.h>
#include <unistd.h>

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

TEST(ChildPool, ChildrenReadWhatTheirParentHolds) {
  std::vector<char> shared(20);
  ChildPool pool(1, {});
  for (std::size_t i = 0; i < shared.size(); ++i) {
    shared[i] = static_cast<char>('a' + i);
    pool.start(i, [&] { return std::string(shared.begin(), shared.end()); });
    EXPECT_EQ(all_ends(pool).at(i).text, std::string(shared.begin(), shared.end()));
  }
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
