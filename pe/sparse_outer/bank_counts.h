// How many products of a step each accumulator bank gets.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/sparse_outer/outer_operands.h"

namespace basil {

// What the weight vectors of one channel and phase do to the banks, for an activation of each class. Made for
// the classes that occur. Lane: see bank_queues.h.
template <class Lane>
class BankCounts {
 public:
  BankCounts(const OuterMachine& machine, int lanes);

  // The next stream of weights. Without conflicts no counts by bank are made.
  void begin(const OuterBand& band, const OuterWeights::List& weights, bool conflicts);
  // Finds for each entry the place of its counts; returns how many of its products land.
  [[nodiscard]] std::int64_t find(const OuterBand& band, const OuterBand::Entry* entries, int count,
                                  std::uint32_t* places);
  // Counts by bank with the first weight vector at a place; with the next one 2 * lanes words further.
  [[nodiscard]] const Lane* counts() const { return counts_.data(); }
  // Of an entry that was found: a product with the last weight vector lands.
  [[nodiscard]] bool last_lands(OuterBand::Entry entry) const {
    return classes_[entry >> OuterBand::turn_bits].last_lands;
  }

 private:
  struct Class {
    std::uint64_t made = 0;  // for which stream
    std::uint32_t start = 0;
    int landing = 0;
    bool last_lands = false;
  };

  void make(const OuterBand& band, std::uint32_t sort);

  std::size_t banks_, vector_, lanes_;
  OuterWeights::List weights_;
  bool conflicts_ = true;
  std::uint64_t stream_ = 0;
  std::size_t used_ = 0;
  std::vector<Lane> counts_;
  std::vector<Class> classes_;
};

extern template class BankCounts<std::int8_t>;
extern template class BankCounts<std::int16_t>;

}  // namespace basil
