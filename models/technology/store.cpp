#include "models/technology/store.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace basil {
namespace {

constexpr double mm2_a_um2 = 1e-6, mw_a_uw = 1e-3;

StoreCost register_cost(const Store& store, const Technology& technology) {
  const CostRow& bit = technology.row("register_file_write");
  const CostRow& mux = technology.row("register_file_mux");
  const auto bits = static_cast<double>(store.bits), words = static_cast<double>(store.words);
  const double further_ports = std::max(0, store.ports - 2);  // than a read and a write
  const double all_bits = words * bits;
  StoreCost cost;
  cost.kind = StoreKind::registers;
  cost.read = mux.price() * (bits * (words - 1));
  cost.write = bit.price() * bits;
  cost.leakage = operator_leakage(mw_a_uw * all_bits * (bit.leakage_uw + further_ports * mux.leakage_uw));
  cost.area_mm2 = mm2_a_um2 * all_bits * (bit.area_um2 + further_ports * mux.area_um2);
  return cost;
}

StoreCost sram_cost(const Store& store, const Technology& technology, Cell cell) {
  constexpr double transistors_a_port = 2, transistors_a_cell = 6;
  const SramCost one = technology.sram(Bytes(ceil_div(store.words * store.bits, 8)), store.bits, cell);
  const SramRules& rules = technology.sram_rules();
  const double further_ports = store.ports - 1;
  const auto edge = [&](double growth) { return 1 + growth * further_ports; };
  const auto price = [&](double pj) {
    return Price{.pj = pj * edge(rules.port_growth.nominal),
                 .low_pj = pj * rules.energy.low * edge(rules.port_growth.low),
                 .high_pj = pj * rules.energy.high * edge(rules.port_growth.high),
                 .tag = store.ports > 1 ? Tag::estimated : one.tag};
  };
  const Bracket& spread = rules.leakage.at(cell);
  const double leakage = one.leakage_mw * (1 + further_ports * transistors_a_port / transistors_a_cell);
  StoreCost cost;
  cost.kind = StoreKind::sram;
  cost.read = price(one.read_pj);
  cost.write = price(one.write_pj);
  cost.leakage = {leakage, leakage * spread.low, leakage * spread.high};
  cost.area_mm2 = one.area_mm2 * edge(rules.port_growth.nominal) * edge(rules.port_growth.nominal);
  return cost;
}

}  // namespace

std::string_view to_string(StoreKind kind) {
  switch (kind) {
    case StoreKind::by_area:
      return "by_area";
    case StoreKind::registers:
      return "registers";
    case StoreKind::sram:
      return "sram";
  }
  return "";
}

StoreCost store_cost(const Store& store, const Technology& technology, Cell cell) {
  if (store.words < 1 || store.bits < 1 || store.ports < 1) {
    throw Error("store", fmt::format("{} words of {} bits, {} ports", store.words, store.bits, store.ports),
                "at least 1 of each");
  }
  if (store.kind == StoreKind::registers) return register_cost(store, technology);
  if (store.kind == StoreKind::sram) return sram_cost(store, technology, cell);
  const StoreCost registers = register_cost(store, technology), sram = sram_cost(store, technology, cell);
  return registers.area_mm2 <= sram.area_mm2 ? registers : sram;
}

}  // namespace basil
