// A key of a section of YAML that holds a whole number, as what can be added declares it: a unit, a memory.
#pragma once

#include <cstdint>
#include <string_view>

namespace basil {

struct IntegerKey {
  std::string_view name;
  std::int64_t min = 0, max = 0, otherwise = 0;  // range, and the value where the key is absent
  std::string_view meaning;
};

}  // namespace basil
