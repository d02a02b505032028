#include "models/machine/layer_pieces.h"

#include <algorithm>

namespace basil {
namespace {

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

}  // namespace

LayerPieces::LayerPieces(const Layer& layer, const Description& machine, Mapper& mapper, bool coded_ifmap,
                         const std::optional<SampleOptions>& sample)
    : layer_(layer),
      cut_(cut_layer(layer, machine, mapper)),
      kept_(cut_.in_channels() ? std::optional(with_psums_kept(machine, cut_)) : std::nullopt),
      mapper_of_kept_(kept_ ? std::optional(mapper.on(*kept_)) : std::nullopt),
      machine_(kept_ ? *kept_ : machine),
      mapper_(kept_ ? *mapper_of_kept_ : mapper),
      coded_ifmap_(coded_ifmap),
      sample_(sample),
      cutter_(layer),
      narrows_(may_overflow(layer, machine.sum_width())) {
  if (!narrows_) reductions_.push_back({box_of(layer.shape), {}});
}

// Pieces over channels are passes one behind the other.
void LayerPieces::note_reduction() {
  const ReductionOrder passes = piece_->schedule->reduction_order();
  if (!cut_.in_channels()) {
    reductions_.push_back({piece_->box, passes});
    return;
  }
  const Range channels = piece_->box.channels;
  const std::size_t depth = index(layer_.shape.channels_per_group()), count = index(channels.size()),
                    first = index(channels.first);
  if (!piece_->psums_in)
    reductions_.push_back({piece_->box, ReductionOrder(index(layer_.shape.reduction()))});
  ReductionOrder& order = reductions_.back().order;
  const int earlier = piece_->psums_in ? *std::max_element(order.begin(), order.end()) + 1 : 0;
  for (std::size_t tap = 0; tap < order.size() / depth; ++tap) {
    for (std::size_t c = 0; c < count; ++c)
      order[tap * depth + first + c] = earlier + (passes.empty() ? 0 : passes[tap * count + c]);
  }
}

void LayerPieces::open_next_box() {
  const auto piece = std::make_shared<LayerPiece>();
  piece->box = cut_.box(box_++);
  if (cut_.whole()) {
    piece->layer = &layer_;
  } else {
    piece->layer = &piece->made.emplace(cutter_.cut(piece->box));
  }
  piece->psums_in = piece->box.channels.first > 0;
  piece->psums_out = piece->box.channels.end < layer_.shape.channels_per_group();
  piece->schedule = make_schedule(*piece->layer, machine_, mapper_);
  piece->traffic.emplace(*piece->layer, machine_, coded_ifmap_);
  piece->first_step = passes_;
  passes_ += piece->schedule->size();
  if (choices_.empty()) choices_ = cut_.describe() + piece->schedule->describe();
  if (sample_ && !piece->psums_in && !piece->psums_out) {
    piece->sample = &samples_.emplace_back(*piece->layer, machine_, mapper_, *sample_, piece->first_step);
  } else {
    computed_whole_ += piece->schedule->size();
  }
  piece->narrows = narrows_;
  piece_ = piece;
  if (narrows_) note_reduction();
}

std::optional<PieceStep> LayerPieces::next() {
  std::optional<Step> step = piece_ ? piece_->schedule->next() : std::nullopt;
  if (!step) {
    if (box_ == cut_.boxes()) return std::nullopt;
    open_next_box();
    step = piece_->schedule->next();
  }
  step->id += piece_->first_step;
  step->psums_in = piece_->psums_in;
  step->psums_out = piece_->psums_out;
  if (step->psums_out) step->store_ofmap = false;
  return PieceStep{*step, piece_};
}

SampledPart LayerPieces::sampled(const LayerSample::Slopes& slopes) const {
  SampledPart all{.passes = computed_whole_, .cycles = {}, .energy_pj = {}};
  for (const LayerSample& sample : samples_) {
    const SampledPart part = sample.estimate(slopes);
    all.passes += part.passes;
    all.cycles += part.cycles;
    all.energy_pj += part.energy_pj;
  }
  return all;
}

}  // namespace basil
