#include "core/interrupt.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace basil {
namespace {

constexpr std::array<const char*, 4> ends{"", "-wal", "-shm", "-journal"};

// What a signal handler may touch: memory set out beforehand. A child of fork() leaves its parent's alone.
struct Doomed {
  std::array<std::array<char, 4200>, ends.size()> names;
  std::atomic<pid_t> owner = 0;  // 0: free
};
std::array<Doomed, 16> doomed;

void remove_and_end(int signal) {
  const pid_t self = ::getpid();
  for (const Doomed& file : doomed) {
    if (file.owner != self) continue;
    for (const auto& name : file.names) ::unlink(name.data());
  }
  std::signal(signal, SIG_DFL);
  ::raise(signal);
}

int remember(const std::string& name) {
  if (name.size() + 16 > doomed[0].names[0].size()) return -1;
  for (std::size_t i = 0; i < doomed.size(); ++i) {
    if (doomed[i].owner == ::getpid()) continue;
    for (std::size_t end = 0; end < ends.size(); ++end) {
      const std::string whole = name + ends[end];
      std::memcpy(doomed[i].names[end].data(), whole.c_str(), whole.size() + 1);
    }
    doomed[i].owner = ::getpid();
    return static_cast<int>(i);
  }
  return -1;
}

// Of this thread, as long as it lives.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_{};
};

std::filesystem::path free_name(const std::filesystem::path& file) {
  static std::atomic<int> count = 0;
  for (;;) {
    const auto name =
        (file.parent_path() / fmt::format(".basil-{}-{}.unfinished", ::getpid(), ++count)).string();
    // Machines that share the folder may have a process of the same number: the name is taken, not looked at.
    const int taken = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (taken < 0 && errno == EEXIST) continue;
    if (taken >= 0) ::close(taken);
    return name;  // where it cannot be made, whoever opens it says why
  }
}

}  // namespace

void remove_unfinished_files_on_signals() {
  struct sigaction action {};
  action.sa_handler = remove_and_end;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);  // as nohup has it
  }
}

UnfinishedFile::UnfinishedFile(const std::filesystem::path& file) {
  const SignalsHeld until_it_is_known;
  name_ = free_name(file);
  place_ = remember(name_.string());
}

UnfinishedFile::~UnfinishedFile() {
  if (!name_.empty()) remove();
  forget();
}

bool UnfinishedFile::replace(const std::filesystem::path& file) {
  if (::rename(name_.c_str(), file.c_str()) != 0) return false;
  name_.clear();
  return true;
}

bool UnfinishedFile::become(const std::filesystem::path& file) {
  if (::renameat2(AT_FDCWD, name_.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) == 0) {
    name_.clear();
    return true;
  }
  // Not every file system knows that; a second name is as good, and the first goes with this object.
  return errno == EINVAL && ::link(name_.c_str(), file.c_str()) == 0;
}

void UnfinishedFile::remove() const {
  for (const char* end : ends) ::unlink((name_.string() + end).c_str());
}

void UnfinishedFile::forget() const {
  if (place_ >= 0) doomed[static_cast<std::size_t>(place_)].owner = 0;
}

}  // namespace basil
