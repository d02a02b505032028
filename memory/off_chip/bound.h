// A memory of the user's own behind the pins of a chip.
#pragma once

#include <memory>

#include "memory/off_chip/memory_type.h"

namespace basil {

// Energy is that of the bytes moved, by the technology's table, without activations.
[[nodiscard]] std::unique_ptr<PinnedMemory> bound_memory(const DramParameters& pins,
                                                         std::unique_ptr<OffChip> memory);

}  // namespace basil
