// Blocks of slices, clock by clock: hands out work, makes the slices meet, and keeps the psums.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "pe/basis_first/row_feed_clocked.h"
#include "pe/basis_first/slice_clocked.h"

namespace basil::basis_first {

[[nodiscard]] std::vector<ClockedSignal> signals(const UnitParameters& parameters);

class ArrayClocked : public ClockedTile {
 public:
  ArrayClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass);

  void step() override;
  [[nodiscard]] bool done() const override { return state_ == State::done; }
  [[nodiscard]] TileWork work() const override;
  void hand_over(Ofmap& sums) const override;
  [[nodiscard]] std::vector<std::int64_t> effectual_work() const override;
  [[nodiscard]] std::vector<double> view(int row) const override;

 protected:
  // Gives the slices the work until they next meet, each by put_to_work(); false when the pass has none left.
  virtual bool start_next() = 0;
  // Slices of a block that the pass gives work at all.
  [[nodiscard]] virtual int slices_used() const = 0;
  // Ofmap rows that the pass's last row of work completed.
  [[nodiscard]] virtual int rows_completed() const { return 1; }
  // To be called once the slices are made.
  void begin() { meet(); }

  [[nodiscard]] std::size_t place(int block, int slice) const {
    return static_cast<std::size_t>(block) * static_cast<std::size_t>(design_.slices) +
           static_cast<std::size_t>(slice);
  }
  void put_to_work(int block, int slice) { at_work_[place(block, slice)] = 1; }

  const Layer& layer_;
  const Design design_;
  const TilePass pass_;
  const PassAccounts accounts_;
  ClockedOperands operands_;
  std::vector<std::unique_ptr<SliceClocked>> slices_;  // of block 0, of block 1, ...
  std::vector<RowFeedClocked> feeds_;                  // of each block

 private:
  enum class State { work, drain, done };
  void meet();
  void take_psums();
  void drain();
  [[nodiscard]] std::int64_t nonzeros(int filter) const;
  [[nodiscard]] bool all_done() const;

  State state_ = State::work;
  std::int64_t drained_ = 0;  // cycles
  std::vector<char> at_work_;
  std::vector<std::vector<std::int64_t>>
      psums_;  // of each slice of a block, whichever block the filter is in
  Events events_;
};

}  // namespace basil::basis_first
