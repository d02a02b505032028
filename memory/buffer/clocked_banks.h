// Word-interleaved banks cycle by cycle: the reference that memory/bank_calendar.h is held against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "memory/bank_calendar.h"

namespace basil {

// Streams offered up front, an arbiter, and banks of which each takes as many accesses a cycle as it has
// ports.
class ClockedBanks {
 public:
  // `round_robin` in place of the parameters' arbitration: whoever was first refused in a cycle is asked
  // first in the next.
  explicit ClockedBanks(const BankParameters& parameters, bool round_robin = false);

  void offer(const BankStream& stream);
  // Clocks until every access is served; the streams in the order of their offers.
  [[nodiscard]] std::vector<ServedStream> run();

 private:
  struct Queue {
    BankStream stream;
    std::int64_t served_accesses = 0;
    ServedStream served;
  };

  void step();
  [[nodiscard]] bool grant(Queue& queue);
  [[nodiscard]] char& port(int bank, bool write);

  BankParameters parameters_;
  bool round_robin_;
  std::vector<Queue> queues_;
  std::vector<std::size_t> order_;  // in which they are asked
  std::vector<char> taken_;         // ports in this cycle
  std::int64_t cycle_ = 0;
};

}  // namespace basil
