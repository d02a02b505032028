#include "pe/activity.h"

namespace basil {

void add_products(const Products& products, Activity& activity) {
  const std::int64_t multiplied = products.all - products.gated;
  activity.products += multiplied;
  activity.gated += products.gated;
  activity.filter_spad_reads += multiplied;
  activity.psum_spad_reads += multiplied + products.gated_leaving;
  activity.psum_spad_writes += multiplied;
}

Activity tile_activity(const TileWork& work) {
  Activity activity;
  activity.products = work.products;
  activity.gated = work.bins[Bin::gated];
  activity.parts = work.uses;
  return activity;
}

std::int64_t systolic_register_bits(const SystolicRegisters& registers, const GemmPass& pass,
                                    std::int64_t products) {
  // Each product writes the activation and the psum register; with sums staying, the weight register too.
  const std::int64_t bits = products * (registers.word_bits + registers.psum_bits);
  if (registers.sums_stay) return bits + products * registers.word_bits;
  // A weight passes one register a row on its way to its own, or to the shadow of it and from there.
  const std::int64_t rows = pass.reduction.size();
  const std::int64_t weights = rows * (rows + 1) / 2 + (registers.shadow_weights ? rows : 0);
  return bits + weights * pass.filters.size() * registers.word_bits;
}

}  // namespace basil
