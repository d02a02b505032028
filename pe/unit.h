// The interface of a processing element's kind: what a dataflow needs of it, and nothing of arrays.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/integer_key.h"
#include "pe/delivery.h"
#include "pe/pass.h"
#include "pe/tile.h"
#include "traces/golden/golden.h"
#include "traces/trace.h"

namespace basil {

// What a machine's description says of its PEs.
struct UnitParameters {
  Dtype dtype = Dtype::int16;                                 // widest operand a PE takes
  bool zero_gating = false;                                   // a zero ifmap word freezes the multiplier
  int rows = 1;                                               // of the array
  int accumulator_bits = 32;                                  // of a sum while it is added up
  std::map<std::string, std::int64_t, std::less<>> own = {};  // every key of the unit
  OperandDelivery delivery = {};                              // which of the array's stores are doubled

  // Value of a key the unit has.
  [[nodiscard]] int at(std::string_view key) const { return static_cast<int>(own.find(key)->second); }
};

// Uses of the technology table's 32-bit adder, the row add_psum, that one of the accumulators' width stands
// for.
[[nodiscard]] inline double psum_adder(const UnitParameters& parameters) {
  return parameters.accumulator_bits / 32.0;
}

// Products of a pass, over all PEs. Gated ones are spent slots whose ifmap word was zero.
struct Products {
  std::int64_t all = 0;
  std::int64_t gated = 0;
  // Of the gated ones, those with which a sum leaves its spad PE: its psum is read all the same. Of a
  // row-stationary first pass alone; later the sum leaves with the psum that it is added to.
  std::int64_t gated_leaving = 0;
};

// One layer on one kind of PE in a row-stationary or systolic array: computes passes from the operands'
// slices in their encoded form.
class Unit {
 public:
  virtual ~Unit() = default;

  // Adds the pass's products to the sums of its ofmap block; a first pass starts them from the bias.
  virtual Products accumulate(const RowPass& pass, Ofmap& sums) = 0;
  virtual Products accumulate(const GemmPass& pass, Ofmap& sums) = 0;
};

// A kind of PE. Every folder pe/<kind>/ defines one as `<kind>_unit` in its unit.cpp; the build finds it.
struct UnitType {
  std::string_view name;
  std::string_view summary;
  std::vector<Encoding> weight_encodings;  // that the unit computes from; the one it is made for first
  bool plain_weights = false;              // it also takes whatever encoding a tensor can be packed into
  // Throws Error "layer NAME: ..." for a layer the unit cannot take.
  void (*check)(const Layer& layer, const UnitParameters& parameters);
  std::vector<IntegerKey> keys = {};  // of its own, in the section `unit`
  // On row-stationary and systolic arrays; null where the unit brings an array of its own. The layer must
  // have been checked and must outlive the unit.
  std::unique_ptr<Unit> (*make)(const Layer& layer, const UnitParameters& parameters) = nullptr;
  // Row of the technology table for one product, and for one gated slot.
  std::string (*product_row)(const UnitParameters& parameters) = nullptr;
  std::string (*gated_row)(const UnitParameters& parameters) = nullptr;
  // What one slot takes of a weight, in bits; null: as wide as the ifmap's words.
  int (*weight_bits)(const UnitParameters& parameters) = nullptr;
  // Slots that a weight of each filter takes, at least 1, where a weight is a sum of terms; null: one each.
  std::vector<int> (*slots)(const Layer& layer, const UnitParameters& parameters) = nullptr;
  // Order in which the filters are best mapped (a permutation of K within each group, or empty to leave
  // them); null: as they are.
  std::vector<int> (*filter_order)(const Layer& layer, const UnitParameters& parameters) = nullptr;
  // Of a unit that brings its own array; null otherwise.
  const TileArray* array = nullptr;
};

// What a unit takes weights as, and what it is made for: the first of these.
[[nodiscard]] std::vector<Encoding> weight_encodings(const UnitType& unit);
[[nodiscard]] bool takes_weights(const UnitType& unit, Encoding encoding);
[[nodiscard]] Encoding native_encoding(const UnitType& unit);

[[nodiscard]] std::span<const UnitType* const> unit_types();
// Error with the nearest known name.
[[nodiscard]] const UnitType& unit_type(const std::string& name, const std::string& where);

}  // namespace basil
