#include "memory/buffer/clocked_banks.h"

#include <algorithm>
#include <numeric>

namespace basil {

ClockedBanks::ClockedBanks(const BankParameters& parameters, bool round_robin)
    : parameters_(parameters),
      round_robin_(round_robin),
      taken_(static_cast<std::size_t>(parameters.banks) * 2) {}

void ClockedBanks::offer(const BankStream& stream) { queues_.push_back({stream, 0, {}}); }

std::vector<ServedStream> ClockedBanks::run() {
  order_.resize(queues_.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  if (!round_robin_ && parameters_.arbitration == Arbitration::priority) {
    std::stable_sort(order_.begin(), order_.end(), [this](std::size_t a, std::size_t b) {
      return queues_[a].stream.kind < queues_[b].stream.kind;
    });
  }
  const auto busy = [](const Queue& queue) { return queue.served_accesses < queue.stream.accesses; };
  while (std::any_of(queues_.begin(), queues_.end(), busy)) step();
  std::vector<ServedStream> all;
  all.reserve(queues_.size());
  for (const Queue& queue : queues_) all.push_back(queue.served);
  return all;
}

void ClockedBanks::step() {
  std::fill(taken_.begin(), taken_.end(), 0);
  auto first_refused = order_.end();
  for (auto index = order_.begin(); index != order_.end(); ++index) {
    Queue& queue = queues_[*index];
    if (queue.served_accesses == queue.stream.accesses) continue;
    if (cycle_ < queue.stream.start + queue.served_accesses * queue.stream.pace) continue;
    if (grant(queue)) {
      ++queue.served_accesses;
      queue.served.end = cycle_ + 1;
    } else {
      ++queue.served.waited;
      if (first_refused == order_.end()) first_refused = index;
    }
  }
  if (round_robin_) std::rotate(order_.begin(), first_refused, order_.end());
  ++cycle_;
}

char& ClockedBanks::port(int bank, bool write) {
  const bool own = parameters_.ports == 2 && write;  // else the one port, or the read port
  return taken_[static_cast<std::size_t>(bank) * 2 + (own ? 1 : 0)];
}

// All banks of the next access, if all are free.
bool ClockedBanks::grant(Queue& queue) {
  const BankStream& stream = queue.stream;
  const auto bank = [&](int lane) {
    return static_cast<int>((stream.bank + queue.served_accesses * stream.lanes + lane) % parameters_.banks);
  };
  for (int lane = 0; lane < stream.lanes; ++lane) {
    if (port(bank(lane), stream.write) != 0) return false;
  }
  for (int lane = 0; lane < stream.lanes; ++lane) port(bank(lane), stream.write) = 1;
  return true;
}

}  // namespace basil
