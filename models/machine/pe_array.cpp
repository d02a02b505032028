#include "models/machine/pe_array.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/systemc/cycle_time.h"
#include "dataflows/drawing.h"
#include "models/machine/counts.h"
#include "models/machine/layer_pieces.h"
#include "models/sampling/layer_sample.h"
#include "models/waveform/machine_observer.h"
#include "models/waveform/waveform_signals.h"

namespace basil {

namespace {

// Of the mapped PEs, by what each has to multiply: the one shown before while it has at least half of what
// the busiest has, else that one.
int lively_pe(const std::vector<std::int64_t>& work, int before) {
  if (work.empty()) return before;
  const auto most = std::max_element(work.begin(), work.end());
  const auto kept = static_cast<std::size_t>(before);
  if (kept < work.size() && 2 * work[kept] >= *most) return before;
  return static_cast<int>(most - work.begin());
}

}  // namespace

PeArray::PeArray(const sc_core::sc_module_name& name, const Description& machine, Fidelity fidelity,
                 ProcessGuard& guard, Mapper& mapper)
    : sc_module(name),
      filter_port("filter_port", StreamKind::weights, Payloads::timing_only()),
      ifmap_port("ifmap_port", StreamKind::activations, Payloads::timing_only()),
      psum_in_port("psum_in_port", StreamKind::psums, Payloads::timing_only()),
      psum_out_port("psum_out_port", StreamKind::psums, Payloads::timing_only()),
      machine_(machine),
      array_(machine.dataflow->make(machine, &mapper)),
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

void PeArray::trace_pe(WaveformSignals& signals, std::optional<int> pe) {
  shown_ = &signals;
  asked_pe_ = pe;
  if (fidelity_ == Fidelity::cycle) signals.add_clocked(machine_.dataflow->signals(machine_));
}

void PeArray::begin_layer() {
  moved_before_ = {filter_port.moved(), ifmap_port.moved(), psum_in_port.moved(), psum_out_port.moved()};
  weights_store_.empty(now());
  ifmap_store_.empty(now());
  psums_store_.empty(now());
}

void PeArray::begin_box(const LayerPiece& box) {
  const Layer& layer = *box.layer;
  layer_ = &layer;
  sample_ = box.sample;
  counts_.reset();
  if (!box.psums_in) psums_ = PsumStore(layer, machine_.sum_width(), box.narrows);
  if (box.psums_in && machine_.dataflow->units_array) psums_.set_aside();
  array_->take(layer);
  if (sample_ != nullptr) sample_->compute(*array_, psums_);
}

StreamBytes PeArray::moved() const {
  return {filter_port.moved() - moved_before_.weights, ifmap_port.moved() - moved_before_.ifmap,
          psum_in_port.moved() - moved_before_.psums_in, psum_out_port.moved() - moved_before_.psums_out};
}

void PeArray::start(const Step& step, bool last, const PassAhead& ahead) {
  outcome_ = {};
  step_ = step;
  active_ = step.active_pes;
  last_ = last;
  started_ = now();
  DrawnPasses* const drawn = array_->drawn();
  ahead_ = drawn != nullptr ? drawn->useful(step, ahead) : PassAhead{};
  if (fidelity_ == Fidelity::cycle) {
    clocked_ = array_->clocked(step, last, psums_.sums(), ahead_);
    if (shown_) shown_pe_ = asked_pe_.value_or(lively_pe(clocked_->effectual_work(), shown_pe_));
  }
  if (drawn != nullptr) {
    start_drawn(*drawn);
  } else {
    start_filled();
  }
}

const PassCounts& PeArray::counts(const Step& step) {
  if (sample_ != nullptr) return sample_->counts(step.id);
  if (!counts_ || counts_->first != step.id) {
    counts_.emplace(step.id, array_->compute(step, psums_.sums()));
    psums_.end(step.outputs);
  }
  return counts_->second;
}

// At cycle fidelity what the fast form says is a guess of the time, until the pass is clocked.
void PeArray::start_drawn(DrawnPasses& passes) {
  sums_leave_under_next_ = !last_ && passes.sums_leave_under_next();
  DrawnPass pass = passes.draw(*step_, counts(*step_), ahead_, last_, clocked_ ? nullptr : this);
  outcome_.cycles = pass.cycles;
  outcome_.filter_load = pass.filter_load;
  outcome_.bins = pass.bins;
  outcome_.activity = std::move(pass.activity);
  if (clocked_) {
    draw(*clocked_->drawing());
    clock_.notify(until(now() + Cycles(1)));
    return;
  }
  tell_buses(pass.buses);
  outcome_.ifmap_bus_until = pass.ifmap_bus_until;
  outcome_.fmap_traffic = pass.fmap_traffic;
  rest_of_grid();
  done.notify(until(now() + outcome_.cycles));
}

void PeArray::start_filled() {
  open_pass(streams_of(*step_));
  const PassCounts& counted = counts(*step_);
  const PassWork work = array_->work(*step_, counted, last_);
  outcome_.bins += work.bins;
  outcome_.activity = work.activity;
  work_ = work.cycles;
  if (clocked_) {
    counted_ = counted.tile;
    outcome_.cycles = pass_.begin - pass_.start + work_;
    const Cycles first_edge(clocked_->done() ? 0 : 1);  // nothing to do where all windows lie on padding
    clock_.notify(until(pass_.begin + first_edge));
    return;
  }
  close_pass(work_, last_);
  rest_of_grid();
  done.notify(until(started_ + outcome_.cycles));
}

// Bins of unmapped PEs, and the PE-cycles without a product. A unit's own array accounts for all of its PEs.
void PeArray::rest_of_grid() {
  if (machine_.dataflow->units_array) return;
  outcome_.bins.add(Bin::idle, (machine_.pes() - active_) * outcome_.cycles.value);
  Activity& activity = outcome_.activity;
  activity.waiting =
      active_ * outcome_.cycles.value - activity.products - activity.gated - activity.psum_adds;
}

// The streams of the pass, and their words of its first cycle.
void PeArray::draw(const ClockedDrawing& drawing) {
  const ArrayWords words = drawing.all_words();
  streams_.emplace(RowStreams::Ports{filter_port, ifmap_port, psum_in_port, psum_out_port}, machine_,
                   network_, words, drawing.words_ahead(), drawing.filter_takers(), drawing.ifmap_takers());
  streams_->ask(now(), drawing.draws_ifmap());
}

void PeArray::clock() {
  guard_([this] {
    if (streams_) return clock_drawing();
    if (!clocked_->done()) {
      clocked_->step();
      show_registers();
    }
    if (clocked_->done()) {
      finish_clocked(Cycles(0));
    } else {
      clock_.notify(until(now() + Cycles(1)));
    }
  });
}

// The cycle that ends now, with what was offered when it began; then what the next one needs.
void PeArray::clock_drawing() {
  ClockedDrawing& drawing = *clocked_->drawing();
  if (!clocked_->done()) {
    const bool loaded = drawing.filters_loaded();
    drawing.step(streams_->offered(now() - Cycles(1)));
    streams_->moved(drawing.moved());
    if (!loaded && drawing.filters_loaded()) {
      outcome_.filter_load = now() - started_;
      filters_drawn.notify();
    }
    show_registers();
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

// As the cycle that ends now left them.
void PeArray::show_registers() {
  if (shown_ != nullptr && shown_->open()) shown_->clocked(clocked_->view(shown_pe_));
}

// What the fast forms counted of the pass must be what the clocked array did. An array that draws its
// operands is held up by buffers in ways of its own: cycles and bins are then compared in blocks alone.
void PeArray::hold_counts() {
  const std::string where =
      fmt::format("layer {}, pass {}{}", layer_->name, step_->id, text_of(step_->ofmap));
  if (const TileWork* work = clocked_->tile_work()) {
    demand_same_work(where, counted_, *work, machine_.dataflow->parts(machine_));
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
  psums_.rewrite(step_->outputs);
  PassOutcome& outcome = outcome_;
  outcome.activity = clocked_->activity();
  outcome.bins = clocked_->bins();
  if (streams_) {
    outcome.fmap_traffic = streams_->fmap_traffic();
    const ArrayBuses buses = clocked_->drawing()->buses();
    outcome.ifmap_bus_until = buses.ifmap.until;
    tell_buses(buses);
    streams_.reset();
    outcome.cycles = clocked_->cycles() + late;
    outcome.bins.add(Bin::noc, active_ * late.value);
  } else {
    pass_.head.add_to(outcome.bins, active_);
    close_pass(clocked_->cycles(), last_);
  }
  rest_of_grid();
  clocked_.reset();
  if (shown_) shown_->clocked_over();
  done.notify(until(started_ + outcome.cycles));
}

MemoryPort& PeArray::port(ArrayBus bus) {
  switch (bus) {
    case ArrayBus::filter:
      return filter_port;
    case ArrayBus::ifmap:
      return ifmap_port;
    case ArrayBus::psum_in:
      return psum_in_port;
    case ArrayBus::psum_out:
      break;
  }
  return psum_out_port;
}

Cycles PeArray::move(ArrayBus bus, Bytes bytes, Cycles start, std::int64_t takers) {
  return bus == ArrayBus::psum_out ? port(bus).write(stream_address, bytes, start, takers)
                                   : port(bus).read(stream_address, bytes, start, takers);
}

Cycles PeArray::late(ArrayBus bus) { return port(bus).network_late(); }

// Of the pass that started last.
void PeArray::tell_buses(const ArrayBuses& buses) const {
  const auto tell_of = [this](ArrayBus bus, const BusSpan& busy) {
    tell(bus, started_ + busy.from, started_ + busy.until);
  };
  tell_of(ArrayBus::filter, buses.filter);
  tell_of(ArrayBus::ifmap, buses.ifmap);
  tell_of(ArrayBus::psum_in, buses.psum_in);
  tell_of(ArrayBus::psum_out, buses.psum_out);
}

void PeArray::tell(ArrayBus bus, Cycles from, Cycles until) const {
  if (observer_ != nullptr && until > from) observer_->bus(bus, from, until);
}

}  // namespace basil
