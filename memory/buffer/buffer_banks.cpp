#include "memory/buffer/buffer_banks.h"

#include <algorithm>

namespace basil {

BufferBanks::BufferBanks(const BufferParameters& parameters)
    : parameters_(parameters), banks_(parameters.doubled ? parameters.banks / 2 : parameters.banks) {
  quiesce();
}

void BufferBanks::quiesce() {
  const std::vector<Calendar> free(static_cast<std::size_t>(banks_));
  const BankCalendar calendar(
      {.banks = banks_, .ports = parameters_.ports, .arbitration = parameters_.arbitration});
  halves_.assign(parameters_.doubled ? 2 : 1, Half{calendar, {free, free}, {}});
}

Cycles BufferBanks::transfer(const BufferTransfer& transfer, Cycles now) {
  Half& half = parameters_.doubled && transfer.kind == StreamKind::dram ? halves_.back() : halves_.front();
  return parameters_.layout == BankLayout::streams ? keep_a_bank(half, transfer, now)
                                                   : interleave(half, transfer, now);
}

Cycles BufferBanks::keep_a_bank(Half& half, const BufferTransfer& transfer, Cycles now) const {
  const Cycles length(accesses(transfer.bytes));
  auto& banks = half.ports[parameters_.ports == 2 && transfer.write ? 1 : 0];  // at least one
  Calendar* bank = &banks.front();
  bank->forget_before(now);
  Cycles begins = bank->gap(transfer.start, length);
  for (auto tried = banks.begin() + 1; tried != banks.end() && begins != transfer.start; ++tried) {
    tried->forget_before(now);
    const Cycles from = tried->gap(transfer.start, length);
    if (from >= begins) continue;
    bank = &*tried;
    begins = from;
  }
  bank->take(begins, length);
  half.queued[static_cast<std::size_t>(transfer.kind)] += (begins - transfer.start).value;
  return begins + length;
}

Cycles BufferBanks::interleave(Half& half, const BufferTransfer& transfer, Cycles now) const {
  const std::int64_t bits = transfer.bits_a_cycle == 0 ? parameters_.port_bits : transfer.bits_a_cycle;
  const std::int64_t lanes = transfer.kind == StreamKind::dram
                                 ? 1
                                 : std::min<std::int64_t>(banks_, ceil_div(bits, parameters_.port_bits));
  const std::uint64_t word = transfer.address * 8 / static_cast<std::uint64_t>(parameters_.port_bits);
  half.calendar.forget_before(now.value);
  const ServedStream served =
      half.calendar.offer({.start = transfer.start.value,
                           .accesses = ceil_div(accesses(transfer.bytes), lanes),
                           .pace = std::max<std::int64_t>(1, parameters_.port_bits / bits),
                           .bank = static_cast<int>(word % static_cast<std::uint64_t>(banks_)),
                           .lanes = static_cast<int>(lanes),
                           .kind = transfer.kind,
                           .write = transfer.write});
  return Cycles(served.end);
}

ConflictCycles BufferBanks::conflicts() const {
  ConflictCycles all{};
  for (const Half& half : halves_) {
    for (std::size_t kind = 0; kind < all.size(); ++kind)
      all[kind] += half.queued[kind] + half.calendar.waited()[kind];
  }
  return all;
}

}  // namespace basil
