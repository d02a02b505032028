#include "models/processes/child_pool.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

namespace basil {
namespace {

// Data of this process in bytes (heap and private mappings), as RLIMIT_DATA counts it.
std::uint64_t data_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0, field = 0;
  for (int i = 0; i < 6 && statm >> field; ++i) pages = field;  // the sixth: data and stack
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// The limit counts from what the child starts with: the shared traces are not its own.
void limit_memory(const PointLimits& limits) {
  const rlim_t most = data_bytes() + static_cast<std::uint64_t>(limits.megabytes) * 1000000;
  rlimit data{most, most};
  const rlimit none{0, 0};
  if (limits.megabytes != no_limits.megabytes) setrlimit(RLIMIT_DATA, &data);
  setrlimit(RLIMIT_CORE, &none);
}

// The exit code.
int write_all(int socket, const std::string& answer) {
  for (std::size_t at = 0; at < answer.size();) {
    const ssize_t written = write(socket, answer.data() + at, answer.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return 1;
    at += static_cast<std::size_t>(written);
  }
  return 0;
}

}  // namespace

void ChildPool::start(std::size_t work, const std::function<std::string()>& job) {
  auto process = std::make_unique<ChildProcess>([&](int socket) {
    limit_memory(limits_);
    return write_all(socket, job());
  });
  const auto time = std::chrono::duration<double>(limits_.seconds);
  children_.push_back({.work = work,
                       .process = std::move(process),
                       .deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(time),
                       .answer = {}});
}

std::vector<ChildEnd> ChildPool::run_all(std::size_t count,
                                         const std::function<std::string(std::size_t work)>& job) {
  std::vector<ChildEnd> ends(count);
  for (std::size_t next = 0; next < count || !empty();) {
    for (; next < count && !full(); ++next) start(next, [&] { return job(next); });
    for (ChildEnd& end : wait(std::chrono::hours(1))) ends[end.work] = std::move(end);
  }
  return ends;
}

bool ChildPool::read_some(Child& child) {
  std::array<char, 4096> block{};
  const ssize_t got = read(child.process->socket(), block.data(), block.size());
  if (got < 0 && errno == EINTR) return true;
  if (got <= 0) return false;
  child.answer.append(block.data(), static_cast<std::size_t>(got));
  return true;
}

ChildEnd ChildPool::end_of(Child& child, bool late) const {
  if (late) child.process->kill();
  const int status = child.process->wait();
  ChildEnd end{.work = child.work, .answered = false, .text = {}};
  if (late) {
    end.text = fmt::format("over the time limit of {:g} s", limits_.seconds);
  } else if (WIFSIGNALED(status)) {
    end.text =
        fmt::format("its process ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  } else if (WEXITSTATUS(status) == ChildProcess::out_of_memory) {
    end.text = fmt::format("over the memory limit of {} MB", limits_.megabytes);
  } else if (WEXITSTATUS(status) != 0) {
    end.text = fmt::format("its process ended with code {}", WEXITSTATUS(status));
  } else {
    end.answered = true;
    end.text = std::move(child.answer);
  }
  return end;
}

std::vector<ChildEnd> ChildPool::wait(std::chrono::milliseconds most, int also) {
  std::vector<pollfd> pipes;
  Clock::time_point next = Clock::now() + most;
  for (const Child& child : children_) {
    pipes.push_back({.fd = child.process->socket(), .events = POLLIN, .revents = 0});
    next = std::min(next, child.deadline);
  }
  pipes.push_back({.fd = also, .events = POLLIN, .revents = 0});  // poll() passes over -1
  const auto patience = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
  if (poll(pipes.data(), pipes.size(), static_cast<int>(std::max<std::int64_t>(0, patience))) < 0) return {};
  std::vector<ChildEnd> ended;
  std::vector<Child> going;
  for (std::size_t i = 0; i < children_.size(); ++i) {
    Child& child = children_[i];
    const bool silent = pipes[i].revents == 0;
    const bool late = silent && Clock::now() >= child.deadline;
    if (late || (!silent && !read_some(child))) {
      ended.push_back(end_of(child, late));
    } else {
      going.push_back(std::move(child));
    }
  }
  children_ = std::move(going);
  return ended;
}

}  // namespace basil
