#include "models/layer_pieces.h"

namespace basil {

LayerPieces::LayerPieces(const Layer& layer, const Description& machine, bool coded_ifmap,
                         const std::optional<SampleOptions>& sample)
    : layer_(layer),
      cut_(cut_layer(layer, machine)),
      kept_(cut_.in_channels() ? std::optional(with_psums_kept(machine, cut_)) : std::nullopt),
      machine_(kept_ ? *kept_ : machine),
      coded_ifmap_(coded_ifmap),
      sample_(sample),
      cutter_(layer) {}

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
  piece->schedule = make_schedule(*piece->layer, machine_, &mappings_);
  piece->traffic.emplace(*piece->layer, machine_, coded_ifmap_);
  piece->first_step = passes_;
  passes_ += piece->schedule->size();
  if (choices_.empty()) choices_ = cut_.describe() + piece->schedule->describe();
  if (sample_ && !piece->psums_in && !piece->psums_out) {
    piece->sample = &samples_.emplace_back(*piece->layer, machine_, *sample_, piece->first_step);
  } else {
    computed_whole_ += piece->schedule->size();
  }
  piece_ = piece;
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
  const auto within = [&](auto& pass) {
    pass.first = pass.first && !step->psums_in;
    pass.last = pass.last && !step->psums_out;
  };
  if (auto* rows = std::get_if<RowPass>(&step->pass)) within(*rows);
  if (auto* fold = std::get_if<GemmPass>(&step->pass)) within(*fold);
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
