// A kind of layer to copy, of one file: `pointwise`, a convolution of one place. Lists of shapes and network
// files need not say R and S.
#include "traces/layer_kind.h"

namespace basil {

extern const LayerKind pointwise_kind;
const LayerKind pointwise_kind{
    .name = "pointwise",
    .summary = "a toy: a convolution of kernels of one place",
    .network_types = {"pwconv"},
    .fixed = {{.name = "R", .axis = &LayerShape::R}, {.name = "S", .axis = &LayerShape::S}}};

}  // namespace basil
