#include "models/waveform/dram_signals.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "core/error.h"

namespace basil {
namespace {

const std::vector<std::string>& command_words() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all{"-"};
    for (int i = 0; i <= static_cast<int>(DramCommand::refresh); ++i)
      all.emplace_back(to_string(static_cast<DramCommand>(i)));
    return all;
  }();
  return words;
}

enum Data { data_none, data_read, data_write };

}  // namespace

DramSignals::DramSignals(Waveform& waveform, const DramDevice& device, std::string prefix, TickOf tick_of,
                         bool queues)
    : waveform_(waveform),
      prefix_(std::move(prefix)),
      tick_of_(std::move(tick_of)),
      queues_(queues),
      organisation_(device.organisation),
      timing_(device.timing) {
  for (int index = 0; index < organisation_.channels; ++index) channels_.push_back(declare(index));
}

DramSignals::Channel DramSignals::declare(int index) {
  const std::string name = fmt::format("{}channel{}.", prefix_, index),
                    group = fmt::format("DRAM channel {} (column in bursts)", index);
  constexpr int place_bits = 10, row_bits = 22, column_bits = 14, queue_bits = 31;
  Channel channel;
  channel.command = waveform_.add_words(name + "command", command_words(), group);
  channel.rank = waveform_.add(name + "rank", place_bits, group);
  channel.group = waveform_.add(name + "bank_group", place_bits, group);
  channel.bank = waveform_.add(name + "bank", place_bits, group);
  channel.row = waveform_.add(name + "row", row_bits, group);
  channel.column = waveform_.add(name + "column", column_bits, group);
  channel.data = waveform_.add_words(name + "data", {"-", "read", "write"}, group);
  if (queues_) {
    channel.reads = waveform_.add(name + "reads_waiting", queue_bits, group);
    channel.writes = waveform_.add(name + "writes_waiting", queue_bits, group);
  }
  for (int rank = 0; rank < organisation_.ranks; ++rank) {
    const std::string banks = fmt::format("DRAM channel {}, banks of rank {}", index, rank);
    for (int bank = 0; bank < organisation_.banks_a_rank(); ++bank) {
      const std::string place = fmt::format("{}rank{}.group{}.bank{}.", name, rank,
                                            bank / organisation_.banks, bank % organisation_.banks);
      channel.banks.push_back({.state = waveform_.add_words(
                                   place + "state", {"idle", "opening", "open", "closing", "refresh"}, banks),
                               .row = waveform_.add(place + "row", row_bits, banks)});
    }
  }
  channel.last = channel.banks.back().row;
  return channel;
}

void DramSignals::at(std::int64_t clock, Waveform::Signal signal, std::int64_t value) {
  waveform_.set_at_tick(tick_of_(clock), signal, static_cast<double>(value));
}

void DramSignals::quiesce(Cycles time) {
  for (Channel& channel : channels_) {
    waveform_.take_back(time, channel.command, channel.last);
    waveform_.set_at(time, channel.command, 0);
    waveform_.set_at(time, channel.data, data_none);
    for (Bank& bank : channel.banks) {
      waveform_.set_at(time, bank.state, idle);
      bank.is_open = false;
      bank.may_close = 0;
    }
  }
}

std::vector<DramSignals::Bank*> DramSignals::banks_of(Channel& channel, int rank) {
  std::vector<Bank*> banks;
  const int first = rank * organisation_.banks_a_rank();
  for (int bank = first; bank < first + organisation_.banks_a_rank(); ++bank)
    banks.push_back(&channel.banks[static_cast<std::size_t>(bank)]);
  return banks;
}

void DramSignals::command(int index, const LoggedDramCommand& command) {
  Channel& channel = channels_[static_cast<std::size_t>(index)];
  at(command.clock, channel.command, 1 + static_cast<int>(command.command));
  at(command.clock + 1, channel.command, 0);
  at(command.clock, channel.rank, command.rank);
  if (command.bank >= 0) {
    at(command.clock, channel.group, command.group % organisation_.bank_groups);
    at(command.clock, channel.bank, command.bank % organisation_.banks);
  }
  if (command.row >= 0) at(command.clock, channel.row, command.row);
  if (command.column >= 0) at(command.clock, channel.column, command.column);
  const auto bank = [&]() -> Bank& { return channel.banks[static_cast<std::size_t>(command.bank)]; };
  switch (command.command) {
    case DramCommand::activate:
      bank().is_open = true;
      bank().may_close = command.clock + timing_.tRAS;
      at(command.clock, bank().row, command.row);
      at(command.clock, bank().state, opening);
      return at(command.clock + timing_.tRCD, bank().state, open);
    case DramCommand::read:
      return column(channel, command, false, false);
    case DramCommand::read_precharge:
      return column(channel, command, false, true);
    case DramCommand::write:
      return column(channel, command, true, false);
    case DramCommand::write_precharge:
      return column(channel, command, true, true);
    case DramCommand::precharge:
      return close(bank(), command.clock, timing_.tRP);
    case DramCommand::precharge_all:
      return close_all(channel, command);
    case DramCommand::refresh:
      for (const Bank* refreshed : banks_of(channel, command.rank)) {
        at(command.clock, refreshed->state, refresh);
        at(command.clock + timing_.tRFC, refreshed->state, idle);
      }
  }
}

void DramSignals::column(Channel& channel, const LoggedDramCommand& command, bool write, bool closes) {
  Bank& bank = channel.banks[static_cast<std::size_t>(command.bank)];
  const std::int64_t data = command.clock + (write ? timing_.write_latency() : timing_.read_latency());
  const std::int64_t data_end = data + organisation_.burst_clocks();
  at(data, channel.data, write ? data_write : data_read);
  at(data_end, channel.data, data_none);
  bank.may_close = std::max(bank.may_close, write ? data_end + timing_.tWR : command.clock + timing_.tRTP);
  if (closes) close(bank, bank.may_close, timing_.tRP);
}

void DramSignals::close(Bank& bank, std::int64_t clock, std::int64_t takes) {
  bank.is_open = false;
  at(clock, bank.state, closing);
  at(clock + takes, bank.state, idle);
}

void DramSignals::close_all(Channel& channel, const LoggedDramCommand& command) {
  for (Bank* bank : banks_of(channel, command.rank)) {
    if (bank->is_open) close(*bank, command.clock, timing_.tRPab);
  }
}

void DramSignals::queued(int index, const DramCompletion& request) {
  const Channel& channel = channels_[static_cast<std::size_t>(index)];
  waveform_.busy(request.write ? channel.writes : channel.reads, Cycles(request.accepted),
                 Cycles(request.served));
}

namespace {

// Something to show: a command, or a request that a queue takes.
struct Moment {
  std::int64_t clock = 0;
  int channel = 0;
  const LoggedDramCommand* command = nullptr;
  const DramCompletion* request = nullptr;
};

std::vector<Moment> moments_of(DramMemory& memory) {
  std::vector<Moment> moments;
  int index = 0;
  for (DramChannel& channel : memory.channels()) {
    for (const LoggedDramCommand& command : channel.log())
      moments.push_back({.clock = command.clock, .channel = index, .command = &command});
    for (const DramCompletion& request : channel.completions())
      moments.push_back({.clock = request.accepted, .channel = index, .request = &request});
    ++index;
  }
  std::stable_sort(moments.begin(), moments.end(),
                   [](const Moment& a, const Moment& b) { return a.clock < b.clock; });
  return moments;
}

}  // namespace

void write_dram_waveform(DramMemory& memory, const WaveformOptions& options) {
  constexpr double bytes_a_moment = 140;  // measured on random requests: changes and the times before them
  const std::vector<Moment> moments = moments_of(memory);
  const std::int64_t last = options.window ? options.window->second.value : memory.last_done();
  const auto shown = std::count_if(moments.begin(), moments.end(), [&](const Moment& moment) {
    return moment.clock <= last && (!options.window || moment.clock >= options.window->first.value);
  });
  check_waveform_size(options, bytes_a_moment * static_cast<double>(shown),
                      "choose " + field_name("options.waveform.window"));

  Waveform waveform(options, "basil dram: " + memory.device().name + "; 1 ns is one DRAM clock",
                    {.cycle = "DRAM clock", .ns = static_cast<double>(memory.device().timing.tCK_ps) * 1e-3});
  DramSignals signals(
      waveform, memory.device(), "", [](std::int64_t clock) { return clock; }, true);
  for (const Moment& moment : moments) {
    if (moment.clock > last) break;
    waveform.settle(Cycles(moment.clock));
    if (moment.command != nullptr) signals.command(moment.channel, *moment.command);
    if (moment.request != nullptr) signals.queued(moment.channel, *moment.request);
  }
  waveform.close(Cycles(memory.last_done()));
}

}  // namespace basil
