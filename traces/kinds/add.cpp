// Kind `add`: the addition of two maps, listed and run off the array.
#include "traces/layer_kind.h"

namespace basil {

const LayerKind add_kind{.name = "add",
                         .summary = "addition of two feature maps, off the array: listed alone",
                         .network_types = {"add"},
                         .weighted = false};

}  // namespace basil
