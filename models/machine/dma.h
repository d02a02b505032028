// Blocks between the memory behind a chip and a buffer on it.
#pragma once

#include <deque>
#include <functional>
#include <set>
#include <systemc>

#include "core/systemc/kernel.h"
#include "memory/off_chip/off_chip.h"
#include "memory/port/port.h"

namespace basil {

// Both ends of a transfer work at once, the later one ends it. Where the memory reserves its time, a
// transfer's end is known when it is asked for; where it may wait, or takes four phases, each transfer under
// way has a thread of its own, and its buffer is reserved when it is asked for, at the memory's peak rate.
class Dma : public sc_core::sc_module {
 public:
  MemoryPort dram, fmaps, filters, accumulators;

  Dma(const sc_core::sc_module_name& name, ProcessGuard& guard, const MemoryProtocol& memory);

  struct Block {
    std::uint64_t address = 0;
    Bytes in_dram, on_chip;
    Cycles start;  // after now
    Cycles peak;   // it takes the memory at least
    bool store = false;
  };
  // Absolute.
  struct Moved {
    Cycles asked;
    Cycles dram;   // when the memory's link is through with it
    Cycles ended;  // when both ends are
    Cycles done;   // and the network between them
  };
  using Done = std::function<void(const Moved&)>;
  // `on_chip`: the port of the buffer. `done` is called at once, or by the thread when it is through; then
  // the times may still lie ahead.
  void move(const Block& block, MemoryPort& on_chip, Done done);

  [[nodiscard]] bool waits() const { return protocol_.call != MemoryProtocol::Call::reserves; }
  // Of no transfer under way anything before this cycle is still to be told.
  [[nodiscard]] Cycles known_until() const;

 private:
  struct Job {
    Block block;
    Cycles asked, buffer_done;  // absolute
    Done done;
  };

  void work();  // a thread
  void carry(const Job& job);

  ProcessGuard& guard_;
  MemoryProtocol protocol_;
  std::deque<Job> jobs_;
  std::multiset<Cycles> asked_;  // of transfers under way
  int idle_ = 0;                 // threads
  sc_core::sc_event job_;
};

}  // namespace basil
