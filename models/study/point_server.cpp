#include "models/study/point_server.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <map>
#include <new>

#include "core/error.h"
#include "core/memory_limit.h"
#include "core/names.h"
#include "models/processes/child_pool.h"
#include "models/processes/memory_need.h"
#include "models/processes/messages.h"
#include "models/study/point_runner.h"

namespace basil {
namespace {

using Clock = std::chrono::steady_clock;

// Kinds of messages. To the server: a point. From it: that it is ready, an Error or a Failure while it made
// itself so, a result (its child's seconds, then as pack() says it), the seconds that layers took to make.
constexpr char point_kind = 'p', ready_kind = 'o', error_kind = 'e', failure_kind = 'f', result_kind = 'r',
               preparing_kind = 'l';

std::string text_of(const Point& point) {
  return nlohmann::json({point.trace, point.accelerator, point.values}).dump();
}

Point point_of(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  return {.trace = json[0], .accelerator = json[1], .values = json[2]};
}

std::string bytes_of(double seconds) { return {reinterpret_cast<const char*>(&seconds), sizeof seconds}; }

double seconds_in(const std::string& bytes) {
  double seconds = 0;
  std::memcpy(&seconds, bytes.data(), std::min(bytes.size(), sizeof seconds));
  return seconds;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The other side: what runs in the process of its own.
class Server {
 public:
  Server(const Study& study, int jobs, int socket)
      : socket_(socket), runner_(study), pool_(static_cast<std::size_t>(jobs), study.limits) {}

  // Error where as many points as may run at a time do not fit into memory.
  void check_memory_of_points(int jobs) const {
    check_memory_of(std::vector<MemoryNeed>(static_cast<std::size_t>(jobs), runner_.most_memory()),
                    jobs == 1 ? "" : fmt::format("{} {}", field_name("jobs"), jobs));
  }

  // Until whoever started it is gone.
  void serve() {
    for (;;) {
      while (!waiting_.empty() && !pool_.full()) start_next();
      for (ChildEnd& end : pool_.wait(std::chrono::hours(1), socket_)) {
        const double seconds = seconds_since(started_.extract(end.work).mapped());
        say(end.work, end.answered ? end.text : pack(unfinished(PointStatus::failed, end.text)), seconds);
      }
      if (!take_points()) return;
    }
  }

 private:
  // False where nobody sends any more.
  bool take_points() {
    pollfd socket{.fd = socket_, .events = POLLIN, .revents = 0};
    if (poll(&socket, 1, 0) <= 0) return true;
    if (!receive_some(socket_, received_)) return false;
    while (auto message = take_message(received_)) waiting_.push_back(std::move(*message));
    return true;
  }

  // What refuses this point may not refuse the next that shares its layers.
  void start_next() {
    const Message next = std::move(waiting_.front());
    waiting_.pop_front();
    const Point point = point_of(next.bytes);
    const Clock::time_point start = Clock::now();
    try {
      if (runner_.prepare(point))
        send_message(socket_, {preparing_kind, next.number, bytes_of(seconds_since(start))});
    } catch (const Error& error) {
      return say(next.number, pack(unfinished(PointStatus::refused, error.what())), 0);
    } catch (const std::bad_alloc&) {
      return say(next.number, pack(unfinished(PointStatus::failed, out_of_memory().what())), 0);
    } catch (const std::exception& error) {
      return say(next.number, pack(unfinished(PointStatus::failed, library_message(error))), 0);
    }
    started_[next.number] = Clock::now();
    pool_.start(next.number, [&] { return pack(runner_.result_of(point)); });
  }

  void say(std::uint64_t number, const std::string& result, double seconds) const {
    send_message(socket_, {result_kind, number, bytes_of(seconds) + result});
  }

  int socket_;
  PointRunner runner_;
  ChildPool pool_;
  std::string received_;
  std::deque<Message> waiting_;
  std::map<std::size_t, Clock::time_point> started_;
};

[[noreturn]] void be_the_server(const Study& study, int jobs, int socket, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);  // it ended before the line above
  for (const int signal : {SIGINT, SIGTERM})
    std::signal(signal, SIG_IGN);  // of a terminal or a batch system: the parent decides
  try {
    Server server(study, jobs, socket);
    server.check_memory_of_points(jobs);
    send_message(socket, {ready_kind, 0, ""});
    server.serve();
  } catch (const Error& error) {
    send_message(socket, {error_kind, 0, error.marked()});
  } catch (const std::bad_alloc&) {
    send_message(socket, {error_kind, 0, out_of_memory().marked()});
  } catch (const std::exception& error) { send_message(socket, {failure_kind, 0, library_message(error)}); }
  _exit(0);
}

}  // namespace

PointServer::PointServer(const Study& study, int jobs) : window_(2 * static_cast<std::size_t>(jobs) + 2) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw Failure(std::string("cannot open a socket to a child: ") + std::strerror(errno));
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    close(ends[0]);
    be_the_server(study, jobs, ends[1], parent);
  }
  close(ends[1]);
  socket_ = ends[0];
  if (pid_ < 0) throw Failure(std::string("cannot start a child: ") + std::strerror(errno));
  std::optional<Message> ready;
  while (!(ready = take_message(received_))) {
    if (!receive_some(socket_, received_)) throw Failure(ended());
  }
  if (ready->kind == error_kind) throw Error("", ready->bytes);
  if (ready->kind == failure_kind) throw Failure(ready->bytes);
}

PointServer::~PointServer() {
  if (socket_ >= 0) close(socket_);
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
}

// Why it is gone, and so no more than this is heard.
std::string PointServer::ended() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
  return WIFSIGNALED(status)
             ? fmt::format(
                   "the process that runs the points ended by signal {} ({}); the same command goes on",
                   WTERMSIG(status), strsignal(WTERMSIG(status)))
             : std::string("the process that runs the points ended; the same command goes on");
}

void PointServer::send(std::size_t index, const Point& point) {
  if (!send_message(socket_, {point_kind, index, text_of(point)})) throw Failure(ended());
  ++in_flight_;
}

std::vector<PointEnd> PointServer::wait(std::chrono::milliseconds most) {
  pollfd socket{.fd = socket_, .events = POLLIN, .revents = 0};
  if (poll(&socket, 1, static_cast<int>(most.count())) <= 0) return {};
  if (!receive_some(socket_, received_)) throw Failure(ended());
  std::vector<PointEnd> ends;
  while (auto message = take_message(received_)) {
    if (message->kind == failure_kind || message->kind == error_kind) throw Failure(message->bytes);
    if (message->kind == preparing_kind) {
      ++cost_.preparations;
      cost_.preparing_seconds += seconds_in(message->bytes);
      continue;
    }
    --in_flight_;
    ++cost_.points;
    cost_.child_seconds += seconds_in(message->bytes);
    ends.emplace_back(message->number, unpack(std::string_view(message->bytes).substr(sizeof(double))));
  }
  return ends;
}

}  // namespace basil
