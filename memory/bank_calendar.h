// Word-interleaved banks at transaction level: streams reserve bank cycles, and no cycle is stepped.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace basil {

// Whose words a stream carries, the most urgent first. `dram`: fills from and drains to DRAM, of any operand.
enum class StreamKind { weights, activations, psums, dram };
inline constexpr std::size_t stream_kinds = 4;
using ConflictCycles = std::array<std::int64_t, stream_kinds>;  // by StreamKind
[[nodiscard]] std::string_view to_string(StreamKind kind);

// Who gets a bank that several streams ask for in one cycle. `first_come`: the stream that was offered first.
// `priority`: the array's before DRAM's, whose slow link leaves them time, and among the array's those it
// needs first: weights, activations, psums; among their like, the first offered.
enum class Arbitration { first_come, priority };

struct BankParameters {
  int banks = 1;
  int ports = 1;  // of a bank: 1, a read or a write a cycle; 2, a read and a write a cycle
  Arbitration arbitration = Arbitration::first_come;
};

// Accesses to consecutive words, one bank after the other. Access i asks in cycle start + i * pace, or in the
// cycle after access i - 1 was served if that is later: a stream that fell behind catches up an access a
// cycle. It takes `lanes` neighbouring banks at once, all of them or none.
struct BankStream {
  std::int64_t start = 0;
  std::int64_t accesses = 1;
  std::int64_t pace = 1;  // cycles, at least 1
  int bank = 0;           // of access 0
  int lanes = 1;          // 1 .. banks
  StreamKind kind = StreamKind::weights;
  bool write = false;
};

struct ServedStream {
  std::int64_t end = 0;     // the cycle after its last access
  std::int64_t waited = 0;  // cycles in which an access asked and got no bank
};

// Each stream is laid over those that go before it, exactly as an arbiter clocked bank by bank serves them
// (memory/buffer/clocked_banks.h): a run of accesses up to the first that meets a taken bank, the wait there,
// the next run. Two streams of one pace meet once and then follow each other, so work is per meeting. Left
// out: with `priority`, a stream offered earlier that gives way to a later one takes its accesses later from
// then on, but whoever was told its end is not told again. Round robin, where both would lose cycles in turn,
// would need the same and is not offered. Measured over random streams that ask for up to 0.8 of the banks
// (bank_calendar_test): by `priority` the end of all streams is told 0.2 % early in the mean and a stream's
// own length 0.8 % short; a round robin arbiter ends all within 0.3 % of first_come, a single stream
// within 2.6 %. Streams that ask for more than all banks can serve share them otherwise under round robin.
class BankCalendar {
 public:
  explicit BankCalendar(const BankParameters& parameters) : parameters_(parameters) {}

  // No stream may start before `cycle` from now on.
  void forget_before(std::int64_t cycle);
  ServedStream offer(const BankStream& stream);
  // As the streams stand now, by order of their offers; those forgotten are not among them.
  [[nodiscard]] std::vector<ServedStream> served() const;
  // Cycles waited so far, of each kind, those of streams that gave way among them.
  [[nodiscard]] const ConflictCycles& waited() const { return waited_; }

 private:
  // Accesses at start + i * pace on banks bank + i * lanes ..., i < accesses.
  struct Run {
    std::int64_t start = 0, accesses = 0, pace = 1, bank = 0;
    int lanes = 1;
    std::int64_t waited = 0;  // before its first access

    [[nodiscard]] std::int64_t last() const { return start + (accesses - 1) * pace; }
  };
  struct Laid {
    BankStream stream;
    std::vector<Run> runs;

    [[nodiscard]] ServedStream served() const;
  };
  class Obstacles;

  [[nodiscard]] bool goes_before(const BankStream& a, const BankStream& b) const;
  void take_back(Laid& laid, std::int64_t from);
  void lay(Laid& laid);

  BankParameters parameters_;
  std::vector<Laid> laid_;  // by order of offers
  ConflictCycles waited_{};
};

}  // namespace basil
