// Which rows are open in a channel, and from when each command may be sent.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "memory/dram/device.h"

namespace basil {

// Kept as registers "not before" of each bank, bank group and rank, moved forward by every command; so
// asking costs no more than a few maxima. Groups and banks count through the channel.
class BankStates {
 public:
  explicit BankStates(const DramDevice& device);

  [[nodiscard]] std::int64_t open_row(int bank) const { return banks_[at(bank)].row; }  // -1: closed
  [[nodiscard]] bool fresh(int bank) const { return banks_[at(bank)].fresh; }  // no column since its ACT
  [[nodiscard]] bool any_open(int rank) const { return ranks_[at(rank)].open > 0; }
  [[nodiscard]] int rank_of(int bank) const { return bank >> rank_shift_; }
  [[nodiscard]] int group_of(int bank) const { return bank >> group_shift_; }

  [[nodiscard]] std::int64_t earliest_activate(int bank) const;
  [[nodiscard]] std::int64_t earliest_column(int bank, bool write) const;
  [[nodiscard]] std::int64_t earliest_precharge(int bank) const;
  [[nodiscard]] std::int64_t earliest_precharge_all(int rank) const;
  [[nodiscard]] std::int64_t earliest_refresh(int rank) const;

  void activate(int bank, std::int64_t row, std::int64_t clock);
  void column(int bank, bool write, std::int64_t clock);
  void precharge(int bank, std::int64_t clock);
  // After a column command that says so: the bank closes at the first clock allowed.
  void precharge_by_itself(int bank);
  void precharge_all(int rank, std::int64_t clock);
  void refresh(int rank, std::int64_t clock);
  // `n` refreshes of a rank without an open row, tREFI apart, the last at `last`.
  void refreshes(int rank, std::int64_t n, std::int64_t last);

  // Clocks of all ranks up to `end` with a row open or in a refresh.
  [[nodiscard]] std::int64_t active_clocks(std::int64_t end) const;

 private:
  struct Bank {
    std::int64_t row = -1;
    std::int64_t activate = 0, column = 0, precharge = 0;
    bool fresh = false;
  };
  struct Group {
    std::int64_t activate = 0;
    std::array<std::int64_t, 2> column{};  // by direction: read, write
  };
  struct Rank {
    std::int64_t activate = 0, precharge = 0, refresh = 0;
    std::array<std::int64_t, 2> column{};
    std::array<std::int64_t, 4> last_activates{};  // a ring, each plus tFAW
    int oldest_activate = 0;
    int open = 0;                                             // banks with a row
    std::int64_t active = 0, active_from = 0, active_to = 0;  // the present stretch, and those before
  };

  static constexpr int reads = 0, writes = 1;

  static std::size_t at(int index) { return static_cast<std::size_t>(index); }
  void become_active(Rank& rank, std::int64_t clock);
  void close(int bank, std::int64_t clock);

  DramTiming timing_;
  std::int64_t burst_;
  int banks_a_rank_;
  int group_shift_, rank_shift_;  // log2 of the banks of a group and of a rank: powers of two
  std::vector<Bank> banks_;
  std::vector<Group> groups_;
  std::vector<Rank> ranks_;
};

// Asked for every candidate of every command.
inline std::int64_t BankStates::earliest_activate(int bank) const {
  const Rank& rank = ranks_[at(rank_of(bank))];
  return std::max({banks_[at(bank)].activate, groups_[at(group_of(bank))].activate, rank.activate,
                   rank.last_activates[at(rank.oldest_activate)]});
}

inline std::int64_t BankStates::earliest_column(int bank, bool write) const {
  const int direction = write ? writes : reads;
  return std::max({banks_[at(bank)].column, groups_[at(group_of(bank))].column[at(direction)],
                   ranks_[at(rank_of(bank))].column[at(direction)]});
}

inline std::int64_t BankStates::earliest_precharge(int bank) const {
  return std::max(banks_[at(bank)].precharge, ranks_[at(rank_of(bank))].precharge);
}

}  // namespace basil
