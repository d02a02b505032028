#include "models/pe_array.h"

#include <algorithm>

#include "core/systemc/cycle_time.h"
#include "models/layer_pieces.h"
#include "models/layer_sample.h"
#include "models/row_links.h"
#include "models/waveform_signals.h"
#include "pe/mac/systolic.h"

namespace basil {
namespace {

// Every stream of the array begins at the first word, in interleaved banks thus all at the first bank:
// streams that start together meet at once, and no layout of operands can be luckier or unluckier than that.
inline constexpr std::uint64_t stream_address = 0;

}  // namespace

PeArray::PeArray(const sc_core::sc_module_name& name, const Description& machine, Fidelity fidelity,
                 ProcessGuard& guard)
    : sc_module(name),
      filter_port("filter_port", StreamKind::weights, Payloads::timing_only()),
      ifmap_port("ifmap_port", StreamKind::activations, Payloads::timing_only()),
      psum_in_port("psum_in_port", StreamKind::psums, Payloads::timing_only()),
      psum_out_port("psum_out_port", StreamKind::psums, Payloads::timing_only()),
      machine_(machine),
      links_(machine.dataflow == Dataflow::row_stationary ? row_links(machine) : RowLinks{}),
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

void PeArray::begin_box(const LayerPiece& box) {
  const Layer& layer = *box.layer;
  layer_ = &layer;
  sample_ = box.sample;
  if (!box.psums_in) psums_ = PsumStore(layer, machine_.sum_width(), box.narrows);
  if (machine_.dataflow == Dataflow::tiles) {
    tile_ = machine_.unit->array->make(layer, machine_.unit_parameters);
    if (box.psums_in) psums_.set_aside();
  } else {
    unit_ = machine_.unit->make(layer, machine_.unit_parameters);
    if (!row_flows_) row_flows_.emplace(machine_.row_array(), links_.network);
    row_timer_.emplace(layer.shape, machine_.row_array(), filter_slots(layer, machine_), links_,
                       &*row_flows_);
  }
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

void PeArray::start(const Step& step, bool last, const RowAhead& ahead) {
  outcome_ = {};
  active_ = step.active_pes;
  started_ = now();
  const auto* rows = std::get_if<RowPass>(&step.pass);
  ahead_ = rows != nullptr ? row_timer_->useful(*rows, ahead) : RowAhead{};
  sums_leave_under_next_ = rows != nullptr && !last && links_.double_psums;
  if (fidelity_ == Fidelity::cycle) {
    step_ = step;
    clocked_ = clocked_pass(*layer_, machine_, step, last, psums_.sums(), ahead_);
  }
  if (rows != nullptr) {
    run_rows(step, *rows);
  } else if (const auto* tile = std::get_if<TilePass>(&step.pass)) {
    run_tile(step, *tile);
  } else {
    run_fold(step, std::get<GemmPass>(step.pass), last);
  }
  if (clocked_) {
    if (const RowDrawing* drawing = clocked_->drawing()) draw(*drawing);
    clock_.notify(until(now() + Cycles(1)));
  } else {
    done.notify(until(now() + outcome_.cycles));
  }
}

// The streams of the pass, and their words of its first cycle.
void PeArray::draw(const RowDrawing& drawing) {
  const RowWords words = drawing.all_words();
  streams_.emplace(RowStreams::Ports{filter_port, ifmap_port, psum_in_port, psum_out_port}, machine_,
                   network_, words, drawing.words_ahead(), drawing.filter_takers(), drawing.ifmap_takers());
  streams_->ask(now(), drawing.draws_ifmap());
}

void PeArray::clock() {
  guard_([this] {
    if (streams_) return clock_rows();
    clocked_->step();
    if (shown_) shown_->clocked(clocked_->view(shown_pe_));
    if (clocked_->done()) {
      finish_clocked(Cycles(0));
    } else {
      clock_.notify(until(now() + Cycles(1)));
    }
  });
}

// The cycle that ends now, with what was offered when it began; then what the next one needs.
void PeArray::clock_rows() {
  RowDrawing& drawing = *clocked_->drawing();
  if (!clocked_->done()) {
    const bool loaded = drawing.filters_loaded();
    drawing.step(streams_->offered(now() - Cycles(1)));
    streams_->moved(drawing.moved());
    if (!loaded && drawing.filters_loaded()) {
      outcome_.filter_load = now() - started_;
      filters_drawn.notify();
    }
    if (shown_) shown_->clocked(clocked_->view(shown_pe_));
  }
  if (sums_leave_under_next_ && drawing.slots_over() && !clocked_->done()) {
    drawing.drain_under_next();
    streams_->send_rest(now());
    return finish_clocked(Cycles(0));
  }
  streams_->ask(now(), drawing.draws_ifmap());
  if (clocked_->done() && streams_->over(now())) {
    finish_clocked(now() - started_ - clocked_->cycles());
  } else {
    clock_.notify(until(now() + Cycles(1)));
  }
}

// What the clocked array did takes the place of what transaction fidelity said. `late`: cycles until its last
// sums were in the buffer.
void PeArray::finish_clocked(Cycles late) {
  clocked_->hand_over(psums_.sums());
  std::visit([this](const auto& pass) { psums_.rewrite(pass); }, step_->pass);
  PassOutcome& outcome = outcome_;
  if (streams_) {
    outcome.fmap_traffic = streams_->fmap_traffic();
    outcome.ifmap_bus_until = clocked_->drawing()->ifmap_until();
    streams_.reset();
    done.notify(sc_core::SC_ZERO_TIME);
  } else {
    late = std::max(Cycles(0), outcome.slowest_stream - clocked_->cycles());  // a buffer or bus slower yet
    done.notify(until(now() + late));
  }
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
}

template <class Pass>
Products PeArray::products(const Step& step, const Pass& pass) {
  if (sample_ != nullptr) return sample_->products(step.id);
  const Products products = unit_->accumulate(pass, psums_.sums());
  psums_.end(pass);
  return products;
}

// When a transfer ends but for routers on its way: the pass's own time has them, packet by packet.
Cycles PeArray::without_routers(const MemoryPort& port, Cycles end) const {
  return links_.network ? end - port.network_late() : end;
}

// The streams, each over its bus: what they need beyond the pass's own time is the network's fault.
void PeArray::reserve_streams(const RowPass& pass, const RowPassTiming& timing) {
  const RowFlow& flow = timing.flow;
  const Bytes filters(
      ceil_div(flow.filter_bus.beats * machine_.pe.filter_words_per_beat * machine_.weight_bits(), 8));
  const Bytes ifmap(flow.ifmap_bus.words * machine_.word_bytes());
  const Bytes psums(ceil_div(flow.psum_out_bus.words * machine_.psum_bits, 8));
  const std::int64_t ifmap_takers =
      ceil_div(timing.activity.ifmap_spad_writes, std::max<std::int64_t>(1, flow.ifmap_bus.words));
  // Beats that came under the pass before do not count from now on.
  const Cycles read = filter_port.read(stream_address, filters, Cycles(0), pass.rows.size());
  outcome_.filter_bus_until =
      std::max(timing.filter_load, without_routers(filter_port, read) - Cycles(ahead_.filter_beats));
  outcome_.streams_from = outcome_.psum_in_until = outcome_.filter_bus_until;
  outcome_.ifmap_bus_until = without_routers(
      ifmap_port, ifmap_port.read(stream_address, ifmap, outcome_.streams_from, ifmap_takers));
  if (!pass.first)
    outcome_.psum_in_until =
        without_routers(psum_in_port, psum_in_port.read(stream_address, psums, outcome_.streams_from));
  outcome_.psum_out_until =
      without_routers(psum_out_port, psum_out_port.write(stream_address, psums, outcome_.streams_from));
  outcome_.fmap_traffic = ifmap + psums + (pass.first ? Bytes(0) : psums);
  const Cycles own = sums_leave_under_next_ ? timing.flow.slots_over : timing.cycles;
  const Cycles on_time = own + outcome_.filter_bus_until - timing.filter_load;
  outcome_.cycles =
      std::max({on_time, outcome_.ifmap_bus_until, outcome_.psum_in_until, outcome_.psum_out_until});
}

// What a waveform shows of a pass whose words the clocked array will draw.
void PeArray::show_streams(const RowPassTiming& timing) {
  outcome_.cycles = timing.cycles;
  outcome_.streams_from = outcome_.filter_bus_until = timing.filter_load;
  outcome_.ifmap_bus_until = Cycles(timing.flow.ifmap_bus.until);
  outcome_.psum_in_until = Cycles(std::max(timing.flow.psum_in_bus.until, timing.flow.filter_bus.until));
  outcome_.psum_out_until = Cycles(timing.flow.psum_out_bus.until);
}

void PeArray::run_rows(const Step& step, const RowPass& pass) {
  const std::int64_t active = step.active_pes;
  const RowPassTiming& timing = row_timer_->time(pass, ahead_);
  const RowFlow& flow = timing.flow;
  outcome_.activity = timing.activity;
  outcome_.filter_load = timing.filter_load;
  Products products{flow.products, 0};
  if (draws(step)) {
    show_streams(timing);
  } else {
    products = this->products(step, pass);
    reserve_streams(pass, timing);
  }

  CycleAccount& bins = outcome_.bins;
  bins.add(Bin::compute, products.all - products.gated);
  bins.add(Bin::gated, products.gated);
  bins.add(Bin::wait_weights, flow.wait_weights);
  bins.add(Bin::wait_activations, flow.wait_activations);
  bins.add(Bin::wait_psums, flow.wait_psums);
  // Beyond the pass's own cycles the network is late; what lies beyond its slots may be under the next pass.
  const std::int64_t leaving = timing.cycles.value - flow.slots_over.value;
  const std::int64_t under_next =
      std::min(leaving, std::max<std::int64_t>(0, (timing.cycles - outcome_.cycles).value));
  const std::int64_t late = (outcome_.cycles - timing.cycles).value + under_next;
  const std::int64_t out_late = timing.cycles.value - flow.psum_out_bus.until;  // of the network
  bins.add(Bin::noc, flow.noc + active * (late - std::min(out_late, under_next)));
  bins.add(Bin::drain, flow.drain - active * std::max<std::int64_t>(0, under_next - out_late));
  bins.add(Bin::imbalance, flow.imbalance);
  bins.add(Bin::idle, (machine_.pes() - active) * outcome_.cycles.value);

  Activity& activity = outcome_.activity;
  add_products(products, activity);
  activity.waiting = active * outcome_.cycles.value - products.all - activity.psum_adds;
}

// The unit's own array: its streams go on under its work, and what they need beyond is the network's fault.
void PeArray::run_tile(const Step& step, const TilePass& pass) {
  const TileWork work = sample_ != nullptr ? sample_->work(step.id) : tile_->run(pass, psums_.sums());
  if (sample_ == nullptr) psums_.end(pass);
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
