#include "models/dataflows/row_stationary_array.h"

#include <algorithm>
#include <optional>

#include "dataflows/row_stationary/clocked_rows.h"
#include "dataflows/row_stationary/row_streams.h"
#include "dataflows/row_stationary/row_timing.h"
#include "models/dataflows/multipliers.h"
#include "models/dataflows/row_links.h"

namespace basil {
namespace {

// With what comes back from the channels before, and what waits for those to come.
RowPass pass_of(const Step& step) {
  RowPass pass = *step.pass.as<RowPass>();
  pass.first = pass.first && !step.psums_in;
  pass.last = pass.last && !step.psums_out;
  return pass;
}

// The streams of a pass through the array's ports. What routers on their way take is in the pass's own time,
// packet by packet.
class StreamEnds {
 public:
  StreamEnds(ArrayPorts& ports, const RowPassStreams& streams, const PassAhead& ahead, bool routed)
      : ports_(ports), streams_(streams), ahead_(ahead), routed_(routed) {}

  [[nodiscard]] Cycles weights(Bytes bytes, Cycles start) const {
    // Beats that came under the pass before do not count from now on.
    return end(ArrayBus::filter, bytes, start, streams_.weight_takers) - Cycles(ahead_.filter_beats);
  }
  [[nodiscard]] Cycles ifmap(Bytes bytes, Cycles start) const {
    return end(ArrayBus::ifmap, bytes, start, streams_.ifmap_takers);
  }
  [[nodiscard]] Cycles psums_in(Bytes bytes, Cycles start) const {
    return end(ArrayBus::psum_in, bytes, start, 1);
  }
  [[nodiscard]] Cycles psums_out(Bytes bytes, Cycles start) const {
    return end(ArrayBus::psum_out, bytes, start, 1);
  }

 private:
  [[nodiscard]] Cycles end(ArrayBus bus, Bytes bytes, Cycles start, std::int64_t takers) const {
    const Cycles over = ports_.move(bus, bytes, start, takers);
    return routed_ ? over - ports_.late(bus) : over;
  }

  ArrayPorts& ports_;
  const RowPassStreams& streams_;
  const PassAhead& ahead_;
  bool routed_;
};

class RowStationaryArray final : public Array, public DrawnPasses {
 public:
  RowStationaryArray(const Description& machine, Mapper* mapper)
      : machine_(machine),
        mapper_(mapper),
        links_(mapper != nullptr ? row_links(machine) : RowLinks{}),
        array_(machine.row_array()) {
    if (links_.network) routed_flows_.emplace(array_, links_.network);
  }

  void take(const Layer& layer) override {
    layer_ = &layer;
    unit_ = machine_.unit->make(layer, machine_.unit_parameters);
    RowFlows* const of_buses = mapper_ != nullptr ? &mapper_->flows() : nullptr;
    timer_.emplace(layer.shape, array_, filter_slots(layer, machine_), links_,
                   routed_flows_ ? &*routed_flows_ : of_buses);
  }

  PassCounts compute(const Step& step, Ofmap& sums) override {
    return {.products = unit_->accumulate(pass_of(step), sums), .tile = {}};
  }

  [[nodiscard]] PassWork work(const Step& step, const PassCounts& counts, bool /*last*/) override {
    return work_of(timer_->time(pass_of(step)), counts.products);
  }

  [[nodiscard]] DrawnPasses* drawn() override { return this; }
  [[nodiscard]] PassAhead useful(const Step& step, const PassAhead& ahead) const override {
    return timer_->useful(pass_of(step), ahead);
  }
  [[nodiscard]] bool sums_leave_under_next() const override { return links_.double_psums; }

  [[nodiscard]] DrawnPass draw(const Step& step, const PassCounts& counts, const PassAhead& ahead, bool last,
                               ArrayPorts* ports) override {
    const RowPass pass = pass_of(step);
    const RowPassTiming& timing = timer_->time(pass, ahead);
    PassWork work = work_of(timing, counts.products);
    DrawnPass drawn{.cycles = timing.cycles,
                    .filter_load = timing.filter_load,
                    .bins = work.bins,
                    .activity = std::move(work.activity),
                    .buses = {},
                    .ifmap_bus_until = {},
                    .fmap_traffic = {}};
    if (ports == nullptr) return drawn;
    stream(pass, timing, ahead, last, *ports, drawn);
    book_lateness(timing, step.active_pes, drawn);
    return drawn;
  }

  [[nodiscard]] std::unique_ptr<ClockedPass> clocked(const Step& step, bool /*last*/, const Ofmap& sums,
                                                     const PassAhead& ahead) const override {
    return clocked_rows(*layer_, array_, filter_slots(*layer_, machine_), pass_of(step), sums, ahead);
  }

 private:
  [[nodiscard]] static PassWork work_of(const RowPassTiming& timing, const Products& products) {
    PassWork work{.cycles = timing.cycles, .bins = {}, .activity = timing.activity};
    const RowFlow& flow = timing.flow;
    add_slots(products, work.bins);
    work.bins.add(Bin::wait_weights, flow.wait_weights);
    work.bins.add(Bin::wait_activations, flow.wait_activations);
    work.bins.add(Bin::wait_psums, flow.wait_psums);
    work.bins.add(Bin::noc, flow.noc);
    work.bins.add(Bin::drain, flow.drain);
    work.bins.add(Bin::imbalance, flow.imbalance);
    add_products(products, work.activity);
    return work;
  }

  // The streams, each over its bus: what they need beyond the pass's own time is the network's fault.
  void stream(const RowPass& pass, const RowPassTiming& timing, const PassAhead& ahead, bool last,
              ArrayPorts& ports, DrawnPass& drawn) const {
    const RowPassStreams streams = row_streams(array_, pass, timing);
    const Cycles own = links_.double_psums && !last ? timing.flow.slots_over : timing.cycles;
    const RowPassEnds ends = run_streams(streams, own, timing.filter_load,
                                         StreamEnds(ports, streams, ahead, links_.network.has_value()));
    // Where the filters are late, all that follows them is.
    const Cycles late = ends.weights - timing.filter_load;
    const auto busy = [&](const RowBeats& bus, Cycles stream_until) {
      return BusSpan{Cycles(bus.from) + late, std::max(Cycles(bus.until) + late, stream_until)};
    };
    drawn.cycles = ends.pass;
    drawn.ifmap_bus_until = ends.ifmap;
    drawn.buses = {
        .filter = {Cycles(0), ends.weights},
        .ifmap = busy(timing.flow.ifmap_bus, ends.ifmap),
        .psum_in = streams.psums_in > Bytes(0) ? busy(timing.flow.psum_in_bus, ends.psums_in) : BusSpan{},
        .psum_out = busy(timing.flow.psum_out_bus, ends.psums_out)};
    drawn.fmap_traffic = streams.ifmap + streams.psums_in + streams.psums_out;
  }

  // Beyond the pass's own cycles the network is late; what lies beyond its slots may be under the next pass.
  static void book_lateness(const RowPassTiming& timing, std::int64_t active, DrawnPass& drawn) {
    const std::int64_t leaving = timing.cycles.value - timing.flow.slots_over.value;
    const std::int64_t under_next =
        std::min(leaving, std::max<std::int64_t>(0, (timing.cycles - drawn.cycles).value));
    const std::int64_t late = (drawn.cycles - timing.cycles).value + under_next;
    const std::int64_t out_late = timing.cycles.value - timing.flow.psum_out_bus.until;  // of the network
    drawn.bins.add(Bin::noc, active * (late - std::min(out_late, under_next)));
    drawn.bins.add(Bin::drain, -active * std::max<std::int64_t>(0, under_next - out_late));
  }

  const Description& machine_;
  Mapper* mapper_;
  RowLinks links_;
  RowArray array_;
  std::optional<RowFlows> routed_flows_;  // of all layers so far, over routers
  const Layer* layer_ = nullptr;
  std::unique_ptr<Unit> unit_;
  std::optional<RowTimer> timer_;
};

}  // namespace

std::unique_ptr<Array> row_stationary_array(const Description& machine, Mapper* mapper) {
  return std::make_unique<RowStationaryArray>(machine, mapper);
}

}  // namespace basil
