#include "models/processes/child_pool.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <fstream>
#include <new>

#include "core/error.h"

namespace basil {
namespace {

inline constexpr int out_of_memory = 3;  // exit code of a child

// Data of this process in bytes (heap and private mappings), as RLIMIT_DATA counts it.
std::uint64_t data_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0, field = 0;
  for (int i = 0; i < 6 && statm >> field; ++i) pages = field;  // the sixth: data and stack
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// The memory limit counts from what the child starts with: the shared traces are not its own.
void limit_this_process(const PointLimits& limits, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);  // it ended before the line above
  std::signal(SIGINT, SIG_IGN);       // of a terminal: the parent decides
  const rlim_t most = data_bytes() + static_cast<std::uint64_t>(limits.megabytes) * 1000000;
  const rlimit data{most, most}, none{0, 0};
  setrlimit(RLIMIT_DATA, &data);
  setrlimit(RLIMIT_CORE, &none);
}

[[noreturn]] void be_the_child(int pipe, const std::function<std::string()>& job) {
  std::string answer;
  try {
    answer = job();
  } catch (const std::bad_alloc&) { _exit(out_of_memory); } catch (...) {
    _exit(1);
  }  // nothing of the parent's is unwound here
  for (std::size_t at = 0; at < answer.size();) {
    const ssize_t written = write(pipe, answer.data() + at, answer.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(1);
    at += static_cast<std::size_t>(written);
  }
  _exit(0);
}

}  // namespace

ChildPool::~ChildPool() {
  for (const Child& child : children_) {
    kill(child.pid, SIGKILL);
    close(child.pipe);
    waitpid(child.pid, nullptr, 0);
  }
}

void ChildPool::start(std::size_t work, const std::function<std::string()>& job) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0)
    throw Failure(std::string("cannot open a pipe to a child: ") + std::strerror(errno));
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) throw Failure(std::string("cannot start a child: ") + std::strerror(errno));
  if (pid == 0) {
    close(ends[0]);
    limit_this_process(limits_, parent);
    be_the_child(ends[1], job);
  }
  close(ends[1]);
  const auto time = std::chrono::duration<double>(limits_.seconds);
  children_.push_back({.work = work,
                       .pid = pid,
                       .pipe = ends[0],
                       .deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(time),
                       .answer = {}});
}

bool ChildPool::read_some(Child& child) {
  std::array<char, 4096> block{};
  const ssize_t got = read(child.pipe, block.data(), block.size());
  if (got < 0 && errno == EINTR) return true;
  if (got <= 0) return false;
  child.answer.append(block.data(), static_cast<std::size_t>(got));
  return true;
}

ChildEnd ChildPool::end_of(Child& child, bool late) const {
  if (late) kill(child.pid, SIGKILL);
  close(child.pipe);
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) continue;
  ChildEnd end{.work = child.work, .answered = false, .text = {}};
  if (late) {
    end.text = fmt::format("over the time limit of {:g} s", limits_.seconds);
  } else if (WIFSIGNALED(status)) {
    end.text =
        fmt::format("its process ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  } else if (WEXITSTATUS(status) == out_of_memory) {
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
    pipes.push_back({.fd = child.pipe, .events = POLLIN, .revents = 0});
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
