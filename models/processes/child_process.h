// A fork of this process, at the other end of a socket.
#pragma once

#include <sys/types.h>

#include <functional>

namespace basil {

// It shares what the parent holds until it writes, and dies with its parent, who alone decides about SIGINT
// and SIGTERM: from a terminal or a batch system these reach both.
class ChildProcess {
 public:
  static constexpr int out_of_memory =
      3;  // exit code of a child that met std::bad_alloc; 1: any other exception

  // `work` runs in the child with its end of the socket, and returns the exit code. Throws Failure when no
  // process can be started.
  explicit ChildProcess(const std::function<int(int socket)>& work);
  ~ChildProcess();  // ends it
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] int socket() const { return socket_; }
  void kill() const;
  // Until it is gone; how it ended, as waitpid() says.
  [[nodiscard]] int wait();

 private:
  pid_t pid_ = -1;
  int socket_ = -1;
};

}  // namespace basil
