#include "memory/bank_calendar.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/units.h"

namespace basil {
namespace {

inline constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

std::int64_t wrapped(std::int64_t bank, std::int64_t banks) { return (bank % banks + banks) % banks; }

}  // namespace

std::string_view to_string(StreamKind kind) {
  constexpr std::array<std::string_view, stream_kinds> names{"weights", "activations", "psums", "dram"};
  return names[static_cast<std::size_t>(kind)];
}

// Runs that a stream must not meet, swept in time with it.
class BankCalendar::Obstacles {
 public:
  Obstacles(std::vector<Run> runs, int banks) : runs_(std::move(runs)), banks_(banks) {
    std::sort(runs_.begin(), runs_.end(), [](const Run& a, const Run& b) { return a.start < b.start; });
  }

  // Accesses of `run` before the first that meets an obstacle. Its start never goes back from call to call.
  std::int64_t clear_accesses(const Run& run) {
    advance(run.start);
    std::int64_t first = never;
    for (const std::size_t index : active_) first = std::min(first, meeting(run, runs_[index]));
    for (std::size_t i = coming_; i < runs_.size() && runs_[i].start <= std::min(first, run.last()); ++i)
      first = std::min(first, meeting(run, runs_[i]));
    return first == never ? run.accesses : (first - run.start) / run.pace;
  }

  // The first cycle from `cycle` on in which the banks of the access are all free.
  std::int64_t first_free(Run access) {
    for (;;) {
      advance(access.start);
      const bool met = std::any_of(active_.begin(), active_.end(),
                                   [&](std::size_t i) { return meeting(access, runs_[i]) != never; });
      if (!met) return access.start;
      access.start = std::max(access.start + 1, full_until(access.lanes));
    }
  }

 private:
  void advance(std::int64_t cycle) {
    for (; coming_ < runs_.size() && runs_[coming_].start <= cycle; ++coming_) active_.push_back(coming_);
    std::erase_if(active_, [&](std::size_t index) { return runs_[index].last() < cycle; });
  }

  // Active runs of pace 1 that leave fewer banks than `lanes` in any cycle: until the first of them ends.
  [[nodiscard]] std::int64_t full_until(int lanes) const {
    std::int64_t taken = 0, end = never;
    for (const std::size_t index : active_) {
      if (runs_[index].pace > 1 && runs_[index].accesses > 1) continue;
      taken += runs_[index].lanes;
      end = std::min(end, runs_[index].last() + 1);
    }
    return taken + lanes > banks_ ? end : 0;
  }

  // The first cycle in which both have an access to one bank, or never.
  [[nodiscard]] std::int64_t meeting(const Run& a, const Run& b) const {
    const std::int64_t from = std::max(a.start, b.start), until = std::min(a.last(), b.last());
    std::int64_t cycle = common_cycle(a, b, from, until);
    if (cycle > until) return never;
    const std::int64_t every = std::lcm(a.pace, b.pace);
    // How far a's first bank lies behind b's, and how that changes from common cycle to common cycle.
    std::int64_t offset = wrapped(a.bank + (cycle - a.start) / a.pace % banks_ * a.lanes - b.bank -
                                      (cycle - b.start) / b.pace % banks_ * b.lanes,
                                  banks_);
    const std::int64_t drift =
        wrapped(every / a.pace % banks_ * a.lanes - every / b.pace % banks_ * b.lanes, banks_);
    for (std::int64_t tried = 0; tried < banks_ && cycle <= until; ++tried, cycle += every) {
      if (wrapped(offset + a.lanes - 1, banks_) < a.lanes + b.lanes - 1) return cycle;
      if (drift == 0) break;
      offset = (offset + drift) % banks_;
    }
    return never;
  }

  // The first cycle of from .. until in which both have an access, or one beyond `until`.
  [[nodiscard]] static std::int64_t common_cycle(const Run& a, const Run& b, std::int64_t from,
                                                 std::int64_t until) {
    const Run& slow = a.pace >= b.pace ? a : b;
    const Run& fast = a.pace >= b.pace ? b : a;
    std::int64_t cycle = slow.start + ceil_div(from - slow.start, slow.pace) * slow.pace;
    for (std::int64_t tried = 0; cycle <= until; ++tried, cycle += slow.pace) {
      if ((cycle - fast.start) % fast.pace == 0) return cycle;
      if (tried == fast.pace) break;
    }
    return never;
  }

  std::vector<Run> runs_;            // by start
  std::vector<std::size_t> active_;  // not over at the sweep's cycle
  std::size_t coming_ = 0;           // the first that starts after it
  std::int64_t banks_;
};

ServedStream BankCalendar::Laid::served() const {
  ServedStream served{.end = runs.back().last() + 1};
  for (const Run& run : runs) served.waited += run.waited;
  return served;
}

void BankCalendar::forget_before(std::int64_t cycle) {
  std::erase_if(laid_, [&](const Laid& laid) { return laid.runs.back().last() < cycle; });
}

bool BankCalendar::goes_before(const BankStream& a, const BankStream& b) const {
  if (parameters_.arbitration == Arbitration::first_come) return true;
  return a.kind <= b.kind;
}

ServedStream BankCalendar::offer(const BankStream& stream) {
  laid_.push_back({stream, {}});
  std::vector<std::size_t> order{laid_.size() - 1};
  for (std::size_t i = 0; i + 1 < laid_.size(); ++i) {
    if (goes_before(laid_[i].stream, stream)) continue;
    take_back(laid_[i], stream.start);
    order.push_back(i);
  }
  // Those that gave way are laid anew: the most urgent first, then by their offers.
  std::stable_sort(order.begin() + 1, order.end(),
                   [&](std::size_t a, std::size_t b) { return laid_[a].stream.kind < laid_[b].stream.kind; });
  for (const std::size_t index : order) lay(laid_[index]);
  return laid_.back().served();
}

// Its accesses from cycle `from` on are to be laid anew.
void BankCalendar::take_back(Laid& laid, std::int64_t from) {
  for (Run& run : laid.runs) {
    const std::int64_t kept =
        run.start >= from ? 0 : std::min(run.accesses, ceil_div(from - run.start, run.pace));
    if (kept == 0) waited_[static_cast<std::size_t>(laid.stream.kind)] -= run.waited;
    run.accesses = kept;
  }
  std::erase_if(laid.runs, [](const Run& run) { return run.accesses == 0; });
}

// Lays what of the stream has no run yet over all that goes before it and is laid.
void BankCalendar::lay(Laid& laid) {
  const BankStream& stream = laid.stream;
  std::int64_t done = 0, ready = stream.start;
  for (const Run& run : laid.runs) {
    done += run.accesses;
    ready = run.last() + 1;
  }
  std::vector<Run> before;
  for (const Laid& other : laid_) {
    const bool apart = parameters_.ports == 2 && other.stream.write != stream.write;
    if (&other == &laid || apart) continue;
    for (const Run& run : other.runs) {
      if (run.last() >= ready) before.push_back(run);
    }
  }
  Obstacles obstacles(std::move(before), parameters_.banks);

  std::int64_t waited = 0;
  while (done < stream.accesses) {
    const std::int64_t due = stream.start + done * stream.pace;
    ready = std::max(ready, due);
    Run run{.start = ready,
            .accesses = stream.accesses - done,
            .pace = stream.pace,
            .bank = wrapped(stream.bank + done % parameters_.banks * stream.lanes, parameters_.banks),
            .lanes = stream.lanes,
            .waited = waited};
    if (ready > due && stream.pace > 1) {  // behind: an access a cycle until it is back in its pace
      run.accesses = std::min(run.accesses, ceil_div(ready - due, stream.pace - 1));
      run.pace = 1;
    }
    const std::int64_t wanted = run.accesses;
    run.accesses = obstacles.clear_accesses(run);
    done += run.accesses;
    Run stopped = run;
    if (run.accesses > 0) {
      waited_[static_cast<std::size_t>(stream.kind)] += run.waited;
      laid.runs.push_back(run);
      ready = run.last() + 1;
      waited = 0;
    }
    if (run.accesses == wanted) continue;
    stopped.start = run.start + run.accesses * run.pace;
    stopped.bank = wrapped(run.bank + run.accesses % parameters_.banks * run.lanes, parameters_.banks);
    stopped.accesses = 1;
    ready = obstacles.first_free(stopped);
    waited += ready - stopped.start;
  }
}

std::vector<ServedStream> BankCalendar::served() const {
  std::vector<ServedStream> all;
  all.reserve(laid_.size());
  for (const Laid& laid : laid_) all.push_back(laid.served());
  return all;
}

}  // namespace basil
