// What an operation, an access and a bit on a wire cost in a technology, and how well that is known.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/units.h"
#include "models/technology/sram_table.h"

namespace basil {

// What one use costs, between what bounds, and how well that is known.
struct Price {
  double pj = 0, low_pj = 0, high_pj = 0;
  Tag tag = Tag::estimated;

  friend Price operator*(const Price& price, double factor) {
    return {price.pj * factor, price.low_pj * factor, price.high_pj * factor, price.tag};
  }
};

// Static power, used or not.
struct Leakage {
  double mw = 0, low_mw = 0, high_mw = 0;

  Leakage& operator+=(const Leakage& other) {
    mw += other.mw;
    low_mw += other.low_mw;
    high_mw += other.high_mw;
    return *this;
  }
  friend Leakage operator*(const Leakage& leakage, double factor) {
    return {leakage.mw * factor, leakage.low_mw * factor, leakage.high_mw * factor};
  }
};
// Of logic and registers, at 300 K: low, our synthesis of an INT16 multiply-accumulator leaks 0.74 of what
// BitFusion's does (51.2 against 69.0 uW); high, twice, as for some 20 K more.
[[nodiscard]] Leakage operator_leakage(double mw);

// One row of a technology table.
struct CostRow {
  std::string item;  // e.g. "mac_int8", "dram_lpddr4_read_per_bit"
  double pj = 0;     // nominal, per `unit`
  double low_pj = 0, high_pj = 0;
  std::string unit;       // "pJ/op", "pJ/bit", "pJ/bit/mm", "pJ/activation"
  int bits = 0;           // operand width; of an activation: the row
  double area_um2 = 0;    // of one instance; 0 where it belongs to another row
  double leakage_uw = 0;  // of one instance: static power, used or not
  std::string source;
  Tag tag = Tag::estimated;

  [[nodiscard]] Price price() const { return {pj, low_pj, high_pj, tag}; }
};

// The two ends of SRAM leakage that CACTI knows: high-performance and low-standby-power cells.
enum class Cell { hp, lstp };
[[nodiscard]] std::string_view to_string(Cell cell);
// Error at `where` for another word.
[[nodiscard]] Cell parse_cell(const std::string& word, const std::string& where);

// Factors, or a figure, with their bounds.
struct Bracket {
  double nominal = 1, low = 1, high = 1;
};

// What the tables of SRAM leave open: see models/technology/store.h and the tables' comments.
struct SramRules {
  Bracket energy;                   // of a table's figure
  std::map<Cell, Bracket> leakage;  // of a table's figure
  Bracket port_growth{0, 0, 0};     // of a cell's edges with each port beyond the first
};

class Technology {
 public:
  // `name_or_path`: an embedded table ("65nm") or a YAML file. Error with file:line:column, or with the
  // nearest known name.
  [[nodiscard]] static Technology load(const std::string& name_or_path);
  // Reads the text of a table; `file` is what errors call it.
  [[nodiscard]] static Technology parse(std::string_view text, const std::string& file);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] int node_nm() const { return node_nm_; }
  [[nodiscard]] double vdd() const { return vdd_; }

  // Error with the nearest item when there is no such row.
  [[nodiscard]] const CostRow& row(const std::string& item) const;
  [[nodiscard]] const std::map<std::string, CostRow>& rows() const { return rows_; }

  // A macro of `size`, one port, whose access moves `width_bits`: see SramTable::at.
  [[nodiscard]] SramCost sram(Bytes size, int width_bits, Cell cell) const;
  [[nodiscard]] const SramRules& sram_rules() const { return sram_rules_; }

  [[nodiscard]] const SramTable& sram_table(Cell cell) const { return sram_.at(cell); }

 private:
  std::string name_;
  int node_nm_ = 0;
  double vdd_ = 0;
  std::map<std::string, CostRow> rows_;
  std::map<Cell, SramTable> sram_;
  SramRules sram_rules_;
};

}  // namespace basil
