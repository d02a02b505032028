// One DRAM channel and its controller, without a clock: work is done for each command, never for a clock in
// which nothing is sent. SystemC-free.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "memory/dram/address_map.h"
#include "memory/dram/bank_states.h"
#include "memory/dram/command.h"
#include "memory/dram/device.h"
#include "memory/dram/energy.h"
#include "memory/dram/request_queue.h"

namespace basil {

inline constexpr std::int64_t dram_never = std::numeric_limits<std::int64_t>::max();

// One burst, read or written.
struct DramRequest {
  std::int64_t id = 0;  // the caller's own
  DramPlace place;
  bool write = false;
};

struct DramCompletion {
  std::int64_t id = 0;
  bool write = false;
  std::int64_t asked = 0;            // the clock it was enqueued for
  std::int64_t accepted = 0;         // when it entered the controller's queue
  std::int64_t served = 0;           // its READ or WRITE; of a forwarded read, when it was accepted
  std::int64_t done = 0;             // the clock after the last data
  std::int64_t forwarded_from = -1;  // the id of the queued write a read was served from
};

// The controller. Requests enter in order, when the queue of their kind has room (with FCFS one queue holds
// both, and is served strictly in order). One command a clock is sent:
//   FR-FCFS  the command that may go first; of several, row hits before others, then the oldest request's.
//            A row with hits waiting stays open. The oldest request may be overtaken `starvation_cap` times,
//            then nothing else is sent until it is served.
//   writes   wait until `write_high` of them do or no read waits, then go until `write_low` are left and a
//            read waits. A read of a waiting write's burst is served from the queue, a clock after it came; a
//            write never overtakes a read of its burst.
//   ahead    while one direction has the data bus, banks that none of it waits for precharge and activate for
//            the other, so that after the turn its first bursts find rows open.
//   closed   page: the last READ or WRITE of a row that anyone waits for closes it.
//   refresh  each tREFI, the ranks evenly apart: from then on the rank gets nothing but its precharge and
//   REF.
class DramChannel {
 public:
  explicit DramChannel(const DramDevice& device);

  // Requests enter in the order of their clocks, those of one clock in that of the calls; a clock before
  // now() counts as now().
  void enqueue(const DramRequest& request, std::int64_t clock);
  // Sends every command before clock `until`. Returns the clock of the next thing to do as far as is known,
  // or dram_never when no request waits.
  std::int64_t advance(std::int64_t until);
  // Until no request waits. The time then is that of the last command, not of its data.
  void drain() { advance(dram_never); }

  [[nodiscard]] std::int64_t now() const { return now_; }
  [[nodiscard]] bool idle() const;  // nothing waits
  // Requests that are not in a queue yet.
  [[nodiscard]] std::int64_t waiting_outside() const {
    return static_cast<std::int64_t>(inbox_.size() - inbox_head_);
  }
  // To be called now and then while commands are sent.
  void watch(std::function<void()> watcher) { watcher_ = std::move(watcher); }
  // The ids of requests as they enter a queue, or are served without; the caller may clear it.
  void keep_accepted() { keeping_accepted_ = true; }
  [[nodiscard]] std::vector<std::int64_t>& accepted() { return accepted_; }
  [[nodiscard]] std::int64_t last_done() const { return last_done_; }

  // In the order of their READs and WRITEs; the caller may clear it.
  [[nodiscard]] std::vector<DramCompletion>& completions() { return completions_; }
  // Up to `end`, which is not before now().
  [[nodiscard]] DramActivity activity(std::int64_t end) const;

  // Every command from now on, for a checker or a waveform; costs time and memory. Taken, the log begins
  // anew.
  void keep_log() { logging_ = true; }
  [[nodiscard]] std::vector<LoggedDramCommand> take_log() { return std::exchange(log_, {}); }
  [[nodiscard]] const std::vector<LoggedDramCommand>& log() const { return log_; }

 private:
  struct Choice {
    std::int64_t clock = dram_never;
    DramCommand command = DramCommand::refresh;
    int rank = 0;
    bool column = false;   // a READ or WRITE
    bool writing = false;  // for a request of the write queue
    bool ahead = false;    // a row for the direction that is not served now
    int bank = 0;
    std::size_t index = 0;  // of the request among its bank's
    std::uint64_t order = 0;

    [[nodiscard]] bool before(const Choice& other) const {
      if (clock != other.clock) return clock < other.clock;
      return column != other.column ? column : order < other.order;
    }
  };
  // next_of(), kept until the bank's row or requests change.
  struct Next {
    bool known = false;
    std::optional<std::size_t> index;
  };
  struct Refresh {
    std::int64_t due = 0;
    bool pending = false;
  };

  [[nodiscard]] DramRequestQueue& queue_for(bool write) { return write && !in_order_ ? writes_ : reads_; }
  void order_inbox();
  void admit_arrived();
  void admit(const DramWaiting& request);
  [[nodiscard]] bool forward(const DramWaiting& read);

  [[nodiscard]] Choice choose();
  [[nodiscard]] bool should_write() const;
  [[nodiscard]] Choice choose_refresh() const;
  [[nodiscard]] Choice choose_from(bool writing);
  [[nodiscard]] Choice choose_ahead(bool writing);
  [[nodiscard]] Choice choose_of(bool writing, int bank);
  // The request of a bank to serve next, row hits first; none while all wait for reads.
  [[nodiscard]] std::optional<std::size_t> next_of(const std::vector<DramWaiting>& waiting) const;
  [[nodiscard]] Choice choose_for(const DramWaiting& request) const;
  void forget_next(int bank);
  [[nodiscard]] DramCommand needed(const DramWaiting& request) const;
  [[nodiscard]] std::int64_t earliest(DramCommand command, int bank) const;
  [[nodiscard]] bool waits_for_read(const DramWaiting& write) const;
  [[nodiscard]] std::int64_t next_event();

  void send(const Choice& choice);
  void send_row(const Choice& choice);
  void send_column(const Choice& choice);
  [[nodiscard]] bool row_wanted(const DramWaiting& request) const;
  void send_refresh(const Choice& choice);
  void skip_idle_refreshes(std::int64_t until);
  void log(DramCommand command, int rank, const DramWaiting* request);

  const DramOrganisation organisation_;
  const DramTiming timing_;
  const DramPolicy policy_;
  const bool in_order_;

  BankStates states_;
  std::vector<DramWaiting> inbox_;                   // not yet in a queue, from inbox_head_ on
  std::size_t inbox_head_ = 0, inbox_in_order_ = 0;  // up to where it is
  bool keeping_accepted_ = false;
  std::vector<std::int64_t> accepted_;
  DramRequestQueue reads_, writes_;        // with FCFS, all requests are in reads_
  std::array<std::vector<Next>, 2> next_;  // of reads_ and of writes_, by bank
  bool writing_ = false;                   // the last command for a request was for a write
  std::array<int, 2> overtaken_{};         // requests that overtook the oldest of reads_, of writes_
  std::vector<Refresh> refreshes_;
  std::int64_t now_ = 0;  // no command will be sent before
  std::int64_t last_done_ = 0;
  std::uint64_t order_ = 0;

  std::vector<DramCompletion> completions_;
  DramActivity activity_;
  bool logging_ = false;
  std::vector<LoggedDramCommand> log_;
  std::function<void()> watcher_;
  std::uint64_t unwatched_ = 0;  // commands
};

}  // namespace basil
