// How exactly passes are timed.
#pragma once

namespace basil {

// In closed form, with columns that send their psums one after the other, or all at once and each waiting for
// all; by the former, scaled as the flow of the fullest pass is to it; or by each pass's flow, as in a run.
enum class RowPace { apart, together, scaled, followed };

}  // namespace basil
