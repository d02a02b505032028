// The waits for DRAM by the words of a result's JSON.
#pragma once

#include <array>
#include <utility>

namespace basil {

template <class Waits>
[[nodiscard]] auto waits_of(Waits& waits) {
  return std::array{std::pair{"weights", &waits.weights}, std::pair{"ifmap", &waits.ifmap},
                    std::pair{"ofmap", &waits.ofmap}};
}

}  // namespace basil
