#include "memory/off_chip/memory_type.h"

#include "core/error.h"

namespace basil {

std::vector<std::string> memory_names() {
  std::vector<std::string> names;
  for (const MemoryType* type : memory_types()) names.emplace_back(type->name);
  return names;
}

const MemoryType& memory_type(const std::string& name, const std::string& where) {
  for (const MemoryType* type : memory_types()) {
    if (type->name == name) return *type;
  }
  throw Error(where, "'" + name + "'", one_of(memory_names(), name));
}

}  // namespace basil
