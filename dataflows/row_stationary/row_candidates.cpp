#include "dataflows/row_stationary/row_candidates.h"

namespace basil {

std::vector<int> useful_sizes(int of, int most) {
  std::vector<int> sizes;
  for (int size = std::min(of, most); size >= 1;) {
    const auto pieces = static_cast<int>(ceil_div(of, size));
    const auto evenest = static_cast<int>(ceil_div(of, pieces));
    if (sizes.empty() || sizes.back() != evenest) sizes.push_back(evenest);
    if (evenest == 1) break;
    // the greatest size that makes one piece more
    size = std::min(evenest - 1, static_cast<int>(ceil_div(of, pieces + 1)));
  }
  return sizes;
}

}  // namespace basil
