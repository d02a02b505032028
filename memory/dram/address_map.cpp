#include "memory/dram/address_map.h"

#include <algorithm>
#include <bit>
#include <string_view>

#include "core/error.h"

namespace basil {
namespace {

constexpr std::array<std::string_view, 6> part_names{"ro", "ra", "bg", "ba", "co", "ch"};

int bits_for(std::int64_t count) { return std::countr_zero(static_cast<std::uint64_t>(count)); }

[[noreturn]] void refuse(const DramDevice& device) {
  throw Error(device.name + ": controller.mapping", "'" + device.policy.mapping + "'",
              "ro, ra, bg, ba, co and ch, each once, like ro-ra-bg-ba-co-ch");
}

}  // namespace

AddressMap::AddressMap(const DramDevice& device) {
  const DramOrganisation& o = device.organisation;
  const std::array<int, parts> counts{bits_for(o.rows),
                                      bits_for(o.ranks),
                                      bits_for(o.bank_groups),
                                      bits_for(o.banks),
                                      bits_for(o.columns / o.burst),
                                      bits_for(o.channels)};
  const std::string& name = device.policy.mapping;
  if (name.size() != part_names.size() * 3 - 1) refuse(device);
  int shift = bits_for(o.burst_bytes().value);
  std::array<bool, parts> seen{};
  for (std::size_t place = part_names.size(); place-- > 0;) {
    if (place > 0 && name[place * 3 - 1] != '-') refuse(device);
    const auto found =
        std::find(part_names.begin(), part_names.end(), std::string_view(name).substr(place * 3, 2));
    const auto part = static_cast<std::size_t>(found - part_names.begin());
    if (found == part_names.end() || seen[part]) refuse(device);
    seen[part] = true;
    bits_[part] = {shift, counts[part]};
    shift += counts[part];
  }
}

DramPlace AddressMap::place(std::uint64_t address) const {
  DramPlace place;
  place.channel = static_cast<int>(bits_[channel].of(address));
  place.rank = static_cast<int>(bits_[rank].of(address));
  place.group = (place.rank << bits_[group].count) + static_cast<int>(bits_[group].of(address));
  place.bank = (place.group << bits_[bank].count) + static_cast<int>(bits_[bank].of(address));
  place.row = bits_[row].of(address);
  place.column = bits_[column].of(address);
  return place;
}

std::uint64_t AddressMap::address(const DramPlace& place) const {
  const auto put = [](std::int64_t value, const Bits& bits) {
    return (static_cast<std::uint64_t>(value) & ((std::uint64_t{1} << bits.count) - 1)) << bits.shift;
  };
  return put(place.row, bits_[row]) | put(place.rank, bits_[rank]) | put(place.group, bits_[group]) |
         put(place.bank, bits_[bank]) | put(place.column, bits_[column]) | put(place.channel, bits_[channel]);
}

}  // namespace basil
