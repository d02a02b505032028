// The sparse outer-product array, a pass at a time: cycles from the products of each PE and channel, never
// from single zeros.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pe/mac/mac_values.h"
#include "pe/sparse_outer/bank_counts.h"
#include "pe/sparse_outer/bank_queues.h"
#include "pe/sparse_outer/outer_operands.h"
#include "pe/sparse_outer/outer_work.h"

namespace basil {

// Lane: see bank_queues.h.
template <class Lane>
class OuterTileUnit final : public TileUnit {
 public:
  OuterTileUnit(const Layer& layer, const UnitParameters& parameters);

  TileWork run(const TilePass& pass, Ofmap& sums) override;

 private:
  // The PEs of one set in one round, for one image.
  struct SetTime {
    std::int64_t slowest = 0, all = 0;
  };

  void take_ifmap(const TilePass& pass);
  void run_round(const OuterBand& band, Range filters, const std::vector<OuterActivations>& images,
                 OuterEvents& events);
  [[nodiscard]] SetTime run_set(const OuterBand& band, const OuterActivations& image, int filters,
                                OuterEvents& events);
  void run_stream(const OuterBand& band, const OuterActivations::Stream& activations,
                  const OuterWeights::List& weights, bool conflicts, OuterEvents& events);
  void step_freely(const OuterActivations::Stream& activations, std::int64_t weight_vectors);

  const Layer& layer_;
  OuterMachine machine_;
  SliceReader weights_reader_, ifmap_reader_;
  MacValues<std::int16_t> values_;
  int lanes_;

  std::optional<TilePass> held_;  // whose ifmap the lists below hold; its filters do not matter
  std::vector<OuterBand> bands_;
  std::vector<std::vector<OuterActivations>> images_;  // by band and image
  Bytes ifmap_bytes_;

  OuterWeights weights_;               // of a set's share
  BankCounts<Lane> counts_;            // of a channel
  std::vector<std::int64_t> time_;     // by tile
  std::vector<Lane> filled_;           // queues, by tile
  std::vector<std::uint32_t> places_;  // of a stream's activations among the counts
};

extern template class OuterTileUnit<std::int8_t>;
extern template class OuterTileUnit<std::int16_t>;

}  // namespace basil
