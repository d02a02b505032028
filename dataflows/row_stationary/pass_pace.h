// How exactly passes are timed.
#pragma once

namespace basil {

// In closed form; by it, scaled as the flow of the fullest pass is to its own; or by each pass's flow, as in
// a run.
enum class RowPace { closed, scaled, followed };

}  // namespace basil
