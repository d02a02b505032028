// Kind `conv`: a convolution of any axes, in groups or not.
#include "traces/layer_kind.h"

namespace basil {

const LayerKind conv_kind{.name = "conv",
                          .summary = "convolution: kernels of R rows and S columns, in groups or not",
                          .network_types = {"conv"}};

}  // namespace basil
