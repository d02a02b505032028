#include "models/pe_array.h"

#include <algorithm>

#include "core/systemc/cycle_time.h"
#include "dataflows/row_stationary/row_streams.h"
#include "models/layer_sample.h"
#include "models/waveform_signals.h"
#include "pe/mac/systolic.h"

namespace basil {
namespace {

// Every stream of the array begins at the first word, in interleaved banks thus all at the first bank:
// streams that start together meet at once, and no layout of operands can be luckier or unluckier than that.
inline constexpr std::uint64_t stream_address = 0;

// Takes up to `wanted` of what is left.
std::int64_t take(std::int64_t& left, std::int64_t wanted) {
  const std::int64_t taken = std::min(left, wanted);
  left -= taken;
  return taken;
}

}  // namespace

PeArray::PeArray(const sc_core::sc_module_name& name, const Description& machine, Fidelity fidelity,
                 ProcessGuard& guard)
    : sc_module(name),
      filter_port("filter_port", StreamKind::weights, Payloads::timing_only()),
      ifmap_port("ifmap_port", StreamKind::activations, Payloads::timing_only()),
      psum_in_port("psum_in_port", StreamKind::psums, Payloads::timing_only()),
      psum_out_port("psum_out_port", StreamKind::psums, Payloads::timing_only()),
      machine_(machine),
      fidelity_(fidelity),
      guard_(guard) {
  SC_HAS_PROCESS(PeArray);
  SC_METHOD(clock);
  sensitive << clock_;
  dont_initialize();
}

void PeArray::trace(WaveformSignals& signals, int pe) {
  shown_ = &signals;
  shown_pe_ = pe;
  if (fidelity_ == Fidelity::cycle) signals.add_clocked(clocked_signals(machine_));
}

void PeArray::begin_layer(const Layer& layer, LayerSample* sample) {
  layer_ = &layer;
  moved_before_ = {filter_port.moved(), ifmap_port.moved(), psum_in_port.moved(), psum_out_port.moved()};
  sample_ = sample;
  if (machine_.dataflow == Dataflow::tiles) {
    tile_ = machine_.unit->array->make(layer, machine_.unit_parameters);
  } else {
    unit_ = machine_.unit->make(layer, machine_.unit_parameters);
    row_array_ = machine_.row_array();
    row_timer_.emplace(layer.shape, row_array_, filter_slots(layer, machine_));
  }
  psums_ = PsumStore(layer, machine_.sum_width());
  if (sample_ == nullptr) return;
  if (machine_.dataflow == Dataflow::tiles) {
    sample_->compute(*tile_, psums_);
  } else {
    sample_->compute(*unit_, psums_);
  }
}

StreamBytes PeArray::moved() const {
  return {filter_port.moved() - moved_before_.weights, ifmap_port.moved() - moved_before_.ifmap,
          psum_in_port.moved() - moved_before_.psums_in, psum_out_port.moved() - moved_before_.psums_out};
}

void PeArray::start(const Step& step, bool last) {
  outcome_ = {};
  active_ = step.active_pes;
  if (fidelity_ == Fidelity::cycle) {
    step_ = step;
    clocked_ = clocked_pass(*layer_, machine_, step, last, psums_.sums());
  }
  if (const auto* rows = std::get_if<RowPass>(&step.pass)) {
    run_rows(step, *rows);
  } else if (const auto* tile = std::get_if<TilePass>(&step.pass)) {
    run_tile(step, *tile);
  } else {
    run_fold(step, std::get<GemmPass>(step.pass), last);
  }
  if (clocked_) {
    clock_.notify(until(now() + Cycles(1)));
  } else {
    done.notify(until(now() + outcome_.cycles));
  }
}

void PeArray::clock() {
  guard_([this] {
    clocked_->step();
    if (shown_) shown_->clocked(clocked_->view(shown_pe_));
    if (clocked_->done()) {
      finish_clocked();
    } else {
      clock_.notify(until(now() + Cycles(1)));
    }
  });
}

// What the clocked array did takes the place of what transaction fidelity said.
void PeArray::finish_clocked() {
  clocked_->hand_over(psums_.sums());
  std::visit([this](const auto& pass) { psums_.rewrite(pass); }, step_->pass);
  PassOutcome& outcome = outcome_;
  const Cycles late =
      std::max(Cycles(0), outcome.slowest_stream - clocked_->cycles());  // a buffer or bus that is slower yet
  outcome.cycles = clocked_->cycles() + late;
  outcome.bins = clocked_->bins();
  outcome.bins.add(Bin::noc, active_ * late.value);
  outcome.bins.add(Bin::idle, (machine_.pes() - active_) * outcome.cycles.value);
  outcome.activity = clocked_->activity();
  if (machine_.dataflow != Dataflow::tiles) {
    outcome.activity.waiting = active_ * outcome.cycles.value - outcome.activity.products -
                               outcome.activity.gated - outcome.activity.psum_adds;
  }
  clocked_.reset();
  done.notify(until(now() + late));
}

template <class Pass>
Products PeArray::products(const Step& step, const Pass& pass) {
  if (sample_ != nullptr) return sample_->products(step.id);
  const Products products = unit_->accumulate(pass, psums_.sums());
  psums_.end(pass);
  return products;
}

// A row-stationary pass's streams through the array's ports.
struct PeArray::RowPorts {
  PeArray& array;
  const RowPassStreams& streams;

  [[nodiscard]] Cycles weights(Bytes bytes, Cycles start) const {
    return array.filter_port.read(stream_address, bytes, start, streams.weight_takers);
  }
  [[nodiscard]] Cycles ifmap(Bytes bytes, Cycles start) const {
    return array.ifmap_port.read(stream_address, bytes, start, streams.ifmap_takers);
  }
  [[nodiscard]] Cycles psums_in(Bytes bytes, Cycles start) const {
    return array.psum_in_port.read(stream_address, bytes, start);
  }
  [[nodiscard]] Cycles psums_out(Bytes bytes, Cycles start) const {
    return array.psum_out_port.write(stream_address, bytes, start);
  }
};

void PeArray::run_rows(const Step& step, const RowPass& pass) {
  const std::int64_t active = step.active_pes;
  const RowPassTiming& timing = row_timer_->time(pass);
  const Products products = this->products(step, pass);
  outcome_.activity = timing.activity;
  outcome_.filter_load = timing.filter_load;

  // The streams, each over its bus: what they need beyond the pass's own time is the network's fault.
  const RowPassStreams streams = row_streams(layer_->shape, row_array_, pass, timing);
  const RowPassEnds ends = run_streams(streams, timing, RowPorts{*this, streams});
  outcome_.filter_bus_until = outcome_.streams_from = ends.weights;
  outcome_.ifmap_bus_until = ends.ifmap;
  outcome_.psum_in_until = ends.psums_in;
  outcome_.psum_out_until = ends.psums_out;
  outcome_.slowest_stream = std::max({ends.ifmap, ends.psums_in, ends.psums_out});
  outcome_.cycles = ends.pass;
  outcome_.fmap_traffic = streams.ifmap + streams.psums_in + streams.psums_out;

  CycleAccount& bins = outcome_.bins;
  bins.add(Bin::compute, products.all - products.gated);
  bins.add(Bin::gated, products.gated);
  bins.add(Bin::wait_psums, timing.psum_slots);
  bins.add(Bin::wait_weights, timing.filter_load.value * active);
  std::int64_t left = active * outcome_.cycles.value - bins.total();
  bins.add(Bin::wait_activations, take(left, timing.wait_activations.value * active));
  bins.add(Bin::noc, take(left, (outcome_.cycles - timing.cycles + timing.bus).value * active));
  bins.add(Bin::drain, take(left, timing.chain.value * active));
  bins.add(Bin::imbalance, left);
  bins.add(Bin::idle, (machine_.pes() - active) * outcome_.cycles.value);

  Activity& activity = outcome_.activity;
  add_products(products, activity);
  activity.waiting = active * outcome_.cycles.value - products.all - activity.psum_adds;
}

// The unit's own array: its streams go on under its work, and what they need beyond is the network's fault.
void PeArray::run_tile(const Step& step, const TilePass& pass) {
  const TileWork work = sample_ != nullptr ? sample_->work(step.id) : tile_->run(pass, psums_.sums());
  if (sample_ == nullptr) psums_.end(pass);
  // A tile's sums are complete: they are requantised at the array's edge and leave as words.
  const std::int64_t outputs =
      std::int64_t{pass.n.size()} * pass.filters.size() * pass.rows.size() * layer_->shape.Q();
  const Bytes out = work.psums_out - Bytes(outputs * 4) + Bytes(outputs * machine_.word_bytes());
  outcome_.filter_bus_until = filter_port.read(stream_address, work.weights, Cycles(0));
  outcome_.ifmap_bus_until = ifmap_port.read(stream_address, work.ifmap, Cycles(0));
  outcome_.psum_in_until = psum_in_port.read(stream_address, work.psums_in, Cycles(0));
  outcome_.psum_out_until = psum_out_port.write(stream_address, out, Cycles(0));
  outcome_.fmap_traffic = work.ifmap + work.psums_in + out;
  outcome_.slowest_stream = std::max(
      {outcome_.filter_bus_until, outcome_.ifmap_bus_until, outcome_.psum_in_until, outcome_.psum_out_until});
  outcome_.cycles = std::max(work.cycles, outcome_.slowest_stream);
  outcome_.bins = work.bins;
  outcome_.bins.add(Bin::noc, machine_.pes() * (outcome_.cycles - work.cycles).value);
  outcome_.activity = tile_activity(work);
}

void PeArray::run_fold(const Step& step, const GemmPass& pass, bool last) {
  const std::int64_t mapped = step.active_pes;
  const bool weights_stay = machine_.dataflow == Dataflow::weight_stationary;
  const SystolicGrid grid{machine_.rows, machine_.cols};
  const int pixels = pass.pixels.size(), reduction = pass.reduction.size(), filters = pass.filters.size();
  const FoldTiming fold = weights_stay ? time_weight_stationary(grid, pixels, reduction, filters)
                                       : time_output_stationary(grid, pixels, reduction, filters);
  const Products products = this->products(step, pass);

  const std::int64_t word_bytes = machine_.word_bytes();
  const Bytes weights(std::int64_t{reduction} * filters * word_bytes);
  const Bytes ifmap(std::int64_t{pixels} * reduction * word_bytes);
  const Bytes psums(ceil_div(std::int64_t{pixels} * filters * machine_.psum_bits, 8));
  const Cycles head = weights_stay ? Cycles(grid.rows) : Cycles(0);
  outcome_.filter_load = head;
  outcome_.filter_bus_until = filter_port.read(stream_address, weights, Cycles(0));
  const Cycles late_weights =
      weights_stay ? std::max(Cycles(0), outcome_.filter_bus_until - head) : Cycles(0);
  outcome_.ifmap_bus_until = ifmap_port.read(stream_address, ifmap, head + late_weights);
  outcome_.psum_in_until = head;
  if (!pass.first) outcome_.psum_in_until = psum_in_port.read(stream_address, psums, head + late_weights);
  outcome_.streams_from = weights_stay ? head + late_weights : Cycles(0);
  outcome_.psum_out_until = psum_out_port.write(stream_address, psums, outcome_.streams_from);
  outcome_.fmap_traffic = ifmap + psums + (pass.first ? Bytes(0) : psums);

  const Cycles shift_out = !weights_stay && last ? Cycles(grid.rows) : Cycles(0);  // else under the next fold
  outcome_.cycles = std::max({fold.cycles + late_weights, outcome_.filter_bus_until, outcome_.ifmap_bus_until,
                              outcome_.psum_in_until, outcome_.psum_out_until}) +
                    shift_out;
  outcome_.slowest_stream = std::max(
      {outcome_.filter_bus_until, outcome_.ifmap_bus_until, outcome_.psum_in_until, outcome_.psum_out_until});

  CycleAccount& bins = outcome_.bins;
  bins.add(Bin::compute, products.all - products.gated);
  bins.add(Bin::gated, products.gated);
  bins.add(Bin::wait_weights, fold.wait_weights);
  bins.add(Bin::wait_activations, fold.wait_activations);
  bins.add(Bin::drain, fold.drain + mapped * shift_out.value);
  bins.add(Bin::noc, mapped * (outcome_.cycles - fold.cycles - shift_out).value);
  bins.add(Bin::idle, (machine_.pes() - mapped) * outcome_.cycles.value);

  Activity& activity = outcome_.activity;
  activity.products = products.all - products.gated;
  activity.gated = products.gated;
  activity.register_bits = systolic_register_bits(machine_.systolic_registers(), pass, products.all);
  activity.waiting = mapped * outcome_.cycles.value - products.all;
}

}  // namespace basil
