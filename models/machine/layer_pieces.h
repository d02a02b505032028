// A layer as the sequencer sees it: the steps of all its boxes, one box behind the other.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "models/layer/layer_cut.h"
#include "models/layer/schedules.h"
#include "models/layer/traffic.h"
#include "models/sampling/layer_sample.h"
#include "traces/golden/sum_width.h"
#include "traces/pieces/layer_box.h"

namespace basil {

// A box being run. Made when its first step is asked for; at most two live at a time, so that operands are
// not held twice.
struct LayerPiece {
  LayerBox box;
  std::optional<Layer> made;     // its layer, where the box is not the whole one,
  const Layer* layer = nullptr;  // which this is in any case
  std::unique_ptr<Schedule> schedule;
  std::optional<LayerTraffic> traffic;
  LayerSample* sample = nullptr;
  std::int64_t first_step = 0;
  bool psums_in = false, psums_out = false;  // of other channels: come back from the buffer, wait there
  bool narrows = false;                      // some psum of the layer may not fit the machine's width
};

// A step, its id counted over the whole layer, and its box.
struct PieceStep {
  Step step;
  std::shared_ptr<LayerPiece> piece;
};

class LayerPieces {
 public:
  // Layer, machine and mapper must outlive it. With `sample` a part of each box is computed; boxes that are
  // sums of some channels are computed whole.
  LayerPieces(const Layer& layer, const Description& machine, Mapper& mapper, bool coded_ifmap,
              const std::optional<SampleOptions>& sample);

  [[nodiscard]] std::optional<PieceStep> next();
  [[nodiscard]] bool whole() const { return cut_.whole(); }
  // Steps of the boxes so far.
  [[nodiscard]] std::int64_t passes() const { return passes_; }
  // The cut, and the choices for the first box.
  [[nodiscard]] const std::string& describe() const { return choices_; }
  // A block of the ofmap, and in which pass each product of its sums was added. Where no psum can overflow,
  // thus the order does not matter: as if it were one pass.
  struct Reduction {
    LayerBox box;
    ReductionOrder order;
  };
  // Of the boxes so far.
  [[nodiscard]] const std::vector<Reduction>& reductions() const { return reductions_; }
  // Once the layer is over.
  [[nodiscard]] SampledPart sampled(const LayerSample::Slopes& slopes) const;

 private:
  void open_next_box();
  void note_reduction();

  const Layer& layer_;
  LayerCut cut_;
  std::optional<Description> kept_;  // the machine where it keeps psums between boxes
  std::optional<Mapper> mapper_of_kept_;
  const Description& machine_;
  Mapper& mapper_;
  bool coded_ifmap_;
  std::optional<SampleOptions> sample_;
  LayerCutter cutter_;
  std::int64_t box_ = 0, passes_ = 0, computed_whole_ = 0;
  std::string choices_;
  bool narrows_;
  std::vector<Reduction> reductions_;
  std::shared_ptr<LayerPiece> piece_;
  std::deque<LayerSample> samples_;  // of all boxes: their estimates outlive them
};

}  // namespace basil
