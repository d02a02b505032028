#include "memory/dram/memory.h"

#include <algorithm>

#include "memory/dram/device_check.h"

namespace basil {
namespace {

const DramDevice& checked(const DramDevice& device) {
  check(device);
  return device;
}

}  // namespace

DramMemory::DramMemory(const DramDevice& device) : device_(checked(device)), map_(device_) {
  for (int i = 0; i < device_.organisation.channels; ++i) channels_.emplace_back(device_);
}

bool DramMemory::contains(std::uint64_t address) const {
  return address < static_cast<std::uint64_t>(device_.organisation.capacity().value);
}

void DramMemory::enqueue(std::int64_t id, std::uint64_t address, bool write, std::int64_t clock) {
  const DramPlace place = map_.place(address);
  channels_[static_cast<std::size_t>(place.channel)].enqueue({.id = id, .place = place, .write = write},
                                                             clock);
}

void DramMemory::finish(const std::function<void(std::int64_t)>& waiting) {
  for (DramChannel& channel : channels_) {
    if (waiting) channel.watch([&] { waiting(waiting_outside()); });
    channel.drain();
    channel.watch({});
  }
  const std::int64_t end = last_done();
  for (DramChannel& channel : channels_) channel.advance(end);
}

std::int64_t DramMemory::waiting_outside() const {
  std::int64_t waiting = 0;
  for (const DramChannel& channel : channels_) waiting += channel.waiting_outside();
  return waiting;
}

std::int64_t DramMemory::last_done() const {
  std::int64_t last = 0;
  for (const DramChannel& channel : channels_) last = std::max(last, channel.last_done());
  return last;
}

DramActivity DramMemory::activity(std::int64_t end) const {
  DramActivity sum;
  for (const DramChannel& channel : channels_) sum += channel.activity(end);
  return sum;
}

}  // namespace basil
