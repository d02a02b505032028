// The commands of a DRAM and what they do to its banks, as a waveform shows them.
#pragma once

#include <cstdint>
#include <vector>

#include "memory/dram/memory.h"
#include "models/simulate.h"
#include "models/waveform.h"

namespace basil {

// For each channel: the command as a word, the place it is for, the direction of the data bus, and how many
// reads and writes wait in the controller; for each bank its state and row. A nanosecond is a DRAM clock.
class DramSignals {
 public:
  DramSignals(Waveform& waveform, const DramDevice& device);

  // A channel's commands in their order, at their clock or before.
  void command(int channel, const LoggedDramCommand& command);
  // When a request is accepted, or before.
  void queued(int channel, const DramCompletion& request);

 private:
  enum State { idle, opening, open, closing, refresh };  // as state_words has them
  struct Bank {
    Waveform::Signal state = 0, row = 0;
    bool is_open = false;
    std::int64_t may_close = 0;  // the clock a precharge may come at
  };
  struct Channel {
    Waveform::Signal command = 0, rank = 0, group = 0, bank = 0, row = 0, column = 0, data = 0, reads = 0,
                     writes = 0;
    std::vector<Bank> banks;
  };

  [[nodiscard]] Channel declare(int index);
  void at(std::int64_t clock, Waveform::Signal signal, std::int64_t value);
  void column(Channel& channel, const LoggedDramCommand& command, bool write, bool closes);
  void close(Bank& bank, std::int64_t clock, std::int64_t takes);
  void close_all(Channel& channel, const LoggedDramCommand& command);
  [[nodiscard]] std::vector<Bank*> banks_of(Channel& channel, int rank);

  Waveform& waveform_;
  DramOrganisation organisation_;
  DramTiming timing_;
  std::vector<Channel> channels_;
};

// Of a memory that has kept its log from the start and finished. One call a process (SystemC elaborates
// once). Error for a file that cannot be written, or that would be larger than anyone could open.
void write_dram_waveform(DramMemory& memory, const WaveformOptions& options);

}  // namespace basil
