// Dataflow `output_stationary` of a systolic grid.
#include "models/dataflows/systolic_array.h"
#include "models/mapping/mapper.h"

namespace basil {
namespace {

std::unique_ptr<Schedule> schedule(const Layer& layer, const Description& machine, Mapper& /*mapper*/) {
  return output_stationary_schedule(layer.shape, systolic::array_of(machine), where_of(layer, machine));
}

std::unique_ptr<Array> make(const Description& machine, Mapper* /*mapper*/) {
  return systolic::make(machine, systolic::Stays::sums);
}

std::vector<Step> block_passes(const Layer& block, const Description& machine, RandomStream& /*draw*/) {
  return systolic::block_passes(block.shape, machine, systolic::Stays::sums);
}

std::string why_idle(const Layer& layer, const Description& /*machine*/, std::int64_t /*mapped*/) {
  const LayerShape& s = layer.shape;
  return systolic::why_idle(s, std::int64_t{s.N} * s.P() * s.Q(), "pixels");
}

}  // namespace

// What does not stay in the grid's registers streams: only the sums can leave through registers of their own.
extern const DataflowType output_stationary_dataflow;
const DataflowType output_stationary_dataflow{
    .name = "output_stationary",
    .summary = "systolic: a fold of sums held, both operands streamed",
    .may_double = {.psums = true},
    .usual_delivery = {.psums = true},
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
