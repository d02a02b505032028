#define SC_INCLUDE_DYNAMIC_PROCESSES  // sc_spawn

#include "models/machine/dma.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

#include "core/systemc/cycle_time.h"

namespace basil {
namespace {

// Bits a cycle that bring `bytes` on chip in `cycles`, rounded up.
std::int64_t pace(Bytes bytes, Cycles cycles) {
  return ceil_div(bytes.value * 8, std::max<std::int64_t>(1, cycles.value));
}

}  // namespace

Dma::Dma(const sc_core::sc_module_name& name, ProcessGuard& guard, const MemoryProtocol& memory)
    : sc_module(name),
      dram("dram", StreamKind::dram, Payloads::timing_only()),
      fmaps("fmaps", StreamKind::dram, Payloads::timing_only()),
      filters("filters", StreamKind::dram, Payloads::timing_only()),
      accumulators("accumulators", StreamKind::dram, Payloads::timing_only()),
      guard_(guard),
      protocol_(memory) {}

Cycles Dma::known_until() const {
  return asked_.empty() ? Cycles(std::numeric_limits<std::int64_t>::max()) : *asked_.begin();
}

void Dma::move(const Block& block, MemoryPort& on_chip, Done done) {
  const Cycles called = now(), asked = called + block.start;
  const auto use_buffer = [&](Cycles cycles) {
    on_chip.set_pace(pace(block.on_chip, cycles));
    return called + (block.store ? on_chip.read(block.address, block.on_chip, block.start)
                                 : on_chip.write(block.address, block.on_chip, block.start));
  };
  if (!waits() || block.in_dram.value == 0) {
    const Cycles arrived = called + (block.store ? dram.write(block.address, block.in_dram, block.start)
                                                 : dram.read(block.address, block.in_dram, block.start));
    const Cycles left = arrived - dram.network_late(), buffer = use_buffer(arrived - asked);
    done({asked, left, std::max(left, buffer), std::max(arrived, buffer)});
    return;
  }
  asked_.insert(asked);
  jobs_.push_back({block, asked, use_buffer(block.peak), std::move(done)});
  if (idle_ > 0) {
    job_.notify();
    return;
  }
  sc_core::sc_spawn_options options;
  options.set_stack_size(protocol_.stack_bytes);
  sc_core::sc_spawn([this] { work(); }, sc_core::sc_gen_unique_name("transfer"), &options);
}

void Dma::work() {
  for (;;) {
    while (!jobs_.empty()) {
      const Job job = std::move(jobs_.front());
      jobs_.pop_front();
      std::exception_ptr thrown;
      try {
        carry(job);
      } catch (const sc_core::sc_unwind_exception&) { throw; } catch (...) {
        thrown = std::current_exception();
      }
      if (thrown) guard_([&] { std::rethrow_exception(thrown); });
    }
    ++idle_;
    sc_core::wait(job_);
    --idle_;
  }
}

void Dma::carry(const Job& job) {
  const Block& block = job.block;
  if (job.asked > now()) sc_core::wait(until(job.asked));
  const Cycles called = now();
  const Cycles arrived = called + (block.store ? dram.write(block.address, block.in_dram, Cycles(0))
                                               : dram.read(block.address, block.in_dram, Cycles(0)));
  const Cycles left = arrived - dram.network_late();
  asked_.erase(asked_.find(job.asked));
  job.done({job.asked, left, std::max(left, job.buffer_done), std::max(arrived, job.buffer_done)});
}

}  // namespace basil
