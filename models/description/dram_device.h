// DRAM devices as YAML: see models/dram_devices/*.yaml for the form.
#pragma once

#include <string>
#include <vector>

#include "memory/dram/device.h"

namespace basil {

// A shipped device ("ddr4-2400") or a YAML file, with overrides like "timing.tRCD=20". Keys of `timing` that
// a device leaves out, and an override may give: tRC is tRAS + tRP, tRPab is tRP, tPPD is 1, tDQSCK and tDQSS
// are 0. Throws Error for an unknown name or key and for a device that cannot exist.
[[nodiscard]] DramDevice load_dram_device(const std::string& name_or_file,
                                          const std::vector<std::string>& overrides = {});

}  // namespace basil
