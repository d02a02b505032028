#include "memory/dram/channel.h"

#include <algorithm>
#include <tuple>

namespace basil {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

bool is_column(DramCommand command) { return command == DramCommand::read || command == DramCommand::write; }

}  // namespace

DramChannel::DramChannel(const DramDevice& device)
    : organisation_(device.organisation),
      timing_(device.timing),
      policy_(device.policy),
      in_order_(device.policy.scheduler == DramScheduler::fcfs),
      states_(device),
      reads_(device.organisation.ranks * device.organisation.banks_a_rank(), device.policy.read_queue),
      writes_(device.organisation.ranks * device.organisation.banks_a_rank(), device.policy.write_queue),
      refreshes_(at(device.organisation.ranks)) {
  next_.fill(std::vector<Next>(at(organisation_.ranks * organisation_.banks_a_rank())));
  for (int rank = 0; rank < organisation_.ranks; ++rank) {
    refreshes_[at(rank)].due =
        policy_.refresh ? timing_.tREFI * (rank + 1) / organisation_.ranks : dram_never;
  }
}

bool DramChannel::idle() const { return reads_.empty() && writes_.empty() && waiting_outside() == 0; }

// --- requests in

void DramChannel::enqueue(const DramRequest& request, std::int64_t clock) {
  if (waiting_outside() == 0) {
    inbox_.clear();
    inbox_head_ = inbox_in_order_ = 0;
  }
  const std::int64_t asked = std::max(clock, now_);
  if (inbox_in_order_ == inbox_.size() && (inbox_.empty() || inbox_.back().asked <= asked)) ++inbox_in_order_;
  inbox_.push_back({.row = request.place.row,
                    .column = request.place.column,
                    .id = request.id,
                    .asked = asked,
                    .bank = request.place.bank,
                    .write = request.write});
}

// Once for all that came since: a transfer's requests fall among those of transfers before it.
void DramChannel::order_inbox() {
  if (inbox_in_order_ == inbox_.size()) return;
  const auto earlier = [](const DramWaiting& a, const DramWaiting& b) { return a.asked < b.asked; };
  const auto at = [&](std::size_t index) { return inbox_.begin() + static_cast<std::ptrdiff_t>(index); };
  std::stable_sort(at(inbox_in_order_), inbox_.end(), earlier);
  std::inplace_merge(at(inbox_head_), at(inbox_in_order_), inbox_.end(), earlier);
  inbox_in_order_ = inbox_.size();
}

void DramChannel::admit_arrived() {
  while (inbox_head_ < inbox_.size()) {
    const DramWaiting& next = inbox_[inbox_head_];
    if (next.asked > now_ || queue_for(next.write).full()) return;
    if (keeping_accepted_) accepted_.push_back(next.id);
    admit(next);
    ++inbox_head_;
  }
}

void DramChannel::admit(const DramWaiting& request) {
  DramWaiting waiting = request;
  waiting.accepted = now_;
  waiting.order = order_++;
  if (!in_order_ && !waiting.write && forward(waiting)) return;
  if (!in_order_ && waiting.write) {
    const auto& reads = reads_.of_bank(waiting.bank);
    waiting.after_read = std::any_of(reads.begin(), reads.end(),
                                     [&](const DramWaiting& read) { return read.same_burst(waiting); });
  }
  queue_for(waiting.write).push(waiting);
  forget_next(waiting.bank);
}

bool DramChannel::forward(const DramWaiting& read) {
  const auto& writes = writes_.of_bank(read.bank);
  const auto newest = std::find_if(writes.rbegin(), writes.rend(),
                                   [&](const DramWaiting& write) { return write.same_burst(read); });
  if (newest == writes.rend()) return false;
  completions_.push_back({.id = read.id,
                          .asked = read.asked,
                          .accepted = now_,
                          .served = now_,
                          .done = now_ + 1,
                          .forwarded_from = newest->id});
  last_done_ = std::max(last_done_, now_ + 1);
  ++activity_.forwarded;
  return true;
}

// --- which command next

// By what was sent last and what waits, never by how often it is asked.
bool DramChannel::should_write() const {
  if (writes_.size() >= policy_.write_high) return true;
  if (reads_.empty()) return !writes_.empty();
  return writing_ && writes_.size() > policy_.write_low;
}

DramChannel::Choice DramChannel::choose() {
  const Choice refresh = choose_refresh();
  const bool writing = should_write();
  Choice request = choose_from(writing);
  // Perhaps every write waits for an older read of its burst.
  if (request.clock == dram_never && !reads_.empty()) request = choose_from(false);
  if (!in_order_ && !queue_for(!writing).empty()) {
    const Choice ahead = choose_ahead(!writing);
    if (ahead.clock < request.clock) request = ahead;
  }
  return request.clock < refresh.clock ? request : refresh;
}

DramChannel::Choice DramChannel::choose_refresh() const {
  Choice best;
  for (int rank = 0; rank < organisation_.ranks; ++rank) {
    if (!refreshes_[at(rank)].pending) continue;
    const bool open = states_.any_open(rank);
    const std::int64_t clock =
        std::max(now_, open ? states_.earliest_precharge_all(rank) : states_.earliest_refresh(rank));
    if (clock < best.clock) {
      best = {
          .clock = clock, .command = open ? DramCommand::precharge_all : DramCommand::refresh, .rank = rank};
    }
  }
  return best;
}

DramCommand DramChannel::needed(const DramWaiting& request) const {
  const std::int64_t open = states_.open_row(request.bank);
  if (open == request.row) return request.write ? DramCommand::write : DramCommand::read;
  return open < 0 ? DramCommand::activate : DramCommand::precharge;
}

std::int64_t DramChannel::earliest(DramCommand command, int bank) const {
  if (is_column(command)) return std::max(now_, states_.earliest_column(bank, command == DramCommand::write));
  return std::max(now_, command == DramCommand::activate ? states_.earliest_activate(bank)
                                                         : states_.earliest_precharge(bank));
}

bool DramChannel::waits_for_read(const DramWaiting& write) const {
  if (!write.after_read) return false;
  const auto& reads = reads_.of_bank(write.bank);
  return std::any_of(reads.begin(), reads.end(), [&](const DramWaiting& read) {
    return read.order < write.order && read.same_burst(write);
  });
}

DramChannel::Choice DramChannel::choose_for(const DramWaiting& request) const {
  const int rank = states_.rank_of(request.bank);
  if (refreshes_[at(rank)].pending || waits_for_read(request)) return {};
  const DramCommand command = needed(request);
  return {.clock = earliest(command, request.bank),
          .command = command,
          .rank = rank,
          .column = is_column(command),
          .writing = request.write,
          .bank = request.bank,
          .order = request.order};
}

std::optional<std::size_t> DramChannel::next_of(const std::vector<DramWaiting>& waiting) const {
  const std::int64_t open = states_.open_row(waiting.front().bank);
  std::optional<std::size_t> next;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (waiting[i].row != open && next) continue;  // an older one needs another row, too
    if (waits_for_read(waiting[i])) continue;
    next = i;
    if (waiting[i].row == open || open < 0) break;
  }
  return next;
}

void DramChannel::forget_next(int bank) {
  for (std::vector<Next>& next : next_) next[at(bank)].known = false;
}

DramChannel::Choice DramChannel::choose_from(bool writing) {
  const DramRequestQueue& queue = queue_for(writing);
  if (queue.empty()) return {};
  if (in_order_ || overtaken_[at(writing)] >= policy_.starvation_cap) return choose_for(queue.oldest());
  Choice best;
  for (const int bank : queue.busy_banks()) {
    const Choice choice = choose_of(writing, bank);
    if (choice.before(best)) best = choice;
  }
  return best;
}

// Of a bank that has requests of that direction.
DramChannel::Choice DramChannel::choose_of(bool writing, int bank) {
  const std::vector<DramWaiting>& waiting = queue_for(writing).of_bank(bank);
  Next& next = next_[at(writing)][at(bank)];
  if (!next.known) next = {.known = true, .index = next_of(waiting)};
  if (!next.index) return {};
  Choice choice = choose_for(waiting[*next.index]);
  choice.index = *next.index;
  return choice;
}

// No READ or WRITE: the data bus is the other direction's.
DramChannel::Choice DramChannel::choose_ahead(bool writing) {
  Choice best;
  for (const int bank : queue_for(writing).busy_banks()) {
    if (!queue_for(!writing).of_bank(bank).empty()) continue;
    Choice choice = choose_of(writing, bank);
    choice.ahead = true;
    if (!choice.column && choice.before(best)) best = choice;
  }
  return best;
}

// --- time

// The next arrival that has room, or refresh that falls due.
std::int64_t DramChannel::next_event() {
  std::int64_t event = dram_never;
  if (inbox_head_ < inbox_.size() && !queue_for(inbox_[inbox_head_].write).full())
    event = inbox_[inbox_head_].asked;
  for (const Refresh& refresh : refreshes_) {
    if (!refresh.pending) event = std::min(event, refresh.due);
  }
  return event;
}

std::int64_t DramChannel::advance(std::int64_t until) {
  order_inbox();
  while (true) {
    admit_arrived();
    for (Refresh& refresh : refreshes_) refresh.pending = refresh.pending || refresh.due <= now_;
    const bool waiting = !idle();
    if (!waiting && until == dram_never) return dram_never;
    if (reads_.empty() && writes_.empty()) skip_idle_refreshes(until);
    const Choice choice = choose();
    const std::int64_t event = next_event();
    const std::int64_t next = std::min(choice.clock, event);
    if (next >= until) {
      now_ = std::max(now_, until);
      return waiting ? next : dram_never;
    }
    if (event <= choice.clock) {
      now_ = std::max(now_, event);
    } else {
      send(choice);
      if (watcher_ && ++unwatched_ % 1024 == 0) watcher_();
    }
  }
}

// All at once, when no row is open and nobody looks at the log: an idle second is 10^5 refreshes.
void DramChannel::skip_idle_refreshes(std::int64_t until) {
  if (logging_ || !policy_.refresh) return;
  const std::int64_t end = inbox_head_ < inbox_.size() ? std::min(until, inbox_[inbox_head_].asked) : until;
  for (int rank = 0; rank < organisation_.ranks; ++rank) {
    Refresh& refresh = refreshes_[at(rank)];
    // Each must be possible at the clock it falls due, and have the command bus to itself.
    if (refresh.pending || states_.any_open(rank) || states_.earliest_refresh(rank) > refresh.due ||
        refresh.due >= end || timing_.tREFI < organisation_.ranks)
      continue;
    const std::int64_t n = (end - 1 - refresh.due) / timing_.tREFI + 1;
    states_.refreshes(rank, n, refresh.due + (n - 1) * timing_.tREFI);
    activity_.refreshes += n;
    refresh.due += n * timing_.tREFI;
  }
}

// --- commands out

void DramChannel::log(DramCommand command, int rank, const DramWaiting* request) {
  if (!logging_) return;
  LoggedDramCommand entry{.clock = now_, .command = command, .rank = rank};
  if (request != nullptr) {
    entry.bank = request->bank;
    entry.group = states_.group_of(request->bank);
    entry.row = command == DramCommand::precharge ? -1 : request->row;
    if (command != DramCommand::activate && command != DramCommand::precharge) entry.column = request->column;
  }
  log_.push_back(entry);
}

void DramChannel::send(const Choice& choice) {
  now_ = choice.clock;
  if (choice.command == DramCommand::refresh || choice.command == DramCommand::precharge_all) {
    send_refresh(choice);
  } else if (is_column(choice.command)) {
    send_column(choice);
  } else {
    send_row(choice);
  }
  ++now_;  // the command bus takes one a clock
}

void DramChannel::send_row(const Choice& choice) {
  const DramWaiting& request = queue_for(choice.writing).of_bank(choice.bank)[choice.index];
  if (!choice.ahead) writing_ = choice.writing;
  forget_next(choice.bank);
  log(choice.command, choice.rank, &request);
  if (choice.command == DramCommand::activate) {
    states_.activate(request.bank, request.row, now_);
    ++activity_.activates;
    return;
  }
  states_.precharge(request.bank, now_);
  ++activity_.precharges;
  ++activity_.conflicts;
}

void DramChannel::send_refresh(const Choice& choice) {
  log(choice.command, choice.rank, nullptr);
  if (choice.command == DramCommand::precharge_all) {
    states_.precharge_all(choice.rank, now_);
    const int banks = organisation_.banks_a_rank();
    for (int bank = choice.rank * banks; bank < (choice.rank + 1) * banks; ++bank) forget_next(bank);
    ++activity_.precharges;
    return;
  }
  states_.refresh(choice.rank, now_);
  ++activity_.refreshes;
  Refresh& refresh = refreshes_[at(choice.rank)];
  refresh.due += timing_.tREFI;
  refresh.pending = false;
}

// By anyone who waits in a queue.
bool DramChannel::row_wanted(const DramWaiting& request) const {
  const auto wants = [&](const DramRequestQueue& queue) {
    const auto& waiting = queue.of_bank(request.bank);
    return std::any_of(waiting.begin(), waiting.end(),
                       [&](const DramWaiting& other) { return other.same_row(request); });
  };
  return wants(reads_) || wants(writes_);
}

void DramChannel::send_column(const Choice& choice) {
  DramRequestQueue& queue = queue_for(choice.writing);
  int& overtaken = overtaken_[at(choice.writing)];
  overtaken = queue.oldest().order == choice.order ? 0 : overtaken + 1;
  const DramWaiting request = queue.take(choice.bank, choice.index);
  forget_next(choice.bank);
  writing_ = choice.writing;
  const bool closes = policy_.page == DramPage::closed && !row_wanted(request);
  const DramCommand open_command = request.write ? DramCommand::write : DramCommand::read;
  const DramCommand closing_command =
      request.write ? DramCommand::write_precharge : DramCommand::read_precharge;
  log(closes ? closing_command : open_command, states_.rank_of(request.bank), &request);

  activity_.row_hits += states_.fresh(request.bank) ? 0 : 1;
  ++(request.write ? activity_.writes : activity_.reads);
  states_.column(request.bank, request.write, now_);
  if (closes) {
    states_.precharge_by_itself(request.bank);
    ++activity_.precharges;
  }
  const std::int64_t latency = request.write ? timing_.write_latency() : timing_.read_latency();
  const std::int64_t done = now_ + latency + organisation_.burst_clocks();
  last_done_ = std::max(last_done_, done);
  completions_.push_back({.id = request.id,
                          .write = request.write,
                          .asked = request.asked,
                          .accepted = request.accepted,
                          .served = now_,
                          .done = done});
}

DramActivity DramChannel::activity(std::int64_t end) const {
  DramActivity activity = activity_;
  activity.active_clocks = states_.active_clocks(end);
  activity.precharged_clocks = end * organisation_.ranks - activity.active_clocks;
  return activity;
}

}  // namespace basil
