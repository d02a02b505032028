// Kind `fc`: a fully connected layer, which is a convolution of one place.
#include "traces/layer_kind.h"

namespace basil {

const LayerKind fc_kind{.name = "fc",
                        .summary = "fully connected: K sums over all C channels",
                        .network_types = {"fc"},
                        .fixed = {{.name = "H", .axis = &LayerShape::H},
                                  {.name = "W", .axis = &LayerShape::W},
                                  {.name = "R", .axis = &LayerShape::R},
                                  {.name = "S", .axis = &LayerShape::S},
                                  {.name = "groups", .axis = &LayerShape::groups}}};

}  // namespace basil
