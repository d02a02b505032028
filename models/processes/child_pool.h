// Pieces of work in child processes, a few at a time, each within its limits.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/processes/child_process.h"

namespace basil {

// What a piece of work may take: of a study's point, where its file does not say.
struct PointLimits {
  double seconds = 600;
  std::int64_t megabytes = 4096;  // beyond what the process that starts it holds
};
inline constexpr PointLimits no_limits{.seconds = 1e9, .megabytes = std::int64_t{1} << 40};

// How a child ended: what it said, or why it said nothing.
struct ChildEnd {
  std::size_t work = 0;
  bool answered = false;
  std::string text;  // the answer, or the reason: a signal, the time limit, the memory limit
};

class ChildPool {
 public:
  ChildPool(std::size_t jobs, PointLimits limits) : jobs_(jobs), limits_(limits) {}
  ChildPool(const ChildPool&) = delete;
  ChildPool& operator=(const ChildPool&) = delete;

  [[nodiscard]] bool full() const { return children_.size() >= jobs_; }
  [[nodiscard]] bool empty() const { return children_.empty(); }

  // `job` runs in the child; what it returns is the answer. It says errors there: an exception ends the child
  // with code 1, lack of memory with the limit's reason. Throws Failure when no process can be started.
  void start(std::size_t work, const std::function<std::string()>& job);
  // Of work 0 to count - 1, each in a child as soon as there is room: how they ended, in order.
  [[nodiscard]] std::vector<ChildEnd> run_all(std::size_t count,
                                              const std::function<std::string(std::size_t work)>& job);
  // Those that ended, after waiting up to `most` for the first, or until `also` can be read.
  [[nodiscard]] std::vector<ChildEnd> wait(std::chrono::milliseconds most, int also = -1);

 private:
  using Clock = std::chrono::steady_clock;
  struct Child {
    std::size_t work = 0;
    std::unique_ptr<ChildProcess> process;
    Clock::time_point deadline;
    std::string answer;
  };

  [[nodiscard]] static bool read_some(Child& child);  // false at the end of what it says
  [[nodiscard]] ChildEnd end_of(Child& child, bool late) const;

  std::size_t jobs_;
  PointLimits limits_;
  std::vector<Child> children_;
};

}  // namespace basil
