#include "dataflows/tiles/clocked_tile.h"

namespace basil {
namespace {

class ClockedTilePass final : public ClockedPass {
 public:
  explicit ClockedTilePass(std::unique_ptr<ClockedTile> tile) : tile_(std::move(tile)) {
    if (tile_->done()) work_ = tile_->work();
  }

  void step() override {
    tile_->step();
    if (tile_->done()) work_ = tile_->work();
  }
  [[nodiscard]] bool done() const override { return tile_->done(); }
  [[nodiscard]] Cycles cycles() const override { return work_.cycles; }
  [[nodiscard]] const CycleAccount& bins() override { return work_.bins; }
  [[nodiscard]] Activity activity() const override { return tile_activity(work_); }
  [[nodiscard]] const TileWork* tile_work() const override { return &work_; }
  void hand_over(Ofmap& sums) const override { tile_->hand_over(sums); }
  [[nodiscard]] std::vector<std::int64_t> effectual_work() const override { return tile_->effectual_work(); }
  [[nodiscard]] std::vector<double> view(int row) const override { return tile_->view(row); }

 private:
  std::unique_ptr<ClockedTile> tile_;
  TileWork work_;
};

}  // namespace

std::unique_ptr<ClockedPass> clocked_tile(const Layer& layer, const UnitType& unit,
                                          const UnitParameters& parameters, const TilePass& pass) {
  return std::make_unique<ClockedTilePass>(unit.array->clocked(layer, parameters, pass));
}

std::vector<ClockedSignal> clocked_tile_signals(const UnitType& unit, const UnitParameters& parameters) {
  std::vector<ClockedSignal> signals = unit.array->signals(parameters);
  for (ClockedSignal& signal : signals) signal.name = "unit." + signal.name;
  return signals;
}

}  // namespace basil
