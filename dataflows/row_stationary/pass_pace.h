// How exactly passes are timed.
#pragma once

namespace basil {

// By a closed form near the flow; by it, scaled as the flow of the fullest pass is to its own; or by each
// pass's flow, as in a run.
enum class RowPace { likely, scaled, followed };

}  // namespace basil
