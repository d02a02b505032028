#include "models/technology/technology.h"

#include <vector>

#include "core/error.h"

namespace basil {

std::string_view to_string(Cell cell) { return cell == Cell::hp ? "hp" : "lstp"; }

Cell parse_cell(const std::string& word, const std::string& where) {
  if (word == "hp") return Cell::hp;
  if (word == "lstp") return Cell::lstp;
  throw Error(where, word, "hp or lstp");
}

Leakage operator_leakage(double mw) { return {mw, 0.74 * mw, 2 * mw}; }

const CostRow& Technology::row(const std::string& item) const {
  const auto found = rows_.find(item);
  if (found != rows_.end()) return found->second;
  std::vector<std::string> items;
  for (const auto& [name, row] : rows_) items.push_back(name);
  const std::string near = nearest(item, items);
  throw Error("technology " + name_, "no row " + item, near);
}

SramCost Technology::sram(Bytes size, int width_bits, Cell cell) const {
  return sram_.at(cell).at(size, width_bits);
}

}  // namespace basil
