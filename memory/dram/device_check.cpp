#include "memory/dram/device_check.h"

#include <array>
#include <bit>
#include <utility>

#include "core/error.h"
#include "memory/dram/address_map.h"
#include "memory/dram/energy.h"

namespace basil {
namespace {

struct Named {
  const char* name;
  std::int64_t value;
};

void check_organisation(const DramOrganisation& o, const std::string& device) {
  for (const auto& [name, value] : {Named{"channels", o.channels},
                                    {"ranks", o.ranks},
                                    {"bank_groups", o.bank_groups},
                                    {"banks", o.banks},
                                    {"rows", o.rows},
                                    {"columns", o.columns},
                                    {"width", o.width},
                                    {"devices", o.devices},
                                    {"burst", o.burst}}) {
    if (value < 1 || !std::has_single_bit(static_cast<std::uint64_t>(value)))
      throw Error(device + ": organisation." + name, std::to_string(value), "a power of two");
  }
  if (o.burst < 2)
    throw Error(device + ": organisation.burst", std::to_string(o.burst), "at least 2 beats, one clock");
  if (o.columns < o.burst)
    throw Error(device + ": organisation.columns", std::to_string(o.columns),
                "at least a burst of " + std::to_string(o.burst));
  const std::int64_t pins = std::int64_t{o.width} * o.devices;
  constexpr std::int64_t least_pins = 8, most_pins = 4096, most_banks = 1024, most_channels = 64;
  if (pins < least_pins || pins > most_pins)
    throw Error(device + ": organisation", "width x devices is " + std::to_string(pins),
                std::to_string(least_pins) + " to " + std::to_string(most_pins) + " bits");
  const std::int64_t banks = std::int64_t{o.bank_groups} * o.banks;
  if (o.ranks > most_banks || banks > most_banks || o.ranks * banks > most_banks)
    throw Error(device + ": organisation", "over " + std::to_string(most_banks) + " banks a channel",
                "fewer");
  if (o.channels > most_channels)
    throw Error(device + ": organisation.channels", std::to_string(o.channels),
                "at most " + std::to_string(most_channels));
  constexpr int most_rows = 1 << 22, most_columns = 1 << 14;  // so that a capacity fits 63 bits
  if (o.rows > most_rows)
    throw Error(device + ": organisation.rows", std::to_string(o.rows),
                "at most " + std::to_string(most_rows));
  if (o.columns > most_columns)
    throw Error(device + ": organisation.columns", std::to_string(o.columns),
                "at most " + std::to_string(most_columns));
}

// `small` must not exceed `large`.
struct Order {
  const char* small_name;
  std::int64_t small;
  const char* large_name;
  std::int64_t large;
};

void check_timing(const DramTiming& t, const std::string& device) {
  for (const auto& [name, value] : {Named{"tCK_ps", t.tCK_ps},
                                    {"CL", t.CL},
                                    {"CWL", t.CWL},
                                    {"tRCD", t.tRCD},
                                    {"tRP", t.tRP},
                                    {"tRAS", t.tRAS},
                                    {"tRC", t.tRC},
                                    {"tRPab", t.tRPab},
                                    {"tPPD", t.tPPD},
                                    {"tCCD_S", t.tCCD_S},
                                    {"tCCD_L", t.tCCD_L},
                                    {"tRRD_S", t.tRRD_S},
                                    {"tRRD_L", t.tRRD_L},
                                    {"tFAW", t.tFAW},
                                    {"tWR", t.tWR},
                                    {"tWTR_S", t.tWTR_S},
                                    {"tWTR_L", t.tWTR_L},
                                    {"tRTP", t.tRTP},
                                    {"tRFC", t.tRFC},
                                    {"tREFI", t.tREFI}}) {
    if (value < 1) throw Error(device + ": timing." + name, std::to_string(value), "at least 1");
  }
  for (const auto& [name, value] :
       {Named{"tDQSCK", t.tDQSCK}, {"tDQSS", t.tDQSS}, {"tRTW", t.tRTW}, {"tRTRS", t.tRTRS}}) {
    if (value < 0) throw Error(device + ": timing." + name, std::to_string(value), "at least 0");
  }
  for (const auto& [small_name, small, large_name, large] :
       {Order{"tRCD", t.tRCD, "tRAS", t.tRAS},
        {"tRAS + tRP", t.tRAS + t.tRP, "tRC", t.tRC},
        {"tRP", t.tRP, "tRPab", t.tRPab},
        {"tCCD_S", t.tCCD_S, "tCCD_L", t.tCCD_L},
        {"tRRD_S", t.tRRD_S, "tRRD_L", t.tRRD_L},
        {"tRRD_S", t.tRRD_S, "tFAW", t.tFAW},
        {"tWTR_S", t.tWTR_S, "tWTR_L", t.tWTR_L},
        {"tRFC + tRC + tRPab", t.tRFC + t.tRC + t.tRPab, "tREFI", t.tREFI}}) {
    if (small > large)
      throw Error(device + ": timing." + large_name, std::to_string(large),
                  std::string("at least ") + small_name + ", which is " + std::to_string(small));
  }
}

void check_supplies(const DramDevice& device) {
  if (device.supplies.empty()) throw Error(device.name + ": power", "no supply", "one at least");
  for (const DramSupply& supply : device.supplies) {
    if (!(supply.volts > 0))
      throw Error(device.name + ": power." + supply.name + ".volts", std::to_string(supply.volts), "above 0");
  }
  const DramCommandEnergy each = command_energy(device);
  for (const auto& [what, pj] : {std::pair{"IDD0: an activation", each.activate},
                                 {"IDD4R: a READ", each.read},
                                 {"IDD4W: a WRITE", each.write},
                                 {"IDD5: a refresh", each.refresh}}) {
    if (!(pj.value >= 0))
      throw Error(device.name + ": power", std::string(what) + " takes less power than standby",
                  "a current of at least IDD3N");
  }
}

void check_policy(const DramPolicy& p, const std::string& device) {
  for (const auto& [name, value] : {Named{"starvation_cap", p.starvation_cap},
                                    {"read_queue", p.read_queue},
                                    {"write_queue", p.write_queue},
                                    {"write_high", p.write_high}}) {
    if (value < 1) throw Error(device + ": controller." + name, std::to_string(value), "at least 1");
  }
  if (p.write_high > p.write_queue)
    throw Error(device + ": controller.write_high", std::to_string(p.write_high),
                "at most write_queue, which is " + std::to_string(p.write_queue));
  if (p.write_low < 0 || p.write_low >= p.write_high)
    throw Error(device + ": controller.write_low", std::to_string(p.write_low),
                "0 to write_high - 1, which is " + std::to_string(p.write_high - 1));
}

}  // namespace

void check(const DramDevice& device) {
  check_organisation(device.organisation, device.name);
  check_timing(device.timing, device.name);
  check_supplies(device);
  check_policy(device.policy, device.name);
  static_cast<void>(AddressMap(device));  // refuses a bad mapping
}

}  // namespace basil
