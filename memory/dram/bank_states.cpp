#include "memory/dram/bank_states.h"

#include <algorithm>
#include <bit>

namespace basil {
namespace {

void not_before(std::int64_t& earliest, std::int64_t clock) { earliest = std::max(earliest, clock); }

}  // namespace

BankStates::BankStates(const DramDevice& device)
    : timing_(device.timing),
      burst_(device.organisation.burst_clocks()),
      banks_a_rank_(device.organisation.banks_a_rank()),
      group_shift_(std::countr_zero(static_cast<unsigned>(device.organisation.banks))),
      rank_shift_(std::countr_zero(static_cast<unsigned>(banks_a_rank_))),
      banks_(at(device.organisation.ranks * banks_a_rank_)),
      groups_(at(device.organisation.ranks * device.organisation.bank_groups)),
      ranks_(at(device.organisation.ranks)) {}

std::int64_t BankStates::earliest_precharge_all(int rank) const {
  std::int64_t earliest = ranks_[at(rank)].precharge;
  for (int bank = rank * banks_a_rank_; bank < (rank + 1) * banks_a_rank_; ++bank) {
    not_before(earliest, banks_[at(bank)].precharge);  // of one that closes by itself, too
  }
  return earliest;
}

std::int64_t BankStates::earliest_refresh(int rank) const {
  std::int64_t earliest = ranks_[at(rank)].refresh;
  for (int bank = rank * banks_a_rank_; bank < (rank + 1) * banks_a_rank_; ++bank)
    not_before(earliest, banks_[at(bank)].activate);
  return earliest;
}

void BankStates::become_active(Rank& rank, std::int64_t clock) {
  if (clock <= rank.active_to) return;  // the stretch before has not ended yet
  rank.active += rank.active_to - rank.active_from;
  rank.active_from = rank.active_to = clock;
}

void BankStates::activate(int bank, std::int64_t row, std::int64_t clock) {
  Rank& rank = ranks_[at(rank_of(bank))];
  if (rank.open++ == 0) become_active(rank, clock);
  Bank& b = banks_[at(bank)];
  b.row = row;
  b.fresh = true;
  not_before(b.activate, clock + timing_.tRC);
  not_before(b.column, clock + timing_.tRCD);
  not_before(b.precharge, clock + timing_.tRAS);
  not_before(groups_[at(group_of(bank))].activate, clock + timing_.tRRD_L);
  not_before(rank.activate, clock + timing_.tRRD_S);
  rank.last_activates[at(rank.oldest_activate)] = clock + timing_.tFAW;
  rank.oldest_activate = (rank.oldest_activate + 1) % 4;
}

void BankStates::column(int bank, bool write, std::int64_t clock) {
  const DramTiming& t = timing_;
  const int direction = write ? writes : reads, other = 1 - direction;
  const std::int64_t data_end = clock + (write ? t.write_latency() : t.read_latency()) + burst_;
  Bank& b = banks_[at(bank)];
  b.fresh = false;
  not_before(b.precharge, write ? data_end + t.tWR : clock + t.tRTP);
  Group& group = groups_[at(group_of(bank))];
  not_before(group.column[at(direction)], clock + std::max(t.tCCD_L, burst_));
  if (write) not_before(group.column[reads], data_end + t.tWTR_L);
  for (int r = 0; r < static_cast<int>(ranks_.size()); ++r) {
    Rank& rank = ranks_[at(r)];
    const bool same = r == rank_of(bank);
    // The data of another direction or rank leaves the bus idle for a while.
    const std::int64_t alike = clock + burst_ + t.tRTRS;
    not_before(rank.column[at(direction)], same ? clock + std::max(t.tCCD_S, burst_) : alike);
    if (write) {
      not_before(rank.column[at(other)], same ? data_end + t.tWTR_S : data_end + t.tRTRS - t.read_latency());
    } else {
      not_before(rank.column[at(other)], data_end + (same ? t.tRTW : std::max(t.tRTW, t.tRTRS)) - t.CWL);
    }
  }
}

void BankStates::precharge(int bank, std::int64_t clock) {
  close(bank, clock);
  not_before(ranks_[at(rank_of(bank))].precharge, clock + timing_.tPPD);
}

void BankStates::precharge_by_itself(int bank) { close(bank, banks_[at(bank)].precharge); }

void BankStates::close(int bank, std::int64_t clock) {
  Rank& rank = ranks_[at(rank_of(bank))];
  Bank& b = banks_[at(bank)];
  b.row = -1;
  not_before(b.activate, clock + timing_.tRP);
  not_before(rank.active_to, clock);
  --rank.open;
}

void BankStates::precharge_all(int rank, std::int64_t clock) {
  for (int bank = rank * banks_a_rank_; bank < (rank + 1) * banks_a_rank_; ++bank) {
    if (open_row(bank) >= 0) close(bank, clock);
    not_before(banks_[at(bank)].activate, clock + timing_.tRPab);
  }
  not_before(ranks_[at(rank)].precharge, clock + timing_.tPPD);
}

void BankStates::refresh(int rank, std::int64_t clock) { refreshes(rank, 1, clock); }

void BankStates::refreshes(int rank, std::int64_t n, std::int64_t last) {
  Rank& r = ranks_[at(rank)];
  const std::int64_t first = last - (n - 1) * timing_.tREFI;
  become_active(r, first);
  r.active += (n - 1) * timing_.tRFC;  // the stretches of all but the last
  if (n > 1) {
    r.active += r.active_to - r.active_from;
    r.active_from = last;
  }
  r.active_to = last + timing_.tRFC;
  r.refresh = last + timing_.tRFC;
  for (int bank = rank * banks_a_rank_; bank < (rank + 1) * banks_a_rank_; ++bank)
    not_before(banks_[at(bank)].activate, last + timing_.tRFC);
}

std::int64_t BankStates::active_clocks(std::int64_t end) const {
  std::int64_t active = 0;
  for (const Rank& rank : ranks_) {
    const std::int64_t to = rank.open > 0 ? end : std::min(end, rank.active_to);
    active += rank.active + std::max<std::int64_t>(to - rank.active_from, 0);
  }
  return active;
}

}  // namespace basil
