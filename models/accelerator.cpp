#include "models/accelerator.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/systemc/cycle_time.h"
#include "models/schedules.h"

namespace basil {
namespace {

// Where the operands of a layer lie in DRAM.
enum Region { weights_region, ifmap_region, ofmap_region };

std::uint64_t weights_address(const Layer& layer, const Step& step, int word_bytes) {
  const Extent& extent = layer.weights.extent;
  std::int64_t first = 0;
  if (const auto* rows = std::get_if<RowPass>(&step.pass)) {
    first = extent.at(rows->filters.first, rows->taps_y.first, rows->taps_x.first, rows->channels.first);
  } else if (const auto* tile = std::get_if<TilePass>(&step.pass)) {
    first = extent.at(tile->filters.first, 0, 0, 0);
  } else {
    const auto& fold = std::get<GemmPass>(step.pass);
    first = extent.at(fold.filters.first, 0, 0, 0) + fold.reduction.first;
  }
  return static_cast<std::uint64_t>(first * word_bytes);
}

// Maps lie channel by channel in DRAM, as they are coded.
std::uint64_t fmap_address(std::uint64_t base, const FmapTile& tile, int channels, int rows, int columns,
                           int word_bytes) {
  const std::int64_t plane = std::int64_t{tile.n.first} * channels + tile.channels.first;
  return base + static_cast<std::uint64_t>((plane * rows + tile.rows.first) * columns * word_bytes);
}

// Bits a cycle that bring `bytes` on chip in `cycles`, rounded up.
std::int64_t pace(Bytes bytes, Cycles cycles) {
  return ceil_div(bytes.value * 8, std::max<std::int64_t>(1, cycles.value));
}

}  // namespace

Dma::Dma(const sc_core::sc_module_name& name)
    : sc_module(name), dram("dram"), fmaps("fmaps"), filters("filters"), accumulators("accumulators") {}

Dma::Moved Dma::load(std::uint64_t address, Bytes from_dram, MemoryPort& on_chip, Bytes on_chip_bytes,
                     Cycles start) {
  const Cycles arrived = dram.read(address, from_dram, start), left = arrived - dram.network_late();
  on_chip.set_pace(pace(on_chip_bytes, arrived - start));
  const Cycles written = on_chip.write(address, on_chip_bytes, start);
  return {left, std::max(left, written), std::max(arrived, written)};
}

Dma::Moved Dma::store(std::uint64_t address, Bytes to_dram, MemoryPort& on_chip, Bytes on_chip_bytes,
                      Cycles start) {
  const Cycles written = dram.write(address, to_dram, start);
  const Cycles arrived = written - dram.network_late();
  on_chip.set_pace(pace(on_chip_bytes, written - start));
  const Cycles read = on_chip.read(address, on_chip_bytes, start);
  return {arrived, std::max(read, arrived), std::max(read, written)};
}

Accelerator::Accelerator(const sc_core::sc_module_name& name, const Description& machine,
                         const EnergyModel& energy, Fidelity fidelity, ProcessGuard& guard,
                         ChipMemory& memory)
    : sc_module(name),
      machine_(machine),
      energy_(energy),
      guard_(guard),
      memory_(memory),
      fmaps_("fmaps", machine.fmap_buffer),
      filters_("filters", machine.filter_buffer),
      accumulators_(machine.accumulators ? std::make_unique<Buffer>("accumulators", *machine.accumulators)
                                         : nullptr),
      dma_("dma"),
      array_("array", machine, fidelity, guard) {
  Buffer& psums = accumulators_ ? *accumulators_ : fmaps_;
  network_ = make_array_network(machine, fidelity, array_, filters_, fmaps_, psums);
  dma_.fmaps.socket.bind(fmaps_.socket);
  dma_.filters.socket.bind(filters_.socket);
  dma_.accumulators.socket.bind(psums.socket);

  SC_HAS_PROCESS(Accelerator);
  SC_METHOD(sequence);
  sensitive << wake_ << array_.done;
  dont_initialize();
}

void Accelerator::trace(Waveform& waveform, const std::string& prefix, int pe) {
  signals_.emplace(waveform, prefix, machine_.noc.routed() && machine_.tiles > 1);
  array_.trace(*signals_, pe);
  observers_.add(*signals_);
}

void Accelerator::begin_layer(const Layer& layer, bool coded_ifmap,
                              const std::optional<SampleOptions>& sample) {
  layer_ = &layer;
  traffic_.emplace(layer, machine_, coded_ifmap);
  schedule_ = make_schedule(layer, machine_);
  result_ = {};
  result_.mapping = schedule_->describe();
  result_.passes = schedule_->size();
  activity_ = {};
  active_pe_cycles_ = run_length_pairs_ = 0;
  quiesce();
  sample_.reset();
  if (sample) sample_.emplace(layer, machine_, *sample);
  array_.begin_layer(layer, sample_ ? &*sample_ : nullptr);
  next_ = schedule_->next();
  weights_asked_ = ifmap_asked_ = false;
  state_ = State::asleep;
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void Accelerator::quiesce() {
  layer_start_ = now();
  weights_ready_ = ifmap_ready_ = stores_done_ = {now(), now()};
  fmaps_.quiesce();
  filters_.quiesce();
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
        begin();
        break;
      case State::running:
        finish();
        break;
    }
  });
}

void Accelerator::prepare() {
  step_ = std::exchange(next_, std::nullopt);
  if (!step_) {
    // The last results may still be on their way to DRAM; the layer ends with them.
    state_ = State::asleep;
    if (stores_done_.network > now()) {
      observers_.array_from_now(MachineObserver::Array::wait_dram, 0);
      wake_.notify(to_time(wait_for(stores_done_, machine_.pes())));
    } else {
      result_.cycles = now() - layer_start_;
      observers_.array_from_now(MachineObserver::Array::idle, 0);
    }
    return;
  }
  next_ = schedule_->next();
  if (step_->load_weights && !weights_asked_) weights_ready_ = load_weights(*step_, Cycles(0));
  if (step_->load_ifmap && !ifmap_asked_) ifmap_ready_ = load_ifmap(*step_, Cycles(0));
  Ready ready = later(weights_ready_, ifmap_ready_);
  if (!machine_.overlap.ofmap) ready = later(ready, stores_done_);
  if (ready.network <= now()) {
    begin();
    return;
  }
  observers_.array_from_now(MachineObserver::Array::wait_dram, step_->active_pes);
  state_ = State::waiting_for_dram;
  wake_.notify(to_time(wait_for(ready, step_->active_pes)));
}

// What the memory does not explain is the network's fault.
Cycles Accelerator::wait_for(const Ready& ready, std::int64_t pes) {
  const Cycles wait = ready.network - now();
  const Cycles for_memory = std::max(Cycles(0), ready.memory - now());
  result_.dram_stall += wait;
  result_.bins.add(Bin::dram, pes * for_memory.value);
  result_.bins.add(Bin::noc, pes * (wait - for_memory).value);
  result_.bins.add(Bin::idle, (machine_.pes() - pes) * wait.value);
  return wait;
}

Accelerator::Ready Accelerator::ready(const Dma::Moved& moved) {
  const Ready ends{now() + moved.ended, now() + moved.done};
  if (ends.network > ends.memory) observers_.network_late(ends.memory, ends.network);
  return ends;
}

void Accelerator::begin() {
  const Picojoules before = observers_.empty() ? Picojoules() : energy_of(activity_, now() - layer_start_);
  state_ = State::running;
  start();
  if (!observers_.empty()) {
    const PassOutcome& outcome = array_.outcome();
    Activity activity = activity_;
    activity += outcome.activity;
    const Picojoules after = energy_of(activity, now() + outcome.cycles - layer_start_);
    const double nanoseconds = static_cast<double>(outcome.cycles.value) * 1000.0 / machine_.clock_mhz;
    observers_.pass_begins(*step_, outcome, (after.value - before.value) / nanoseconds);
    observers_.buffer_fill(traffic_->ifmap_tile_in_buffer(step_->ifmap) + traffic_->ofmap_in_buffer(*step_));
  }
  prefetch();
  fill_ahead();
}

// What the array's doubled stores can take of the next pass's operands under this one.
void Accelerator::fill_ahead() {
  if (!next_) return;
  const bool sampled = sample_ && sample_->computed(next_->id);
  const Picojoules before = sampled ? energy_of({}, Cycles(0)) : Picojoules();
  NextOperands in_buffer;
  if (weights_asked_ || !next_->load_weights) in_buffer.weights = weights_ready_.network;
  if (ifmap_asked_ || !next_->load_ifmap) in_buffer.ifmap = ifmap_ready_.network;
  array_.fill_ahead(*next_, in_buffer);
  if (sampled)
    sample_->account(next_->id, Cycles(0), Picojoules(energy_of({}, Cycles(0)).value - before.value));
}

void Accelerator::start() {
  if (!sample_ || !sample_->computed(step_->id)) {
    array_.start(*step_, !next_);
    return;
  }
  const Picojoules before = energy_of({}, Cycles(0));
  array_.start(*step_, !next_);
  const PassOutcome& outcome = array_.outcome();
  const Picojoules after = energy_of(outcome.activity, outcome.cycles);
  sample_->account(step_->id, outcome.cycles, Picojoules(after.value - before.value));
}

void Accelerator::prefetch() {
  weights_asked_ = ifmap_asked_ = false;
  if (!next_) return;
  if (next_->load_weights && machine_.overlap.weights &&
      traffic_->weights(*next_) <= machine_.filter_buffer.room()) {
    // Into the other half at once, or when the array has drawn the present ones.
    weights_ready_ =
        load_weights(*next_, machine_.filter_buffer.doubled ? Cycles(0) : array_.outcome().filter_load);
    weights_asked_ = true;
  }
  if (next_->load_ifmap && machine_.overlap.ifmap) {
    ifmap_ready_ = load_ifmap(*next_, Cycles(0));
    ifmap_asked_ = true;
  }
}

Picojoules Accelerator::energy_of(const Activity& activity, Cycles cycles) const {
  return energy_.account(activity, memory_counters(), cycles).total();
}

void Accelerator::finish() {
  const PassOutcome& outcome = array_.outcome();
  result_.processing += outcome.cycles;
  result_.bins += outcome.bins;
  result_.buffer_array += outcome.fmap_traffic;
  active_pe_cycles_ += step_->active_pes * outcome.cycles.value;
  result_.mapped_pes = std::max(result_.mapped_pes, step_->active_pes);
  activity_ += outcome.activity;
  observers_.pass_ends(*step_, outcome);
  if (step_->store_ofmap) store_ofmap();
  prepare();
}

void Accelerator::show_dram(MachineObserver::Operand operand, const Step& step, Bytes bytes, Cycles until) {
  observers_.dram(operand, step.id, bytes, until - memory_.transfer_time(bytes), until);
}

Accelerator::Ready Accelerator::load_weights(const Step& step, Cycles start) {
  const Bytes bytes = traffic_->weights(step);
  const std::uint64_t address =
      memory_.region(weights_region) + weights_address(*layer_, step, machine_.word_bytes());
  const Dma::Moved moved = dma_.load(address, bytes, dma_.filters, bytes, start);
  show_dram(MachineObserver::Operand::weights, step, bytes, now() + moved.dram);
  result_.dram_weights += bytes;
  return ready(moved);
}

Accelerator::Ready Accelerator::load_ifmap(const Step& step, Cycles start) {
  const Bytes bytes = traffic_->ifmap(step.ifmap);
  const LayerShape& shape = layer_->shape;
  const std::uint64_t address = fmap_address(memory_.region(ifmap_region), step.ifmap, shape.C, shape.H,
                                             shape.W, machine_.word_bytes());
  const Dma::Moved moved =
      dma_.load(address, bytes, dma_.fmaps, traffic_->ifmap_tile_in_buffer(step.ifmap), start);
  show_dram(MachineObserver::Operand::ifmap, step, bytes, now() + moved.dram);
  if (traffic_->run_length_ifmap()) run_length_pairs_ += traffic_->pairs_of(bytes);
  result_.dram_ifmap += bytes;
  return ready(moved);
}

void Accelerator::store_ofmap() {
  const Bytes bytes =
      sample_ ? sample_->ofmap(*step_, *traffic_, array_.sums()) : traffic_->ofmap(*step_, array_.sums());
  const Bytes in_buffer = traffic_->ofmap_in_buffer(*step_);
  const LayerShape& shape = layer_->shape;
  const std::uint64_t address = fmap_address(memory_.region(ofmap_region), step_->ofmap, shape.K, shape.P(),
                                             shape.Q(), machine_.word_bytes());
  const PassOutcome& outcome = array_.outcome();
  const Cycles in_time = std::max(Cycles(0), outcome.drained - outcome.cycles);  // when the sums are there
  const Dma::Moved moved = dma_.store(address, bytes, dma_.accumulators, in_buffer, in_time);
  stores_done_ = ready(moved);
  show_dram(MachineObserver::Operand::ofmap, *step_, bytes, now() + moved.dram);
  if (machine_.fmaps == Encoding::run_length) run_length_pairs_ += traffic_->pairs_of(bytes);
  result_.dram_ofmap += bytes;
  result_.buffer_array += in_buffer;
}

MemoryCounters Accelerator::memory_counters() const {
  return {.dram = memory_.counters(),
          .fmaps = fmaps_.counters(),
          .filters = filters_.counters(),
          .accumulators = accumulators_ ? accumulators_->counters() : BufferCounters(),
          .network = network_->counters(),
          .run_length_pairs = run_length_pairs_};
}

LayerResult Accelerator::end_layer(Cycles cycles) {
  if (next_ || step_)
    throw Failure("layer " + layer_->name + ": the simulation stopped before its last pass");
  LayerResult result = std::move(result_);
  MemoryCounters memory = memory_counters();
  memory.dram = {};  // the chip's
  result.bins.add(Bin::idle, machine_.pes() * (cycles - result.cycles).value);
  result.cycles = cycles;
  result.gated = activity_.gated;
  result.energy = energy_.account(activity_, memory, cycles);
  result.buffer_read = memory.fmaps.read + memory.filters.read + memory.accumulators.read;
  result.buffer_written = memory.fmaps.written + memory.filters.written + memory.accumulators.written;
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
