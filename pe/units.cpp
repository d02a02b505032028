#include <algorithm>

#include "core/error.h"
#include "pe/unit.h"

namespace basil {

std::vector<Encoding> weight_encodings(const UnitType& unit) {
  std::vector<Encoding> taken = unit.weight_encodings;
  if (!unit.plain_weights) return taken;
  for (const Encoding plain : plain_encodings()) taken.push_back(plain);
  return taken;
}

bool takes_weights(const UnitType& unit, Encoding encoding) {
  if (unit.plain_weights && !encoding->only_weights) return true;
  return std::ranges::find(unit.weight_encodings, encoding) != unit.weight_encodings.end();
}

Encoding native_encoding(const UnitType& unit) {
  return unit.weight_encodings.empty() ? &dense_encoding : unit.weight_encodings.front();
}

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
