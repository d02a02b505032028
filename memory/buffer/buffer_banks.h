// The timing of an on-chip buffer: which bank serves which stream when. SystemC-free.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/units.h"
#include "memory/bank_calendar.h"
#include "memory/calendar.h"

namespace basil {

// Where consecutive words lie. `streams`: a stream has a bank of its own while it lasts, as Eyeriss hands its
// banks to ifmaps or psums. `interleaved`: word i in bank i mod banks, so that streams meet at banks.
enum class BankLayout { streams, interleaved };

struct BufferParameters {
  Bytes bytes{100 * 1024};
  int banks = 25;
  int port_bits = 64;  // moved by a port in a cycle
  int ports = 1;       // of a bank: 1, a read or a write a cycle; 2, a read and a write a cycle
  BankLayout layout = BankLayout::streams;
  Arbitration arbitration = Arbitration::first_come;  // of interleaved banks
  bool doubled = false;  // in two halves, banks and all: DRAM fills or drains one, the array has the other

  // What a block for the array may take.
  [[nodiscard]] Bytes room() const { return doubled ? Bytes(bytes.value / 2) : bytes; }
};

struct BufferTransfer {
  std::uint64_t address = 0;  // in bytes
  Bytes bytes;
  Cycles start;                   // absolute
  std::int64_t bits_a_cycle = 0;  // that the other end gives or takes; 0: a port's
  StreamKind kind = StreamKind::dram;
  bool write = false;
};

class BufferBanks {
 public:
  explicit BufferBanks(const BufferParameters& parameters);

  [[nodiscard]] const BufferParameters& parameters() const { return parameters_; }
  [[nodiscard]] std::int64_t accesses(Bytes bytes) const {
    return ceil_div(bytes.value * 8, parameters_.port_bits);
  }

  // All banks are free, and nothing has been counted.
  void quiesce();
  // Serves at least 1 byte; returns when it is complete. No transfer may start before `now` from then on.
  // With layout `streams` it takes `accesses` cycles on end of one bank, the one that has them first (ties:
  // the lowest); more streams than banks queue. Interleaved, an access a cycle, every pace-th cycle behind a
  // narrower bus, or several banks at once behind a wider one (but for DRAM's: the DMA is a port wide); paces
  // and widths are whole, in favour of the buffer, since the bus counts its own time.
  Cycles transfer(const BufferTransfer& transfer, Cycles now);
  // Cycles in which streams of each kind waited for a bank.
  [[nodiscard]] ConflictCycles conflicts() const;

 private:
  struct Half {
    BankCalendar calendar;
    std::array<std::vector<Calendar>, 2> ports;  // of each bank: its read port or only one, its write port
    ConflictCycles queued{};
  };

  [[nodiscard]] Cycles keep_a_bank(Half& half, const BufferTransfer& transfer, Cycles now) const;
  [[nodiscard]] Cycles interleave(Half& half, const BufferTransfer& transfer, Cycles now) const;

  BufferParameters parameters_;
  int banks_;                 // of a half
  std::vector<Half> halves_;  // one, or the array's and DRAM's
};

}  // namespace basil
