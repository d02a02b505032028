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
      refreshes_(at(device.organisation.ranks)),
      hit_seen_(at(device.organisation.ranks * device.organisation.banks_a_rank())),
      head_seen_(hit_seen_.size()) {
  reads_.reserve(at(policy_.read_queue));
  writes_.reserve(at(policy_.write_queue));
  for (int rank = 0; rank < organisation_.ranks; ++rank) {
    refreshes_[at(rank)].due =
        policy_.refresh ? timing_.tREFI * (rank + 1) / organisation_.ranks : dram_never;
  }
}

bool DramChannel::idle() const { return reads_.empty() && writes_.empty() && waiting_outside() == 0; }

bool DramChannel::has_room(const Queue& queue) const {
  const int room = &queue == &writes_ ? policy_.write_queue : policy_.read_queue;
  return queue.size() < at(room);
}

// --- requests in

void DramChannel::enqueue(const DramRequest& request, std::int64_t clock) {
  if (waiting_outside() == 0) {
    inbox_.clear();
    inbox_head_ = 0;
  }
  ++enqueued_;
  const std::int64_t before = inbox_.empty() ? now_ : std::max(now_, inbox_.back().asked);
  inbox_.push_back({.row = request.place.row,
                    .column = request.place.column,
                    .bank = request.place.bank,
                    .write = request.write,
                    .id = request.id,
                    .asked = std::max(clock, before)});
}

void DramChannel::admit_arrived() {
  while (inbox_head_ < inbox_.size()) {
    const Waiting& next = inbox_[inbox_head_];
    if (next.asked > now_ || !has_room(queue_for(next.write))) return;
    admit(next);
    ++inbox_head_;
  }
}

void DramChannel::admit(const Waiting& request) {
  Waiting waiting = request;
  waiting.accepted = now_;
  waiting.order = order_++;
  if (!in_order_ && !waiting.write && forward(waiting)) return;
  if (!in_order_ && waiting.write) {
    waiting.after_read = std::any_of(reads_.begin(), reads_.end(),
                                     [&](const Waiting& read) { return read.same_burst(waiting); });
  }
  queue_for(waiting.write).push_back(waiting);
}

bool DramChannel::forward(const Waiting& read) {
  const auto newest = std::find_if(writes_.rbegin(), writes_.rend(),
                                   [&](const Waiting& write) { return write.same_burst(read); });
  if (newest == writes_.rend()) return false;
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
  if (writes_.size() >= at(policy_.write_high)) return true;
  if (reads_.empty()) return !writes_.empty();
  return writing_ && writes_.size() > at(policy_.write_low);
}

DramChannel::Choice DramChannel::choose() {
  const Choice refresh = choose_refresh();
  Choice request = choose_from(should_write());
  // Perhaps every write waits for an older read of its burst.
  if (request.clock == dram_never && !reads_.empty()) request = choose_from(false);
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

DramCommand DramChannel::needed(const Waiting& request) const {
  const std::int64_t open = states_.open_row(request.bank);
  if (open == request.row) return request.write ? DramCommand::write : DramCommand::read;
  return open < 0 ? DramCommand::activate : DramCommand::precharge;
}

std::int64_t DramChannel::earliest(DramCommand command, int bank) const {
  if (is_column(command)) return std::max(now_, states_.earliest_column(bank, command == DramCommand::write));
  return std::max(now_, command == DramCommand::activate ? states_.earliest_activate(bank)
                                                         : states_.earliest_precharge(bank));
}

bool DramChannel::waits_for_read(const Waiting& write) const {
  return write.after_read && std::any_of(reads_.begin(), reads_.end(), [&](const Waiting& read) {
           return read.order < write.order && read.same_burst(write);
         });
}

DramChannel::Choice DramChannel::choose_oldest(const Queue& queue, bool writing) const {
  const Waiting& oldest = queue.front();
  const int rank = states_.rank_of(oldest.bank);
  if (refreshes_[at(rank)].pending || waits_for_read(oldest)) return {};
  const DramCommand command = needed(oldest);
  return {.clock = earliest(command, oldest.bank), .command = command, .rank = rank, .writing = writing};
}

DramChannel::Choice DramChannel::choose_from(bool writing) {
  const Queue& queue = queue_for(writing);
  if (queue.empty()) return {};
  if (in_order_ || overtaken_[at(writing)] >= policy_.starvation_cap) return choose_oldest(queue, writing);
  Choice best;
  ++scan_;
  heads_.clear();
  const auto consider = [&](DramCommand command, std::size_t index) {
    const int bank = queue[index].bank;
    const std::int64_t clock = earliest(command, bank);
    if (clock < best.clock)
      best = {.clock = clock,
              .command = command,
              .rank = states_.rank_of(bank),
              .writing = writing,
              .index = index};
  };
  // Of each bank the oldest row hit and the oldest other request can be next.
  const std::uint64_t scan = scan_;
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const Waiting& request = queue[i];
    if (request.after_read && waits_for_read(request)) continue;
    const std::size_t bank = at(request.bank);
    if (states_.open_row(request.bank) != request.row) {
      if (head_seen_[bank] == scan) continue;
      head_seen_[bank] = scan;
      heads_.push_back(i);
    } else if (hit_seen_[bank] != scan) {
      hit_seen_[bank] = scan;
      if (!refreshes_[at(states_.rank_of(request.bank))].pending)
        consider(request.write ? DramCommand::write : DramCommand::read, i);
    }
  }
  for (const std::size_t i : heads_) {
    const int bank = queue[i].bank;
    if (hit_seen_[at(bank)] == scan || refreshes_[at(states_.rank_of(bank))].pending) continue;
    consider(needed(queue[i]), i);
  }
  return best;
}

// --- time

// The next arrival that has room, or refresh that falls due.
std::int64_t DramChannel::next_event() {
  std::int64_t event = dram_never;
  if (inbox_head_ < inbox_.size() && has_room(queue_for(inbox_[inbox_head_].write)))
    event = inbox_[inbox_head_].asked;
  for (const Refresh& refresh : refreshes_) {
    if (!refresh.pending) event = std::min(event, refresh.due);
  }
  return event;
}

std::int64_t DramChannel::advance(std::int64_t until) {
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

void DramChannel::log(DramCommand command, int rank, const Waiting* request) {
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
  const Waiting& request = queue_for(choice.writing)[choice.index];
  writing_ = choice.writing;
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
    ++activity_.precharges;
    return;
  }
  states_.refresh(choice.rank, now_);
  ++activity_.refreshes;
  Refresh& refresh = refreshes_[at(choice.rank)];
  refresh.due += timing_.tREFI;
  refresh.pending = false;
}

void DramChannel::send_column(const Choice& choice) {
  Queue& queue = queue_for(choice.writing);
  const Waiting request = queue[choice.index];
  queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(choice.index));
  int& overtaken = overtaken_[at(choice.writing)];
  overtaken = choice.index == 0 ? 0 : overtaken + 1;
  writing_ = choice.writing;

  const auto same_row = [&](const Waiting& other) {
    return other.bank == request.bank && other.row == request.row;
  };
  const bool closes = policy_.page == DramPage::closed &&
                      std::none_of(reads_.begin(), reads_.end(), same_row) &&
                      std::none_of(writes_.begin(), writes_.end(), same_row);
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
