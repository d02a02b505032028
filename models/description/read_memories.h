// What an accelerator's file says of buffers, the network between them and the PEs, and DRAM.
#pragma once

#include "core/yaml.h"
#include "models/description/description.h"

namespace basil {

// Sections `buffers`, `noc` (whose widths of 0 follow from array, unit and psums) and `dram` (whose latencies
// are in cycles of the clock), into the description. Errors: file:line:column and the key.
void read_buffers(Description& machine, YamlReader reader);
void read_noc(Description& machine, YamlReader reader);
void read_dram(Description& machine, YamlReader reader);

}  // namespace basil
