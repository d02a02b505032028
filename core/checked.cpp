#include "core/checked.h"

#include "core/error.h"

namespace basil {

void refuse_count() {
  throw Failure("a count of cycles, bytes or uses beyond 2^63: larger than this program can account for");
}

}  // namespace basil
