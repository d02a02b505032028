#include "models/machine/accelerator.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/systemc/cycle_time.h"
#include "models/layer/schedules.h"
#include "models/machine/operand_addresses.h"

namespace basil {
namespace {

// Where the operands of a layer lie in DRAM.
enum Region { weights_region, ifmap_region, ofmap_region };

}  // namespace

Accelerator::Accelerator(const sc_core::sc_module_name& name, const Description& machine,
                         const EnergyModel& energy, Fidelity fidelity, ProcessGuard& guard,
                         ChipMemory& memory, Mapper& mapper)
    : sc_module(name),
      machine_(machine),
      energy_(energy),
      guard_(guard),
      mapper_(mapper),
      memory_(memory),
      fmaps_("fmaps", machine.fmap_buffer),
      filters_("filters", machine.filter_buffer),
      accumulators_(machine.accumulators ? std::make_unique<Buffer>("accumulators", *machine.accumulators)
                                         : nullptr),
      dma_("dma", guard, memory.protocol()),
      array_("array", machine, fidelity, guard, mapper),
      filter_ring_(machine.filter_buffer.bytes) {
  Buffer& psums = accumulators_ ? *accumulators_ : fmaps_;
  array_.observe(observers_);
  network_ = make_array_network(machine, fidelity, array_, filters_, fmaps_, psums);
  dma_.fmaps.socket.bind(fmaps_.socket);
  dma_.filters.socket.bind(filters_.socket);
  dma_.accumulators.socket.bind(psums.socket);

  SC_HAS_PROCESS(Accelerator);
  SC_METHOD(sequence);
  sensitive << wake_ << array_.done;
  dont_initialize();
  SC_METHOD(filters_drawn);
  sensitive << array_.filters_drawn;
  dont_initialize();
}

void Accelerator::trace_signals(Waveform& waveform, const WaveformSignals::Shown& shown,
                                std::optional<int> pe) {
  signals_.emplace(waveform, shown);
  array_.trace_pe(*signals_, pe);
  observers_.add(*signals_);
  waveform.add_teller([this](Cycles now, bool /*over*/) { return std::min(now, dma_.known_until()); });
}

void Accelerator::begin_layer(const Layer& layer, bool coded_ifmap,
                              const std::optional<SampleOptions>& sample) {
  layer_ = &layer;
  result_ = {};
  activity_ = {};
  active_pe_cycles_ = passes_begun_ = coder_uses_ = outputs_ = zero_points_ = 0;
  quiesce();
  array_.begin_layer();
  piece_.reset();
  pieces_ = std::make_unique<LayerPieces>(layer, machine_, mapper_, coded_ifmap, sample);
  sums_ = pieces_->whole() ? Ofmap() : blank_sums(layer);
  sum_statistics_ = {};
  widest_overflow_.reset();
  next_ = pieces_->next();
  state_ = State::asleep;
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void Accelerator::quiesce() {
  layer_start_ = filter_bus_free_ = ifmap_bus_free_ = power_since_ = now();
  energy_told_ = {};
  weights_ready_ = ifmap_ready_ = stores_done_ = {now(), now()};
  asked_ = {};
  fmaps_.quiesce();
  filters_.quiesce();
  filter_ring_.clear();
  if (accumulators_) accumulators_->quiesce();
  network_->quiesce();
}

void Accelerator::sequence() {
  guard_([this] {
    switch (state_) {
      case State::asleep:
        prepare();
        break;
      case State::waiting_for_dram:
        end_wait();
        begin();
        break;
      case State::running:
        finish();
        break;
      case State::draining:
        end_wait();
        end_layer_now();
        break;
    }
  });
}

void Accelerator::prepare() {
  step_ = std::exchange(next_, std::nullopt);
  if (step_) {
    if (step_->piece != piece_) {
      piece_ = step_->piece;
      array_.begin_box(*piece_);
    }
    next_ = pieces_->next();
    bring_operands(
        asked_, {.weights = lacks_weights(*step_), .ifmap = step_->step.load_ifmap},
        [this](Cycles after) { load_weights(*step_, after); },
        [this](Cycles after) { load_ifmap(*step_, after); });
  }
  const Ready ready = awaited();
  if (ready.under_way > 0 || ready.network > now()) {
    wait_from_now(step_ ? step_->step.active_pes : machine_.pes());
  } else if (step_) {
    begin();
  } else {
    end_layer_now();
  }
}

void Accelerator::end_layer_now() {
  state_ = State::asleep;
  result_.cycles = now() - layer_start_;
  tell_power();
  observers_.array_from_now(MachineObserver::Array::idle);
}

// The last results may still be on their way to DRAM; the layer ends with them.
Accelerator::Ready Accelerator::awaited() const {
  if (!step_) return stores_done_;
  return awaited_by_pass(machine_.overlap, weights_ready_, ifmap_ready_, stores_done_);
}

void Accelerator::wait_from_now(std::int64_t pes) {
  state_ = step_ ? State::waiting_for_dram : State::draining;
  wait_start_ = now();
  waiting_pes_ = pes;
  observers_.array_from_now(MachineObserver::Array::wait_dram);
  const Ready ready = awaited();
  if (ready.under_way == 0) wake_.notify(until(ready.network));
}

// What the memory does not explain is the network's fault.
void Accelerator::end_wait() {
  const Cycles wait = now() - wait_start_;
  const Cycles for_memory = std::clamp(awaited().memory - wait_start_, Cycles(0), wait);
  result_.dram_stall += wait;
  count_wait();
  result_.bins.add(Bin::dram, waiting_pes_ * for_memory.value);
  result_.bins.add(Bin::noc, waiting_pes_ * (wait - for_memory).value);
  result_.bins.add(Bin::idle, (machine_.pes() - waiting_pes_) * wait.value);
}

// Each transfer that was waited for counts from when the one before it was done.
void Accelerator::count_wait() {
  DramWaits& waits = result_.dram_waits;
  struct Awaited {
    Cycles until;
    DramWaits::Wait* wait;
  };
  std::vector<Awaited> all;
  if (step_) all = {{weights_ready_.network, &waits.weights}, {ifmap_ready_.network, &waits.ifmap}};
  if (!step_ || !machine_.overlap.ofmap) all.push_back({stores_done_.network, &waits.ofmap});
  std::stable_sort(all.begin(), all.end(),
                   [](const Awaited& a, const Awaited& b) { return a.until < b.until; });
  const bool edge = !step_ || passes_begun_ == 0;
  Cycles from = wait_start_;
  for (const Awaited& awaited : all) {
    const Cycles until = std::clamp(awaited.until, from, now());
    (edge ? awaited.wait->edge : awaited.wait->steady) += until - from;
    from = until;
  }
}

void Accelerator::begin() {
  tell_power();
  state_ = State::running;
  ++passes_begun_;
  if (!observers_.empty()) observers_.pass_begins(step_->step);
  start();
  if (!observers_.empty()) {
    observers_.buffer_fill(piece_->traffic->ifmap_tile_in_buffer(step_->step.ifmap) +
                           piece_->traffic->ofmap_in_buffer(step_->step));
  }
  prefetch();
  fill_ahead();
}

// What the array's doubled stores can take of the next pass's operands under this one, as far as it is known
// when they are in the buffers.
void Accelerator::fill_ahead() {
  if (!next_ || next_->piece != piece_) return;
  LayerSample* const sample = piece_->sample;
  const Step& next = next_->step;
  const bool sampled = sample != nullptr && sample->computed(next.id);
  const Picojoules before = sampled ? energy_of({}, Cycles(0)) : Picojoules();
  NextOperands in_buffer;
  if ((asked_.weights || !lacks_weights(*next_)) && weights_ready_.under_way == 0)
    in_buffer.weights = weights_ready_.network;
  if ((asked_.ifmap || !next.load_ifmap) && ifmap_ready_.under_way == 0)
    in_buffer.ifmap = ifmap_ready_.network;
  array_.fill_ahead(next, in_buffer);
  if (sampled) sample->account(next.id, Cycles(0), Picojoules(energy_of({}, Cycles(0)).value - before.value));
}

PassAhead Accelerator::ahead() const {
  const auto since = [](Cycles bus_free, const Ready& words) {
    return std::max(Cycles(0), now() - std::max(bus_free, words.network)).value;
  };
  return {since(filter_bus_free_, weights_ready_), since(ifmap_bus_free_, ifmap_ready_)};
}

void Accelerator::start() {
  LayerSample* const sample = piece_->sample;
  if (sample == nullptr || !sample->computed(step_->step.id)) {
    array_.start(step_->step, !next_, ahead());
    return;
  }
  const Picojoules before = energy_of({}, Cycles(0));
  array_.start(step_->step, !next_, ahead());
  const PassOutcome& outcome = array_.outcome();
  const Picojoules after = energy_of(outcome.activity, outcome.cycles);
  sample->account(step_->step.id, outcome.cycles, Picojoules(after.value - before.value));
}

void Accelerator::prefetch() {
  asked_ = {};
  weights_wait_ = false;
  if (!next_) return;
  PassLoads lacks{.weights = lacks_weights(*next_), .ifmap = next_->step.load_ifmap};
  if (lacks.weights && machine_.overlap.weights)
    lacks.weights_fit = next_->piece->traffic->weights(next_->step) <= machine_.filter_buffer.room();
  // Weights into the other half at once, or when the array has drawn the present ones.
  const bool drawn_first = !machine_.filter_buffer.doubled && array_.draws();
  weights_wait_ = drawn_first && lacks.weights && machine_.overlap.weights && lacks.weights_fit;
  if (weights_wait_) lacks.weights = false;
  const Cycles room_after = machine_.filter_buffer.doubled ? Cycles(0) : array_.outcome().filter_load;
  asked_ = prefetch_operands(
      machine_.overlap, lacks, room_after, [this](Cycles after) { load_weights(*next_, after); },
      [this](Cycles after) { load_ifmap(*next_, after); });
}

Picojoules Accelerator::energy_of(const Activity& activity, Cycles cycles) const {
  return energy_.account(activity, memory_counters(), cycles).total();
}

// What was booked since it was told last, over that time. Of several tiles each leaves out the DRAM they
// share.
void Accelerator::tell_power() {
  if (observers_.empty() || now() <= power_since_) return;
  MemoryCounters memory = memory_counters();
  if (machine_.tiles > 1) memory.dram = {};
  const Picojoules energy = energy_.account(activity_, memory, now() - layer_start_).total();
  const double nanoseconds = static_cast<double>((now() - power_since_).value) * 1000.0 / machine_.clock_mhz;
  observers_.power((energy.value - energy_told_.value) / nanoseconds, power_since_);
  power_since_ = now();
  energy_told_ = energy;
}

void Accelerator::filters_drawn() {
  guard_([this] {
    if (!std::exchange(weights_wait_, false)) return;
    load_weights(*next_, Cycles(0));
    asked_.weights = true;
  });
}

void Accelerator::finish() {
  const PassOutcome& outcome = array_.outcome();
  result_.processing += outcome.cycles;
  filter_bus_free_ = now() - outcome.cycles + outcome.filter_load;
  ifmap_bus_free_ = now() - outcome.cycles + outcome.ifmap_bus_until;
  result_.bins += outcome.bins;
  result_.buffer_array += outcome.fmap_traffic;
  const Step& step = step_->step;
  active_pe_cycles_ += step.active_pes * outcome.cycles.value;
  result_.mapped_pes = std::max(result_.mapped_pes, step.active_pes);
  activity_ += outcome.activity;
  tell_power();
  observers_.pass_ends(step, outcome);
  if (step.store_ofmap) store_ofmap();
  const bool box_over = !next_ || next_->piece != piece_;
  if (box_over && !piece_->psums_out) gather_box();
  prepare();
}

// The box's sums are complete.
void Accelerator::gather_box() {
  const PsumStore& psums = array_.psums();
  if (!pieces_->whole()) put_sums(sums_, psums.sums(), piece_->box);
  sum_statistics_ += psums.statistics();
  if (const std::optional<WidePsum>& found = psums.widest_overflow())
    keep_wider(widest_overflow_, {place_in_layer(sums(), piece_->box, found->output), found->psum});
}

void Accelerator::move(MachineObserver::Operand operand, const Step& step, const Dma::Block& block,
                       MemoryPort& on_chip, Ready& ready) {
  ++ready.under_way;
  dma_.move(block, on_chip, [this, operand, pass = step.id, block, &ready](const Dma::Moved& ended) {
    moved(operand, pass, block, ended, ready);
  });
}

void Accelerator::moved(MachineObserver::Operand operand, std::int64_t pass, const Dma::Block& block,
                        const Dma::Moved& moved, Ready& ready) {
  ready = ready.with({moved.ended, moved.done, -1});
  observers_.dram(operand, pass, block.in_dram, std::max(moved.asked, moved.dram - block.peak), moved.dram);
  if (moved.done > moved.ended) observers_.network_late(moved.ended, moved.done);
  if (state_ == State::running && dma_.waits()) return fill_ahead();
  const bool waiting = state_ == State::waiting_for_dram || state_ == State::draining;
  if (!waiting || !dma_.waits()) return;
  const Ready all = awaited();
  if (all.under_way == 0) wake_.notify(until(all.network));
}

bool Accelerator::lacks_weights(const PieceStep& next) const {
  return !filter_ring_.holds(FilterRing::slice_of(next.step, next.piece->box));
}

void Accelerator::load_weights(const PieceStep& next, Cycles start) {
  const Bytes bytes = next.piece->traffic->weights(next.step);
  const std::uint64_t address =
      memory_.region(weights_region) + weights_address(*layer_, next, machine_.word_bytes());
  weights_ready_ = {};
  move(MachineObserver::Operand::weights, next.step,
       {.address = address,
        .in_dram = bytes,
        .on_chip = bytes,
        .start = start,
        .peak = memory_.transfer_time(bytes)},
       dma_.filters, weights_ready_);
  filter_ring_.put(FilterRing::slice_of(next.step, next.piece->box), bytes);
  result_.dram_weights += bytes;
}

void Accelerator::load_ifmap(const PieceStep& next, Cycles start) {
  const LayerTraffic& traffic = *next.piece->traffic;
  const FmapTile& tile = next.step.ifmap;
  const Bytes bytes = traffic.ifmap(tile);
  const std::uint64_t address =
      memory_.region(ifmap_region) + ifmap_address(layer_->shape, next, machine_.word_bytes());
  ifmap_ready_ = {};
  move(MachineObserver::Operand::ifmap, next.step,
       {.address = address,
        .in_dram = bytes,
        .on_chip = traffic.ifmap_tile_in_buffer(tile),
        .start = start,
        .peak = memory_.transfer_time(bytes)},
       dma_.fmaps, ifmap_ready_);
  if (traffic.codes_ifmap()) coder_uses_ += traffic.coder_uses(bytes, traffic.ifmap_words(tile));
  if (layer_->ifmap.has_zero_point()) zero_points_ += traffic.ifmap_words(tile);
  result_.dram_ifmap += bytes;
}

void Accelerator::store_ofmap() {
  const Step& step = step_->step;
  const LayerTraffic& traffic = *piece_->traffic;
  const Bytes bytes = piece_->sample != nullptr ? piece_->sample->ofmap(step, traffic, array_.sums())
                                                : traffic.ofmap(step, array_.sums());
  const Bytes in_buffer = traffic.ofmap_in_buffer(step);
  const std::uint64_t address =
      memory_.region(ofmap_region) + ofmap_address(layer_->shape, *step_, machine_.word_bytes());
  const PassOutcome& outcome = array_.outcome();
  const Cycles in_time = std::max(Cycles(0), outcome.drained - outcome.cycles);  // when the sums are there
  move(MachineObserver::Operand::ofmap, step,
       {.address = address,
        .in_dram = bytes,
        .on_chip = in_buffer,
        .start = in_time,
        .peak = memory_.transfer_time(bytes),
        .store = true},
       dma_.accumulators, stores_done_);
  const std::int64_t outputs = traffic.outputs(step);
  outputs_ += outputs;
  if (machine_.fmaps->fmap_coder != nullptr) coder_uses_ += traffic.coder_uses(bytes, outputs);
  result_.dram_ofmap += bytes;
  result_.buffer_array += in_buffer;
}

MemoryCounters Accelerator::memory_counters() const {
  return {.dram = memory_.counters(),
          .fmaps = fmaps_.counters(),
          .filters = filters_.counters(),
          .accumulators = accumulators_ ? accumulators_->counters() : BufferCounters(),
          .network = network_->counters(),
          .coder_uses = coder_uses_,
          .outputs = outputs_,
          .zero_points = zero_points_};
}

LayerResult Accelerator::end_layer(Cycles cycles) {
  if (next_ || step_)
    throw Failure("layer " + layer_->name + ": the simulation stopped before its last pass");
  tell_power();  // of a tile that others left waiting
  LayerResult result = std::move(result_);
  result.mapping = pieces_->describe();
  result.passes = pieces_->passes();
  MemoryCounters memory = memory_counters();
  memory.dram = {};  // the chip's
  result.bins.add(Bin::idle, machine_.pes() * (cycles - result.cycles).value);
  result.cycles = cycles;
  result.gated = activity_.gated;
  result.energy = energy_.account(activity_, memory, cycles);
  result.buffer_read = memory.fmaps.read + memory.filters.read + memory.accumulators.read;
  result.buffer_written = memory.fmaps.written + memory.filters.written + memory.accumulators.written;
  result.sums = sum_statistics_;
  result.noc = array_.moved();
  const NocActivity& routed = memory.network.routed;
  result.array_noc = {routed.packets, routed.routers.crossings, network_->busiest_link()};
  result.bank_conflicts = {memory.fmaps.conflicts, memory.filters.conflicts, memory.accumulators.conflicts};
  result.active_pes = static_cast<double>(active_pe_cycles_) /
                      static_cast<double>(std::max<std::int64_t>(1, result.processing.value));
  result.bins.close(machine_.pes(), cycles, "layer " + layer_->name);
  return result;
}

}  // namespace basil
