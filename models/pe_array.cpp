#include "models/pe_array.h"

#include <algorithm>

#include "core/systemc/cycle_time.h"
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
      filter_port("filter_port", StreamKind::weights),
      ifmap_port("ifmap_port", StreamKind::activations),
      psum_in_port("psum_in_port", StreamKind::psums),
      psum_out_port("psum_out_port", StreamKind::psums),
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

void PeArray::begin_layer() {
  moved_before_ = {filter_port.moved(), ifmap_port.moved(), psum_in_port.moved(), psum_out_port.moved()};
}

void PeArray::begin_box(const Layer& layer, LayerSample* sample, bool psums_in) {
  layer_ = &layer;
  sample_ = sample;
  earlier_sums_.reset();
  if (machine_.dataflow == Dataflow::tiles) {
    tile_ = machine_.unit->array->make(layer, machine_.unit_parameters);
    if (psums_in) earlier_sums_ = std::move(sums_);
  } else {
    unit_ = machine_.unit->make(layer, machine_.unit_parameters);
    row_timer_.emplace(layer.shape, machine_.row_array(), filter_slots(layer, machine_));
  }
  if (!psums_in || earlier_sums_) sums_ = blank_sums(layer);
  if (sample_ == nullptr) return;
  if (machine_.dataflow == Dataflow::tiles) {
    sample_->compute(*tile_, sums_);
  } else {
    sample_->compute(*unit_, sums_);
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
    clocked_ = clocked_pass(*layer_, machine_, step, last, sums_);
    clocked_step_ = step;
  }
  if (const auto* rows = std::get_if<RowPass>(&step.pass)) {
    run_rows(step, *rows);
  } else if (const auto* tile = std::get_if<TilePass>(&step.pass)) {
    run_tile(step, *tile);
  } else {
    run_fold(step, std::get<GemmPass>(step.pass), last);
  }
  add_earlier_sums(step);
  if (clocked_) {
    clock_.notify(to_time(Cycles(1)));
  } else {
    done.notify(to_time(outcome_.cycles));
  }
}

void PeArray::clock() {
  guard_([this] {
    clocked_->step();
    if (shown_) shown_->clocked(clocked_->view(shown_pe_));
    if (clocked_->done()) {
      finish_clocked();
    } else {
      clock_.notify(to_time(Cycles(1)));
    }
  });
}

// What the clocked array did takes the place of what transaction fidelity said.
void PeArray::finish_clocked() {
  clocked_->hand_over(sums_);
  add_earlier_sums(*clocked_step_);
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
  done.notify(to_time(late));
}

template <class Pass>
Products PeArray::products(const Step& step, const Pass& pass) {
  return sample_ != nullptr ? sample_->products(step.id) : unit_->accumulate(pass, sums_);
}

void PeArray::run_rows(const Step& step, const RowPass& pass) {
  const std::int64_t active = step.active_pes;
  const RowPassTiming& timing = row_timer_->time(pass);
  const Products products = this->products(step, pass);
  outcome_.activity = timing.activity;
  outcome_.filter_load = timing.filter_load;

  // The streams, each over its bus: what they need beyond the pass's own time is the network's fault.
  const std::int64_t word_bytes = machine_.word_bytes();
  const Bytes filters(
      ceil_div(timing.filter_load.value * machine_.pe.filter_words_per_beat * machine_.weight_bits(), 8));
  const std::int64_t ifmap_words = timing.ifmap_words;
  const Bytes ifmap(ifmap_words * word_bytes);
  const Bytes psums(ceil_div(std::int64_t{pass.n.size()} * pass.filters.size() * pass.rows.size() *
                                 layer_->shape.Q() * machine_.psum_bits,
                             8));
  const std::int64_t ifmap_takers =
      ceil_div(timing.activity.ifmap_spad_writes, std::max<std::int64_t>(1, ifmap_words));
  outcome_.filter_bus_until = filter_port.read(stream_address, filters, Cycles(0), pass.rows.size());
  outcome_.ifmap_bus_until = ifmap_port.read(stream_address, ifmap, outcome_.filter_bus_until, ifmap_takers);
  outcome_.psum_in_until = outcome_.filter_bus_until;
  if (!pass.first)
    outcome_.psum_in_until = psum_in_port.read(stream_address, psums, outcome_.filter_bus_until);
  outcome_.streams_from = outcome_.filter_bus_until;
  outcome_.psum_out_until = psum_out_port.write(stream_address, psums, outcome_.streams_from);
  outcome_.fmap_traffic = ifmap + psums + (pass.first ? Bytes(0) : psums);

  const Cycles on_time = timing.cycles + std::max(Cycles(0), outcome_.filter_bus_until - timing.filter_load);
  outcome_.cycles =
      std::max({on_time, outcome_.ifmap_bus_until, outcome_.psum_in_until, outcome_.psum_out_until});
  outcome_.slowest_stream =
      std::max({outcome_.ifmap_bus_until, outcome_.psum_in_until, outcome_.psum_out_until});

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
  activity.products = products.all - products.gated;
  activity.gated = products.gated;
  activity.filter_spad_reads = activity.products;
  activity.psum_spad_reads += activity.products;
  activity.psum_spad_writes = activity.products;
  activity.waiting = active * outcome_.cycles.value - products.all - activity.psum_adds;
}

// A unit writes a block's sums; those of the channels before stand beside it.
void PeArray::add_earlier_sums(const Step& step) {
  if (earlier_sums_) add_sums(sums_, *earlier_sums_, std::get<TilePass>(step.pass));
}

// The unit's own array: its streams go on under its work, and what they need beyond is the network's fault.
void PeArray::run_tile(const Step& step, const TilePass& pass) {
  const TileWork work = sample_ != nullptr ? sample_->work(step.id) : tile_->run(pass, sums_);
  // Complete sums are requantised at the array's edge and leave as words; those that other channels add to go
  // to the buffer as psums, and come back from there as what the accumulators start from.
  const std::int64_t outputs =
      std::int64_t{pass.n.size()} * pass.filters.size() * pass.rows.size() * layer_->shape.Q();
  const int bytes_out = step.psums_out ? machine_.psum_bytes() : machine_.word_bytes();
  const Bytes out = work.psums_out - Bytes(outputs * 4) + Bytes(outputs * bytes_out);
  const Bytes in = work.psums_in + Bytes(step.psums_in ? outputs * machine_.psum_bytes() : 0);
  outcome_.filter_bus_until = filter_port.read(stream_address, work.weights, Cycles(0));
  outcome_.ifmap_bus_until = ifmap_port.read(stream_address, work.ifmap, Cycles(0));
  outcome_.psum_in_until = psum_in_port.read(stream_address, in, Cycles(0));
  outcome_.psum_out_until = psum_out_port.write(stream_address, out, Cycles(0));
  outcome_.fmap_traffic = work.ifmap + in + out;
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
