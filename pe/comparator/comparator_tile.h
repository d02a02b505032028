// The fast comparator array: exact cycles of both stages from the code words themselves, a pixel at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/comparator/pointwise.h"
#include "pe/comparator/stage_words.h"
#include "pe/unit.h"

namespace basil::comparator_array {

class ComparatorTile final : public TileUnit {
 public:
  ComparatorTile(const Layer& layer, const UnitParameters& parameters);

  TileWork run(const TilePass& pass, Ofmap& sums) override;

 private:
  // When a row is done, and how long its second stage worked until then.
  struct RowTime {
    std::int64_t end = 0, busy = 0;
  };

  [[nodiscard]] std::int64_t words_taken(std::int64_t nonzeros) const;
  void count_terms();
  void sum_up(const TilePass& pass, Ofmap& sums) const;
  [[nodiscard]] RowTime time_row(int row);
  void account(const TilePass& pass, TileWork& work);
  void use_parts(const TilePass& pass, TileWork& work) const;

  const Layer& layer_;
  UnitParameters parameters_;
  bool compares_, skip_zero_;
  int rows_, add_lanes_, queue_;
  std::int64_t compare_cycles_;  // of a pixel in stage 1
  std::int64_t weight_words_, window_words_;
  StageWords words_;
  Pointwise pointwise_;

  std::vector<std::int64_t> slots_;  // of each pixel
  std::vector<std::int64_t> ends_;   // of a row's last `queue` pixels in stage 2
  std::int64_t taken_ = 0;           // words of all pixels
  std::int64_t effectual_ = 0;       // terms of all pixels
  std::int64_t empty_ = 0;           // pixels without a slot
};

}  // namespace basil::comparator_array
