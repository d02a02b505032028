// A whole DRAM: channels behind one address map. SystemC-free.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "memory/dram/address_map.h"
#include "memory/dram/channel.h"
#include "memory/dram/device.h"

namespace basil {

// Channels share nothing but the address map.
class DramMemory {
 public:
  // Throws Error for an impossible device.
  explicit DramMemory(const DramDevice& device);

  [[nodiscard]] const DramDevice& device() const { return device_; }
  [[nodiscard]] bool contains(std::uint64_t address) const;

  // The burst that `address` is in. Clocks must not fall from call to call.
  void enqueue(std::int64_t id, std::uint64_t address, bool write, std::int64_t clock);
  // Serves all that waits and goes on to the last data: then the refreshes until there are sent, too.
  // `waiting` is told now and then how many requests are left.
  void finish(const std::function<void(std::int64_t)>& waiting = {});

  [[nodiscard]] std::vector<DramChannel>& channels() { return channels_; }
  [[nodiscard]] const std::vector<DramChannel>& channels() const { return channels_; }
  [[nodiscard]] const AddressMap& map() const { return map_; }
  [[nodiscard]] std::int64_t last_done() const;
  // Of all channels, up to `end`.
  [[nodiscard]] DramActivity activity(std::int64_t end) const;

 private:
  [[nodiscard]] std::int64_t waiting_outside() const;

  DramDevice device_;
  AddressMap map_;
  std::vector<DramChannel> channels_;
};

}  // namespace basil
