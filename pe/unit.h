// The interface of a processing element's kind: what a dataflow needs of it, and nothing of arrays.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pe/pass.h"
#include "traces/golden.h"
#include "traces/trace.h"

namespace basil {

// What a machine's description says of its PEs.
struct UnitParameters {
  Dtype dtype = Dtype::int16;  // widest operand a PE takes
  bool zero_gating = false;    // a zero ifmap word freezes the multiplier
};

// Products of a pass, over all PEs. Gated ones are spent slots whose ifmap word was zero.
struct Products {
  std::int64_t all = 0;
  std::int64_t gated = 0;
};

// One layer on one kind of PE: computes passes from the operands' slices in their encoded form.
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
  std::vector<Encoding> weight_encodings;  // that the unit computes from
  // Throws Error "layer NAME: ..." for a layer the unit cannot take.
  void (*check)(const Layer& layer, const UnitParameters& parameters);
  // The layer must have been checked and must outlive the unit.
  std::unique_ptr<Unit> (*make)(const Layer& layer, const UnitParameters& parameters);
  // Row of the technology table for one product, and for one gated slot.
  std::string (*product_row)(const UnitParameters& parameters);
  std::string (*gated_row)(const UnitParameters& parameters);
};

[[nodiscard]] const std::vector<const UnitType*>& unit_types();
// Error with the nearest known name.
[[nodiscard]] const UnitType& unit_type(const std::string& name, const std::string& where);

}  // namespace basil
