#include "models/processes/child_process.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>
#include <string>

#include "core/error.h"

namespace basil {
namespace {

// Nothing of the parent's is unwound here.
[[noreturn]] void be_the_child(int socket, pid_t parent, const std::function<int(int socket)>& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);  // it ended before the line above
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_IGN);
  try {
    _exit(work(socket));
  } catch (const std::bad_alloc&) { _exit(ChildProcess::out_of_memory); } catch (...) {
    _exit(1);
  }
}

}  // namespace

ChildProcess::ChildProcess(const std::function<int(int socket)>& work) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw Failure(std::string("cannot open a socket to a child: ") + std::strerror(errno));
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    close(ends[0]);
    be_the_child(ends[1], parent, work);
  }
  close(ends[1]);
  socket_ = ends[0];
  if (pid_ > 0) return;
  close(socket_);
  throw Failure(std::string("cannot start a child: ") + std::strerror(errno));
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill();
    static_cast<void>(wait());
  }
  close(socket_);
}

void ChildProcess::kill() const {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

int ChildProcess::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
  return status;
}

}  // namespace basil
