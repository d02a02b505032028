#include "dataflows/schedule.h"

#include <algorithm>

namespace basil {

Range piece(int index, int size, int of) { return {index * size, std::min(of, (index + 1) * size)}; }

}  // namespace basil
