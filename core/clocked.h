// Clocked machines without SystemC. A cycle has two phases: every part steps, reading what the last clock
// edge left, and then every part commits. So the order in which parts step never changes a result.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace basil {

inline constexpr std::int64_t quiet_for_ever = std::numeric_limits<std::int64_t>::max();

// A part of a clocked machine.
//   step()       works for one cycle: reads registers, prepares the next ones
//   commit()     the clock edge: what was prepared becomes visible
//   quiet_for()  cycles in which step() would only count, as long as nobody touches the part's ports
//   skip(n)      n cycles at once, n <= quiet_for(); the law: skip(n) equals n times step(), commit()
template <class Part>
concept Clocked = requires(Part part, const Part& seen, std::int64_t n) {
  part.step();
  part.commit();
  { seen.quiet_for() } -> std::same_as<std::int64_t>;
  part.skip(n);
};

// A register, FIFO fill or bus of a clocked machine as a waveform shows it.
struct ClockedSignal {
  std::string name;  // "pe.ifmap_fifo"
  int bits = 1;
  std::vector<std::string> words = {};  // of a state, by its number; the bits are then theirs
};

// A value that is set in a cycle and seen from the next cycle on; unset, it stays.
template <class T>
class Register {
 public:
  Register() = default;
  explicit Register(const T& reset) : now_(reset), next_(reset) {}

  [[nodiscard]] const T& get() const { return now_; }
  void set(const T& value) { next_ = value; }
  void commit() { now_ = next_; }

 private:
  T now_{}, next_{};
};

// A queue of `depth` places with registered outputs: a push in cycle k is visible in cycle k + 1, a pop
// frees its place from cycle k + 1 on. Several pushes and pops may share a cycle. Whoever pushes checks
// room(), whoever pops checks size().
template <class T>
class Fifo {
 public:
  explicit Fifo(int depth) : places_(static_cast<std::size_t>(depth)) {}

  [[nodiscard]] int depth() const { return static_cast<int>(places_.size()); }
  // Words to read in this cycle: those visible and not yet popped.
  [[nodiscard]] int size() const { return filled_ - popped_; }
  [[nodiscard]] bool empty() const { return size() == 0; }
  // Places to write in this cycle.
  [[nodiscard]] int room() const { return depth() - filled_ - pushed_; }

  [[nodiscard]] const T& front() const { return places_[place(popped_)]; }
  void pop() { ++popped_; }
  void push(const T& value) { places_[place(filled_ + pushed_++)] = value; }

  void commit() {
    if (pushed_ == 0 && popped_ == 0) return;
    head_ = place(popped_);
    filled_ += pushed_ - popped_;
    pushed_ = popped_ = 0;
  }

 private:
  // Never further than depth from the head.
  [[nodiscard]] std::size_t place(int offset) const {
    const std::size_t at = head_ + static_cast<std::size_t>(offset);
    return at < places_.size() ? at : at - places_.size();
  }

  std::vector<T> places_;
  std::size_t head_ = 0;
  int filled_ = 0;  // visible at the start of the cycle
  int pushed_ = 0, popped_ = 0;
};

}  // namespace basil
