#include "models/machine/pe_array.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/systemc/cycle_time.h"
#include "dataflows/row_stationary/row_streams.h"
#include "models/machine/counts.h"
#include "models/machine/layer_pieces.h"
#include "models/machine/pass_work.h"
#include "models/machine/row_links.h"
#include "models/sampling/layer_sample.h"
#include "models/waveform/waveform_signals.h"

namespace basil {

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
      guard_(guard),
      weights_store_(machine.delivery().weights),
      ifmap_store_(machine.delivery().ifmap),
      psums_store_(machine.delivery().psums) {
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
  weights_store_.empty(now());
  ifmap_store_.empty(now());
  psums_store_.empty(now());
}

void PeArray::begin_box(const LayerPiece& box, RowFlows& flows) {
  const Layer& layer = *box.layer;
  layer_ = &layer;
  sample_ = box.sample;
  tile_work_.reset();
  if (!box.psums_in) psums_ = PsumStore(layer, machine_.sum_width(), box.narrows);
  if (machine_.dataflow == Dataflow::tiles) {
    tile_ = machine_.unit->array->make(layer, machine_.unit_parameters);
    if (box.psums_in) psums_.set_aside();
  } else {
    unit_ = machine_.unit->make(layer, machine_.unit_parameters);
    row_array_ = machine_.row_array();
    if (links_.network && !routed_flows_) routed_flows_.emplace(row_array_, links_.network);
    row_timer_.emplace(layer.shape, row_array_, filter_slots(layer, machine_), links_,
                       routed_flows_ ? &*routed_flows_ : &flows);
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
  last_ = last;
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
  if (rows != nullptr) {
    go_rows();
  } else if (clocked_) {
    outcome_.cycles = pass_.begin - pass_.start + work_;
    const Cycles first_edge(clocked_->done() ? 0 : 1);  // nothing to do where all windows lie on padding
    clock_.notify(until(pass_.begin + first_edge));
  } else {
    close_pass(work_, last);
    rest_of_grid();
    done.notify(until(started_ + outcome_.cycles));
  }
}

void PeArray::go_rows() {
  if (!clocked_) return done.notify(until(now() + outcome_.cycles));
  draw(*clocked_->drawing());
  clock_.notify(until(now() + Cycles(1)));
}

// Bins of unmapped PEs, and of a systolic array the PE-cycles without a product.
void PeArray::rest_of_grid() {
  if (machine_.dataflow == Dataflow::tiles) return;
  outcome_.bins.add(Bin::idle, (machine_.pes() - active_) * outcome_.cycles.value);
  Activity& activity = outcome_.activity;
  activity.waiting =
      active_ * outcome_.cycles.value - activity.products - activity.gated - activity.psum_adds;
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
    if (!clocked_->done()) {
      clocked_->step();
      if (shown_) shown_->clocked(clocked_->view(shown_pe_));
    }
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

// What the fast forms counted of the pass must be what the clocked array did. An array that draws its
// operands is held up by buffers in ways of its own: cycles and bins are then compared in blocks alone.
void PeArray::hold_counts() {
  const std::string where =
      fmt::format("layer {}, pass {}{}", layer_->name, step_->id, text_of(step_->ofmap));
  if (const TileWork* work = clocked_->tile_work()) {
    demand_same_work(where, counted_, *work, machine_.unit->array->parts(machine_.unit_parameters));
    return;
  }
  demand_same_activity(where, outcome_.activity, clocked_->activity());
  if (streams_) return;
  demand_same_cycles(where, work_, clocked_->cycles());
  CycleAccount bins = clocked_->bins();
  pass_.head.add_to(bins, active_);
  demand_same_bins(where, outcome_.bins, bins);
}

// What the clocked array did takes the place of what transaction fidelity said. `late`: cycles until its last
// sums were in the buffer.
void PeArray::finish_clocked(Cycles late) {
  hold_counts();
  clocked_->hand_over(psums_.sums());
  std::visit([this](const auto& pass) { psums_.rewrite(pass); }, step_->pass);
  PassOutcome& outcome = outcome_;
  outcome.activity = clocked_->activity();
  outcome.bins = clocked_->bins();
  if (streams_) {
    outcome.fmap_traffic = streams_->fmap_traffic();
    outcome.ifmap_bus_until = clocked_->drawing()->ifmap_until();
    streams_.reset();
    outcome.cycles = clocked_->cycles() + late;
    outcome.bins.add(Bin::noc, active_ * late.value);
  } else {
    pass_.head.add_to(outcome.bins, active_);
    close_pass(clocked_->cycles(), last_);
  }
  rest_of_grid();
  clocked_.reset();
  done.notify(until(started_ + outcome.cycles));
}

template <class Pass>
Products PeArray::products(const Step& step, const Pass& pass) {
  if (sample_ != nullptr) return sample_->products(step.id);
  const Products products = unit_->accumulate(pass, psums_.sums());
  psums_.end(pass);
  return products;
}

// A row-stationary pass's streams through the array's ports, but for routers on their way: the pass's own
// time has them, packet by packet.
struct PeArray::RowPorts {
  PeArray& array;
  const RowPassStreams& streams;

  [[nodiscard]] Cycles weights(Bytes bytes, Cycles start) const {
    // Beats that came under the pass before do not count from now on.
    return over(array.filter_port,
                array.filter_port.read(stream_address, bytes, start, streams.weight_takers)) -
           Cycles(array.ahead_.filter_beats);
  }
  [[nodiscard]] Cycles ifmap(Bytes bytes, Cycles start) const {
    return over(array.ifmap_port, array.ifmap_port.read(stream_address, bytes, start, streams.ifmap_takers));
  }
  [[nodiscard]] Cycles psums_in(Bytes bytes, Cycles start) const {
    return over(array.psum_in_port, array.psum_in_port.read(stream_address, bytes, start));
  }
  [[nodiscard]] Cycles psums_out(Bytes bytes, Cycles start) const {
    return over(array.psum_out_port, array.psum_out_port.write(stream_address, bytes, start));
  }
  [[nodiscard]] Cycles over(const MemoryPort& port, Cycles end) const {
    return array.links_.network ? end - port.network_late() : end;
  }
};

// The streams, each over its bus: what they need beyond the pass's own time is the network's fault.
void PeArray::reserve_streams(const RowPass& pass, const RowPassTiming& timing) {
  const RowPassStreams streams = row_streams(row_array_, pass, timing);
  const Cycles own = sums_leave_under_next_ ? timing.flow.slots_over : timing.cycles;
  const RowPassEnds ends = run_streams(streams, own, timing.filter_load, RowPorts{*this, streams});
  outcome_.filter_bus_until = outcome_.streams_from = ends.weights;
  outcome_.ifmap_bus_until = ends.ifmap;
  outcome_.psum_in_until = ends.psums_in;
  outcome_.psum_out_until = ends.psums_out;
  outcome_.fmap_traffic = streams.ifmap + streams.psums_in + streams.psums_out;
  outcome_.cycles = ends.pass;
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
  const Products products = this->products(step, pass);
  const PassWork work = row_work(timing, products);
  outcome_.filter_load = timing.filter_load;
  if (draws(step)) {
    show_streams(timing);
  } else {
    reserve_streams(pass, timing);
  }

  // Beyond the pass's own cycles the network is late; what lies beyond its slots may be under the next pass.
  const std::int64_t leaving = timing.cycles.value - flow.slots_over.value;
  const std::int64_t under_next =
      std::min(leaving, std::max<std::int64_t>(0, (timing.cycles - outcome_.cycles).value));
  const std::int64_t late = (outcome_.cycles - timing.cycles).value + under_next;
  const std::int64_t out_late = timing.cycles.value - flow.psum_out_bus.until;  // of the network
  CycleAccount& bins = outcome_.bins;
  bins = work.bins;
  bins.add(Bin::noc, active * (late - std::min(out_late, under_next)));
  bins.add(Bin::drain, -active * std::max<std::int64_t>(0, under_next - out_late));
  bins.add(Bin::idle, (machine_.pes() - active) * outcome_.cycles.value);

  Activity& activity = outcome_.activity;
  activity = work.activity;
  activity.waiting = active * outcome_.cycles.value - products.all - activity.psum_adds;
}

// Bins of the work itself, and the activity, at transaction fidelity.
void PeArray::run_tile(const Step& step, const TilePass& pass) {
  open_pass(streams_of(step));
  const TileWork& work = tile_work(step, pass);
  outcome_.bins += work.bins;
  outcome_.activity = tile_activity(work);
  work_ = work.cycles;
  if (clocked_) counted_ = work;
}

void PeArray::run_fold(const Step& step, const GemmPass& pass, bool last) {
  open_pass(streams_of(step));
  const PassWork work = fold_work(machine_, pass, products(step, pass), last);
  outcome_.bins += work.bins;
  outcome_.activity = work.activity;
  work_ = work.cycles;
}

}  // namespace basil
