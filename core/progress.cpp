#include "core/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <new>

namespace basil {
namespace {

using Clock = std::chrono::steady_clock;  // the same in all processes
inline constexpr std::chrono::milliseconds patience{2000}, between{250};

void write_line(const std::string& text) {
  // A terminal that is gone is no reason to stop.
  if (write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

std::size_t line_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10 ? size.ws_col : 80;
}

}  // namespace

// In memory that forked processes share.
class Progress::Board {
 public:
  void say(const ProgressLine& line) {
    const std::int64_t now = Clock::now().time_since_epoch().count();
    if (now < next_.load(std::memory_order_relaxed) || busy_.exchange(true)) return;
    const std::string text = line();
    const std::size_t length = std::min(text.size(), text_.size() - 1);
    std::copy_n(text.begin(), length, text_.begin());
    text_[length] = 0;
    next_ = now + std::chrono::duration_cast<Clock::duration>(between / 2).count();
    busy_ = false;
  }
  [[nodiscard]] std::string said() {
    if (busy_.exchange(true)) return "";
    std::string text = text_.data();
    busy_ = false;
    return text;
  }

 private:
  std::atomic<std::int64_t> next_{0};
  std::atomic<bool> busy_{false};
  std::array<char, 240> text_{};
};

Progress::Progress(std::string what) : what_(std::move(what)) {
  if (isatty(STDERR_FILENO) == 0) return;
  void* const shared =
      mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return;
  board_ = std::shared_ptr<Board>(new (shared) Board, [](Board* board) { munmap(board, sizeof(Board)); });
  // Signals are for the thread that works.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  watcher_ = std::jthread([this](const std::stop_token& over) { watch(over); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Progress::~Progress() {
  if (!watcher_.joinable()) return;
  watcher_.request_stop();
  watcher_.join();
  clear_progress_line();
}

ShowProgress Progress::show() const {
  if (!board_) return {};
  return [board = board_](const ProgressLine& line) { board->say(line); };
}

void Progress::watch(const std::stop_token& over) const {
  std::mutex mutex;
  std::condition_variable_any waiting;
  std::unique_lock lock(mutex);
  const Clock::time_point start = Clock::now();
  std::string shown = what_;
  for (auto wait = patience; !waiting.wait_for(lock, over, wait, [&] { return over.stop_requested(); });
       wait = between) {
    if (const std::string said = board_->said(); !said.empty()) shown = said;
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    const std::string time = fmt::format(", {:.0f} s", seconds);
    write_line("\r\033[K" + shown.substr(0, line_width() - time.size() - 1) + time);
  }
}

ShowProgress with_prefix(const ShowProgress& show, const std::string& prefix) {
  if (!show) return {};
  return [show, prefix](const ProgressLine& line) { show([&] { return prefix + line(); }); };
}

void clear_progress_line() {
  if (isatty(STDERR_FILENO) != 0) write_line("\r\033[K");
}

}  // namespace basil
