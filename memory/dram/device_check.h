// Whether a DRAM device can exist.
#pragma once

#include "memory/dram/device.h"

namespace basil {

// Throws Error (where: the device's name and the field) for a device that cannot exist: zero banks,
// tRAS < tRCD, a READ that takes less power than standby.
void check(const DramDevice& device);

}  // namespace basil
