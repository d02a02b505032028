// Kind `pool`: pooling, listed and run off the array.
#include "traces/layer_kind.h"

namespace basil {

const LayerKind pool_kind{.name = "pool",
                          .summary = "pooling, off the array: listed alone",
                          .network_types = {"pool", "maxpool", "avgpool"},
                          .weighted = false,
                          .window = true};

}  // namespace basil
