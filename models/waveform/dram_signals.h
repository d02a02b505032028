// The commands of a DRAM and what they do to its banks, as a waveform shows them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "memory/dram/memory.h"
#include "models/waveform/waveform.h"

namespace basil {

// For each channel: the command as a word, the place it is for, the direction of the data bus, and, where
// asked for, how many reads and writes wait in the controller; for each bank its state and row.
class DramSignals {
 public:
  // The waveform's tick in which a clock of the memory begins.
  using TickOf = std::function<std::int64_t(std::int64_t clock)>;
  // `prefix`: of every name, such as "dram.".
  DramSignals(Waveform& waveform, const DramDevice& device, std::string prefix, TickOf tick_of, bool queues);

  // A channel's commands in their order.
  void command(int channel, const LoggedDramCommand& command);
  // Where a nanosecond is a DRAM clock.
  void queued(int channel, const DramCompletion& request);
  // At `time` nothing is under way and every row closed, whatever was told before; its clocks start again.
  void quiesce(Cycles time);

 private:
  enum State { idle, opening, open, closing, refresh };  // as state_words has them
  struct Bank {
    Waveform::Signal state = 0, row = 0;
    bool is_open = false;
    std::int64_t may_close = 0;  // the clock a precharge may come at
  };
  struct Channel {
    Waveform::Signal command = 0, rank = 0, group = 0, bank = 0, row = 0, column = 0, data = 0, reads = 0,
                     writes = 0, last = 0;
    std::vector<Bank> banks;
  };

  [[nodiscard]] Channel declare(int index);
  void at(std::int64_t clock, Waveform::Signal signal, std::int64_t value);
  void column(Channel& channel, const LoggedDramCommand& command, bool write, bool closes);
  void close(Bank& bank, std::int64_t clock, std::int64_t takes);
  void close_all(Channel& channel, const LoggedDramCommand& command);
  [[nodiscard]] std::vector<Bank*> banks_of(Channel& channel, int rank);

  Waveform& waveform_;
  std::string prefix_;
  TickOf tick_of_;
  bool queues_;
  DramOrganisation organisation_;
  DramTiming timing_;
  std::vector<Channel> channels_;
};

// Of a memory that has kept its log from the start and finished. One call a process (SystemC elaborates
// once). Error for a file that cannot be written, or that would be larger than anyone could open.
void write_dram_waveform(DramMemory& memory, const WaveformOptions& options);

}  // namespace basil
