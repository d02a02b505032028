// The memory `device`: a DRAM device (memory/dram/) command by command behind the chip's pins, energy by its
// own currents.
#include <algorithm>

#include "core/systemc/cycle_time.h"
#include "memory/dram/dram_target.h"
#include "memory/dram/energy.h"
#include "memory/off_chip/chip_link.h"
#include "memory/off_chip/memory_type.h"

namespace basil {
namespace {

inline constexpr std::uint64_t regions = 4;

class DeviceMemory final : public PinnedMemory {
 public:
  explicit DeviceMemory(const MemoryParameters& parameters)
      : link_("link", pins_of(parameters.dram)), dram_("dram", *parameters.device, parameters.dram.core_khz) {
    link_.to_memory.bind(dram_.socket);
  }

  void bind(tlm::tlm_initiator_socket<>& port) override { port.bind(link_.from_chip); }
  [[nodiscard]] std::uint64_t region(int index) const override {
    const auto capacity = static_cast<std::uint64_t>(dram_.device().organisation.capacity().value);
    return capacity / regions * static_cast<std::uint64_t>(index);
  }
  [[nodiscard]] Cycles transfer_time(Bytes bytes) const override {
    return std::max(link_.transfer_time(bytes), dram_.transfer_time(bytes));
  }
  // From threads: what several DMAs ask for shares the controllers' queues.
  [[nodiscard]] MemoryProtocol protocol() const override {
    return {.call = MemoryProtocol::Call::waits, .payloads = Payloads::timing_only()};
  }
  void quiesce() override {
    link_.quiesce();
    dram_.quiesce();
    start_ = now();
  }
  [[nodiscard]] DramCounters counters() const override {
    return {.read = dram_.traffic().read,
            .written = dram_.traffic().written,
            .activations = 0,
            .busy = Cycles(0)};
  }
  [[nodiscard]] DramTarget* device() override { return &dram_; }

  [[nodiscard]] std::vector<MemoryEnergy> energy(Cycles cycles) override {
    const DramActivity activity = dram_.activity(start_ + cycles);
    const DramCommandEnergy each = command_energy(dram_.device());
    const std::string name = dram_.device().name + " ";
    return {{name + "activate and precharge", activity.activates, each.activate},
            {name + "read", activity.reads, each.read},
            {name + "write", activity.writes, each.write},
            {name + "refresh", activity.refreshes, each.refresh},
            {name + "active standby, per clock", activity.active_clocks, each.active_clock},
            {name + "precharged standby, per clock", activity.precharged_clocks, each.precharged_clock}};
  }

 private:
  ChipLink link_;
  DramTarget dram_;
  Cycles start_;
};

std::int64_t burst_ps(const DramDevice& device) {
  return device.organisation.burst_clocks() * device.timing.tCK_ps;
}

Cycles first_data(const MemoryParameters& parameters) {
  const DramTiming& timing = parameters.device->timing;
  const std::int64_t first_ps =
      (timing.tRCD + timing.read_latency()) * timing.tCK_ps + burst_ps(*parameters.device);
  return Cycles(ceil_div(first_ps * parameters.dram.core_khz, 1'000'000'000));
}

MemoryRate rate(const MemoryParameters& parameters) {
  const DramOrganisation& organisation = parameters.device->organisation;
  return {.bits = organisation.burst_bytes().value * 8 * organisation.channels,
          .khz = std::int64_t{1'000'000'000} / burst_ps(*parameters.device)};
}

MemoryPrices prices(const MemoryParameters& parameters, double clock_mhz) {
  const DramDevice& device = *parameters.device;
  const DramCommandEnergy each = command_energy(device);
  const auto burst = static_cast<double>(device.organisation.burst_bytes().value);
  const double opening = each.activate.value / static_cast<double>(device.organisation.row_bytes().value);
  return {
      .read_byte_pj = each.read.value / burst + opening,
      .write_byte_pj = each.write.value / burst + opening,
      .cycle_pj = each.active_clock.value * 1e6 / (clock_mhz * static_cast<double>(device.timing.tCK_ps))};
}

}  // namespace

extern const MemoryType device_memory;
const MemoryType device_memory{
    .name = "device",
    .summary =
        "the DRAM of the key device, command by command behind the chip's pins, energy by its own currents",
    .of_device = true,
    .make = [](const MemoryParameters& parameters) -> std::unique_ptr<PinnedMemory> {
      return std::make_unique<DeviceMemory>(parameters);
    },
    .first_data = first_data,
    .rate = rate,
    .prices = prices,
};

}  // namespace basil
