// Dataflow `weight_stationary` of a systolic grid.
#include "models/dataflows/systolic_array.h"
#include "models/mapping/mapper.h"

namespace basil {
namespace {

std::unique_ptr<Schedule> schedule(const Layer& layer, const Description& machine, Mapper& /*mapper*/) {
  return weight_stationary_schedule(layer.shape, systolic::array_of(machine), where_of(layer, machine));
}

std::unique_ptr<Array> make(const Description& machine, Mapper* /*mapper*/) {
  return systolic::make(machine, systolic::Stays::weights);
}

std::vector<Step> block_passes(const Layer& block, const Description& machine, RandomStream& /*draw*/) {
  return systolic::block_passes(block.shape, machine, systolic::Stays::weights);
}

std::string why_idle(const Layer& layer, const Description& /*machine*/, std::int64_t /*mapped*/) {
  return systolic::why_idle(layer.shape, layer.shape.reduction(), "products of a sum");
}

}  // namespace

// What does not stay in the grid's registers streams: only the weights can come into registers of their own.
extern const DataflowType weight_stationary_dataflow;
const DataflowType weight_stationary_dataflow{
    .name = "weight_stationary",
    .summary = "systolic: a fold of weights held, pixels streamed, psums falling through",
    .may_double = {.weights = true},
    .at_edges = true,
    .parts = systolic::parts,
    .charges = systolic::charges,
    .schedule = schedule,
    .make = make,
    .signals = systolic::signals,
    .block_passes = block_passes,
    .why_idle = why_idle,
    .waveform_bytes = systolic::waveform_bytes};

}  // namespace basil
