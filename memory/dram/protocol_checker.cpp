#include "memory/dram/protocol_checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <limits>

namespace basil {
namespace {

// The logged commands, and the moment at which a bank with auto-precharge closes by itself.
enum Kind { ACT, RD, RDA, WR, WRA, PRE, PREA, REF, SELF_PRE, kinds };
enum class Scope { bank, group, rank, other_rank };

constexpr std::int64_t long_ago = std::numeric_limits<std::int64_t>::min() / 2;

unsigned set_of(std::initializer_list<Kind> members) {
  unsigned bits = 0;
  for (const Kind kind : members) bits |= 1U << kind;
  return bits;
}

struct Rule {
  const char* name;
  unsigned first, then;  // sets of kinds
  Scope scope;
  std::int64_t clocks;  // at least, from `first` to `then`
};

std::vector<Rule> rules_of(const DramDevice& device) {
  const DramTiming& t = device.timing;
  const std::int64_t burst = device.organisation.burst / 2;
  const std::int64_t rl = t.CL + t.tDQSCK, wl = t.CWL + t.tDQSS;
  const unsigned act = set_of({ACT}), reads = set_of({RD, RDA}), writes = set_of({WR, WRA}),
                 pre = set_of({PRE}), prea = set_of({PREA}), ref = set_of({REF}), columns = reads | writes;
  return {
      {"tRC", act, act, Scope::bank, t.tRC},
      {"tRRD_L", act, act, Scope::group, t.tRRD_L},
      {"tRRD_S", act, act, Scope::rank, t.tRRD_S},
      {"tRCD", act, columns, Scope::bank, t.tRCD},
      {"tRAS", act, pre, Scope::bank, t.tRAS},
      {"tRAS", act, prea, Scope::rank, t.tRAS},
      {"tRC", act, ref, Scope::rank, t.tRC},
      {"tCCD_L", reads, reads, Scope::group, t.tCCD_L},
      {"tCCD_S", reads, reads, Scope::rank, t.tCCD_S},
      {"tCCD_L", writes, writes, Scope::group, t.tCCD_L},
      {"tCCD_S", writes, writes, Scope::rank, t.tCCD_S},
      {"tRTP", reads, pre, Scope::bank, t.tRTP},
      {"tRTP", reads, prea, Scope::rank, t.tRTP},
      {"tWR", writes, pre, Scope::bank, wl + burst + t.tWR},
      {"tWR", writes, prea, Scope::rank, wl + burst + t.tWR},
      {"tWTR_L", writes, reads, Scope::group, wl + burst + t.tWTR_L},
      {"tWTR_S", writes, reads, Scope::rank, wl + burst + t.tWTR_S},
      {"tRTW", reads, writes, Scope::rank, rl + burst + t.tRTW - t.CWL},
      {"tRTRS", reads, reads, Scope::other_rank, burst + t.tRTRS},
      {"tRTRS", writes, writes, Scope::other_rank, burst + t.tRTRS},
      {"tRTRS", writes, reads, Scope::other_rank, wl + burst + t.tRTRS - rl},
      {"tRTRS", reads, writes, Scope::other_rank, rl + burst + std::max(t.tRTRS, t.tRTW) - t.CWL},
      {"tRP", set_of({PRE, SELF_PRE}), act, Scope::bank, t.tRP},
      {"tRP", set_of({PRE, SELF_PRE}), ref, Scope::rank, t.tRP},
      {"tRPab", prea, act | ref, Scope::rank, t.tRPab},
      {"tPPD", pre | prea, pre | prea, Scope::rank, t.tPPD},
      {"tRFC", ref, act | ref, Scope::rank, t.tRFC},
  };
}

struct Last {
  Last() { clocks.fill(long_ago); }
  std::array<std::int64_t, kinds> clocks;
};

class Replay {
 public:
  Replay(const DramDevice& device, std::size_t most)
      : device_(device),
        rules_(rules_of(device)),
        most_(most),
        banks_(size(device.organisation.ranks * device.organisation.banks_a_rank())),
        groups_(size(device.organisation.ranks * device.organisation.bank_groups)),
        ranks_(size(device.organisation.ranks)),
        rows_(banks_.size(), -1),
        activates_(ranks_.size()) {}

  void take(std::size_t index, const LoggedDramCommand& command) {
    index_ = index;
    command_ = &command;
    check_places();
    check_rules();
    check_activation_window();
    check_buses();
    check_rows();
    check_refresh();
    remember();
  }

  [[nodiscard]] bool full() const { return violations_.size() >= most_; }
  [[nodiscard]] std::vector<DramViolation> violations() && { return std::move(violations_); }

 private:
  static std::size_t size(int n) { return static_cast<std::size_t>(n); }

  void fail(const std::string& rule, const std::string& why) {
    if (full()) return;
    violations_.push_back({rule, index_,
                           fmt::format("{} of rank {}, bank {} at {}: {}: {}", to_string(command_->command),
                                       command_->rank, command_->bank, command_->clock, rule, why)});
  }

  [[nodiscard]] bool is(std::initializer_list<DramCommand> commands) const {
    return std::find(commands.begin(), commands.end(), command_->command) != commands.end();
  }
  [[nodiscard]] bool is_read() const { return is({DramCommand::read, DramCommand::read_precharge}); }
  [[nodiscard]] bool is_write() const { return is({DramCommand::write, DramCommand::write_precharge}); }
  [[nodiscard]] bool of_rank() const { return is({DramCommand::precharge_all, DramCommand::refresh}); }

  void check_places() {
    const auto& c = *command_;
    const DramOrganisation& o = device_.organisation;
    const bool good = of_rank() || (c.bank >= 0 && c.group == c.bank / o.banks &&
                                    c.rank == c.bank / (o.banks * o.bank_groups));
    if (c.rank < 0 || c.rank >= o.ranks || !good) fail("place", "no such rank, group and bank");
  }

  // The last command of `kinds_wanted` within a scope around the present command.
  [[nodiscard]] std::int64_t last(unsigned kinds_wanted, Scope scope) const {
    std::int64_t latest = long_ago;
    const auto look = [&](const Last& here) {
      for (int kind = 0; kind < kinds; ++kind) {
        if ((kinds_wanted >> kind & 1U) != 0) latest = std::max(latest, here.clocks[size(kind)]);
      }
    };
    if (scope == Scope::rank) look(ranks_[size(command_->rank)]);
    if (scope == Scope::group) look(groups_[size(command_->group)]);
    if (scope == Scope::bank) look(banks_[size(command_->bank)]);
    for (int rank = 0; scope == Scope::other_rank && rank < device_.organisation.ranks; ++rank) {
      if (rank != command_->rank) look(ranks_[size(rank)]);
    }
    return latest;
  }

  void check_rules() {
    const unsigned self = 1U << static_cast<int>(command_->command);
    for (const Rule& rule : rules_) {
      if ((rule.then & self) == 0) continue;
      const std::int64_t before = last(rule.first, rule.scope);
      if (command_->clock - before < rule.clocks)
        fail(rule.name,
             fmt::format("the command before was at {}, {} clocks are needed", before, rule.clocks));
    }
  }

  void check_activation_window() {
    if (!is({DramCommand::activate})) return;
    std::vector<std::int64_t>& window = activates_[size(command_->rank)];
    if (window.size() >= 4) {
      const std::int64_t fourth = window[window.size() - 4];
      if (command_->clock - fourth < device_.timing.tFAW)
        fail("tFAW", fmt::format("the fourth ACT before was at {}", fourth));
      window.erase(window.begin());
    }
    window.push_back(command_->clock);
  }

  void check_buses() {
    if (command_->clock <= last_clock_) fail("command bus", fmt::format("it was busy at {}", last_clock_));
    last_clock_ = command_->clock;
    if (!is_read() && !is_write()) return;
    const DramTiming& t = device_.timing;
    const std::int64_t start = command_->clock + (is_read() ? t.CL + t.tDQSCK : t.CWL + t.tDQSS);
    if (start < data_end_) fail("data bus", fmt::format("it is busy until {}", data_end_));
    data_end_ = start + device_.organisation.burst / 2;
  }

  void check_rows() {
    const std::int64_t open = of_rank() ? -1 : rows_[size(command_->bank)];
    if (is({DramCommand::activate}) && open >= 0) fail("row", fmt::format("row {} is open", open));
    if ((is_read() || is_write()) && (open < 0 || open != command_->row))
      fail("row", fmt::format("row {} is asked for, {} is open", command_->row, open));
    if (!is({DramCommand::refresh})) return;
    const int banks = device_.organisation.banks_a_rank();
    for (int bank = command_->rank * banks; bank < (command_->rank + 1) * banks; ++bank) {
      if (rows_[size(bank)] >= 0) fail("row", fmt::format("a row of bank {} is open", bank));
    }
  }

  // At most eight refreshes may be postponed.
  void check_refresh() {
    if (!device_.policy.refresh || !is({DramCommand::refresh})) return;
    const std::int64_t before = std::max<std::int64_t>(last(set_of({REF}), Scope::rank), 0);
    if (command_->clock - before > 9 * device_.timing.tREFI)
      fail("tREFI", fmt::format("the refresh before was at {}", before));
  }

  void put(Kind kind, std::int64_t clock) {
    const auto set = [&](Last& here) { here.clocks[kind] = std::max(here.clocks[kind], clock); };
    set(ranks_[size(command_->rank)]);
    if (of_rank()) return;
    set(groups_[size(command_->group)]);
    set(banks_[size(command_->bank)]);
  }

  void remember() {
    put(static_cast<Kind>(command_->command), command_->clock);
    const DramTiming& t = device_.timing;
    if (is({DramCommand::activate})) rows_[size(command_->bank)] = command_->row;
    if (is({DramCommand::precharge, DramCommand::read_precharge, DramCommand::write_precharge}))
      rows_[size(command_->bank)] = -1;
    if (is({DramCommand::precharge_all})) {
      const int banks = device_.organisation.banks_a_rank();
      std::fill_n(rows_.begin() + command_->rank * banks, banks, -1);
    }
    if (is({DramCommand::read_precharge, DramCommand::write_precharge})) {
      const std::int64_t opened = last(set_of({ACT}), Scope::bank);
      const std::int64_t recovered =
          is_read() ? command_->clock + t.tRTP
                    : command_->clock + t.CWL + t.tDQSS + device_.organisation.burst / 2 + t.tWR;
      put(SELF_PRE, std::max(opened + t.tRAS, recovered));
    }
  }

  const DramDevice& device_;
  const std::vector<Rule> rules_;
  const std::size_t most_;
  std::vector<Last> banks_, groups_, ranks_;
  std::vector<std::int64_t> rows_;                    // by bank, -1 closed
  std::vector<std::vector<std::int64_t>> activates_;  // by rank, the last four
  std::int64_t last_clock_ = -1, data_end_ = 0;
  std::size_t index_ = 0;
  const LoggedDramCommand* command_ = nullptr;
  std::vector<DramViolation> violations_;
};

}  // namespace

std::vector<DramViolation> check_protocol(const DramDevice& device, std::span<const LoggedDramCommand> log,
                                          std::size_t most) {
  Replay replay(device, most);
  for (std::size_t i = 0; i < log.size() && !replay.full(); ++i) replay.take(i, log[i]);
  return std::move(replay).violations();
}

}  // namespace basil
