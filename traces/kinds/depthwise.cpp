// Kind `depthwise`: a convolution in as many groups as there are channels.
#include "traces/layer_kind.h"

namespace basil {

const LayerKind depthwise_kind{
    .name = "depthwise",
    .summary = "convolution whose filters see one channel each",
    .network_types = {"dwconv"},
    .fixed = {{.name = "groups", .axis = &LayerShape::groups, .like = &LayerShape::C}}};

}  // namespace basil
