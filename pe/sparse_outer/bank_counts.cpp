#include "pe/sparse_outer/bank_counts.h"

#include <algorithm>

namespace basil {

template <class Lane>
BankCounts<Lane>::BankCounts(const OuterMachine& machine, int lanes)
    : banks_(static_cast<std::size_t>(machine.banks)),
      vector_(static_cast<std::size_t>(machine.weight_vector)),
      lanes_(static_cast<std::size_t>(lanes)) {}

template <class Lane>
void BankCounts<Lane>::begin(const OuterBand& band, const OuterWeights::List& weights, bool conflicts) {
  if (classes_.size() < band.classes()) classes_.resize(band.classes());
  weights_ = weights;
  conflicts_ = conflicts;
  used_ = 0;
  ++stream_;
}

template <class Lane>
std::int64_t BankCounts<Lane>::find(const OuterBand& band, const OuterBand::Entry* entries, int count,
                                    std::uint32_t* places) {
  std::int64_t landing = 0;
  for (int i = 0; i < count; ++i) {
    const std::uint32_t sort = entries[i] >> OuterBand::turn_bits;
    if (classes_[sort].made != stream_) make(band, sort);
    places[i] = classes_[sort].start + (entries[i] & ((1U << OuterBand::turn_bits) - 1));
    landing += classes_[sort].landing;
  }
  return landing;
}

template <class Lane>
void BankCounts<Lane>::make(const OuterBand& band, std::uint32_t sort) {
  const std::size_t pitch = 2 * lanes_, count = static_cast<std::size_t>(weights_.count);
  Class& made = classes_[sort];
  made = {.made = stream_, .start = static_cast<std::uint32_t>(used_), .landing = 0, .last_lands = false};
  if (conflicts_) {
    used_ += (count + vector_ - 1) / vector_ * pitch;
    if (counts_.size() < used_) counts_.resize(2 * used_);
    std::fill(counts_.begin() + made.start, counts_.begin() + static_cast<std::ptrdiff_t>(used_), Lane{0});
  }
  const std::uint8_t* lands = band.lands(sort);
  const std::size_t end = conflicts_ ? pitch : 0;
  Lane* row = counts_.data() + made.start;
  for (std::size_t first = 0; first < count; first += vector_, row += pitch) {
    int landing = 0;
    for (std::size_t i = first; i < std::min(first + vector_, count); ++i) {
      const OuterWeights::Weight& weight = weights_.weights[i];
      const std::uint8_t one = lands[weight.tap];
      landing += one;
      for (std::size_t bank = weight.bank; bank < end; bank += banks_) {
        row[bank] = static_cast<Lane>(row[bank] + one);
      }
    }
    made.landing += landing;
    made.last_lands = landing > 0;
  }
}

template class BankCounts<std::int8_t>;
template class BankCounts<std::int16_t>;

}  // namespace basil
