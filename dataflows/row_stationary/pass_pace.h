// How exactly passes are timed.
#pragma once

namespace basil {

// A closed form below every flow, or the flow itself, as in a run.
enum class RowPace { least, followed };

}  // namespace basil
