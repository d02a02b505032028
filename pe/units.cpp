#include "core/error.h"
#include "pe/unit.h"

namespace basil {

const UnitType& unit_type(const std::string& name, const std::string& where) {
  std::vector<std::string> names;
  for (const UnitType* type : unit_types()) {
    if (type->name == name) return *type;
    names.emplace_back(type->name);
  }
  const std::string near = nearest(name, names);
  throw Error(where, "unknown unit '" + name + "'",
              near.empty() ? "a unit of 'basil list units'" : "'" + near + "'");
}

}  // namespace basil
