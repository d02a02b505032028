#include "models/study/point_server.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>

#include <cstring>
#include <deque>
#include <map>
#include <new>
#include <optional>

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

// Kinds of messages. To the server: a point. From it: that it is ready, or what ended it; a result with its
// child's seconds; the seconds that layers took to make.
constexpr char point_kind = 'p', state_kind = 's', result_kind = 'r', preparing_kind = 'l';

WireValue wire_of(const Point& point) { return {point.trace, point.accelerator, point.values}; }

Point point_of(const WireValue& value) {
  return {.trace = value[0], .accelerator = value[1], .values = value[2]};
}

// Figures by their place in the columns: both sides are of one build.
WireValue wire_of(const PointResult& result) {
  return {{"status", to_string(result.status)},
          {"error", result.error},
          {"figures", result.figures},
          {"layers", result.layers},
          {"scaling", result.scaling}};
}

std::vector<Datum> cells_in(const WireValue& value) { return {value.begin(), value.end()}; }

PointResult result_of(const WireValue& value) {
  PointResult result{.status = parse_status(value.at("status").get<std::string>()),
                     .error = value.at("error").get<std::string>(),
                     .figures = cells_in(value.at("figures")),
                     .layers = {},
                     .scaling = value.at("scaling").get<std::vector<std::string>>()};
  for (const WireValue& layer : value.at("layers")) result.layers.push_back(cells_in(layer));
  return result;
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
        say(end.work, end.answered ? from_wire(end.text) : wire_of(unfinished(PointStatus::failed, end.text)),
            seconds);
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
    const Point point = point_of(next.value);
    const Clock::time_point start = Clock::now();
    try {
      if (runner_.prepare(point)) send_message(socket_, {preparing_kind, next.number, seconds_since(start)});
    } catch (const Error& error) {
      return say(next.number, wire_of(unfinished(PointStatus::refused, error.what())), 0);
    } catch (const std::bad_alloc&) {
      return say(next.number, wire_of(unfinished(PointStatus::failed, out_of_memory().what())), 0);
    } catch (const std::exception& error) {
      return say(next.number, wire_of(unfinished(PointStatus::failed, library_message(error))), 0);
    }
    started_[next.number] = Clock::now();
    pool_.start(next.number, [&] { return to_wire(wire_of(runner_.result_of(point))); });
  }

  void say(std::uint64_t number, const WireValue& result, double seconds) const {
    send_message(socket_, {result_kind, number, {{"seconds", seconds}, {"result", result}}});
  }

  int socket_;
  PointRunner runner_;
  ChildPool pool_;
  std::string received_;
  std::deque<Message> waiting_;
  std::map<std::size_t, Clock::time_point> started_;
};

int serve(const Study& study, int jobs, int socket) {
  std::optional<Server> server;
  const WireValue ready = answer_to([&]() -> WireValue {
    server.emplace(study, jobs, socket);
    server->check_memory_of_points(jobs);
    return true;
  });
  if (!send_message(socket, {state_kind, 0, ready}) || !ready.contains("value")) return 0;
  const WireValue end = answer_to([&]() -> WireValue {
    server->serve();
    return true;
  });
  if (!end.contains("value")) send_message(socket, {state_kind, 0, end});
  return 0;
}

}  // namespace

PointServer::PointServer(const Study& study, int jobs)
    : window_(2 * static_cast<std::size_t>(jobs) + 2),
      process_([&](int socket) { return serve(study, jobs, socket); }) {
  const std::optional<Message> ready = next_message(process_.socket(), received_);
  if (!ready) throw Failure(ended());
  static_cast<void>(value_in(ready->value));
}

// Why it is gone, and so no more than this is heard.
std::string PointServer::ended() {
  const int status = process_.wait();
  return WIFSIGNALED(status)
             ? fmt::format(
                   "the process that runs the points ended by signal {} ({}); the same command goes on",
                   WTERMSIG(status), strsignal(WTERMSIG(status)))
             : std::string("the process that runs the points ended; the same command goes on");
}

void PointServer::send(std::size_t index, const Point& point) {
  if (!send_message(process_.socket(), {point_kind, index, wire_of(point)})) throw Failure(ended());
  ++in_flight_;
}

std::vector<PointEnd> PointServer::wait(std::chrono::milliseconds most) {
  pollfd socket{.fd = process_.socket(), .events = POLLIN, .revents = 0};
  if (poll(&socket, 1, static_cast<int>(most.count())) <= 0) return {};
  if (!receive_some(process_.socket(), received_)) throw Failure(ended());
  std::vector<PointEnd> ends;
  while (const auto message = take_message(received_)) {
    if (message->kind == state_kind) static_cast<void>(value_in(message->value));  // throws what ended it
    if (message->kind == preparing_kind) {
      ++cost_.preparations;
      cost_.preparing_seconds += message->value.get<double>();
      continue;
    }
    --in_flight_;
    ++cost_.points;
    cost_.child_seconds += message->value.at("seconds").get<double>();
    ends.emplace_back(message->number, result_of(message->value.at("result")));
  }
  return ends;
}

}  // namespace basil
