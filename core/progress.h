// How far the work is, as a line on a terminal's stderr once it has lasted two seconds.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace basil {

// Composes what is being done; called only where it may be shown.
using ProgressLine = std::function<std::string()>;
// Takes it, however often it is said. Empty where nobody watches.
using ShowProgress = std::function<void(const ProgressLine&)>;

// One for a command. A thread shows what was said last, by this process or by one that it forked, and for how
// long the work has lasted. Where stderr is no terminal there is no thread, and nothing is said.
class Progress {
 public:
  explicit Progress(std::string what);  // shown until something is said
  ~Progress();                          // takes the line away
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  [[nodiscard]] ShowProgress show() const;

 private:
  class Board;
  void watch(const std::stop_token& over) const;

  std::string what_;
  std::shared_ptr<Board> board_;
  std::jthread watcher_;
};

// The same with something before each line.
[[nodiscard]] ShowProgress with_prefix(const ShowProgress& show, const std::string& prefix);

// Before something else is written to the terminal.
void clear_progress_line();

}  // namespace basil
