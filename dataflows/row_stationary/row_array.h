// The clocked row-stationary array: logical PEs, the FIFOs between them and the four buses, moved a cycle
// at a time. No SystemC in here; a module steps it on every clock edge.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/cycle_account.h"
#include "dataflows/row_stationary/row_block.h"
#include "dataflows/row_stationary/row_buses.h"
#include "pe/row_stationary/row_pe_clocked.h"

namespace basil {

// One pass on the array. In order of a cycle:
//   - the filter bus starts in cycle 0; the ifmap bus in the cycle after the last filter beat; the psum-in
//     bus in cycle 0, if sums come back in;
//   - in a column (filter set, ofmap row) psums climb from the last channel set's last filter row to the
//     first one's first, through FIFOs; the bottom PE takes psums only if the pass has psums_in;
//   - sums at the top leave over the psum-out bus; the pass is done when it has taken the last one.
// Each PE-cycle is counted in one bin, by what the PE did:
//   compute, gated    a slot that multiplies, or is spent on a zero
//   wait_psums        a slot that takes in a psum, waits for one, or waits for the PE above to take one
//   noc               the top PE waits because the psum-out bus has left its FIFO full
//   wait_activations  also while the ifmap bus is held up by another PE's full FIFO
//   drain             the pipe empties, or all PEs are done and sums are still leaving
//   imbalance         done, while other PEs are not
template <class Word>
class RowArrayClocked {
 public:
  using Sum = SumOf<Word>;

  // Throws Error for a block whose spans do not have the shape's sizes, for wiring without a place or a
  // word somewhere, and where a PE's share exceeds its spads.
  RowArrayClocked(const RowArrayWiring& wiring, const RowBlock<Word>& block);
  RowArrayClocked(const RowArrayClocked&) = delete;  // PEs point to its FIFOs
  RowArrayClocked& operator=(const RowArrayClocked&) = delete;

  // Before the first cycle: filter beats that came under the pass before, and as many cycles of the ifmap
  // bus.
  void filters_ahead(std::int64_t beats);
  void ifmap_ahead(std::int64_t cycles);
  // One cycle, clock edge included; `offered`: what the buffers give and take in it (of sums, the places
  // there are for them).
  void step(const ArrayWords& offered = all_ready);
  // In the cycle last stepped.
  [[nodiscard]] const ArrayWords& moved() const { return moved_; }
  // Of the pass, filters that came ahead among them.
  [[nodiscard]] ArrayWords all_words() const;
  [[nodiscard]] bool filters_loaded() const { return filter_bus_.done(); }
  // Every PE is done; sums may still be leaving.
  [[nodiscard]] bool slots_over() const;
  [[nodiscard]] std::int64_t ifmap_takers() const { return ifmap_bus_.takers(); }
  [[nodiscard]] bool done() const { return psum_out_bus_.done(); }
  [[nodiscard]] Cycles cycles() const { return cycles_; }

  // Over the mapped PEs; sums to pes() * cycles().
  [[nodiscard]] const CycleAccount& bins() const { return bins_; }
  // Summed over the PEs.
  [[nodiscard]] RowPeEvents events() const;
  // Psums handed from PE to PE.
  [[nodiscard]] std::int64_t link_words() const;
  [[nodiscard]] const BusUse& filter_bus() const { return filter_bus_.use(); }
  [[nodiscard]] const BusUse& ifmap_bus() const { return ifmap_bus_.use(); }
  [[nodiscard]] const BusUse& psum_in_bus() const { return psum_in_bus_.use(); }
  [[nodiscard]] const BusUse& psum_out_bus() const { return psum_out_bus_.use(); }
  // n x rows x windows x filters; complete when done().
  [[nodiscard]] const std::vector<Sum>& psums() const { return psum_out_bus_.psums(); }

  // PEs are numbered by filter set, channel set, filter row, ofmap row, ofmap row innermost.
  [[nodiscard]] int pes() const { return static_cast<int>(pes_.size()); }
  [[nodiscard]] RowPePlace place(int pe) const { return pe_place(block_.shape, pe); }
  [[nodiscard]] const RowPeClocked<Word>& pe(int number) const {
    return pes_[static_cast<std::size_t>(number)];
  }
  [[nodiscard]] RowPeView<Word> view(int number) const { return pe(number).view(); }
  // PEs that multiplied or took in a psum in the last cycle.
  [[nodiscard]] int active_pes() const;

 private:
  void add_pe(const RowArrayWiring& wiring, int number);
  void count_cycle();
  void commit();

  RowBlock<Word> block_;
  bool double_ifmap_;
  std::vector<Fifo<Word>> doors_;   // by PE
  std::vector<Fifo<Sum>> bottoms_;  // psums coming in, by column
  std::vector<Fifo<Sum>> links_;    // out of each PE but the top ones, by PE
  std::vector<Fifo<Sum>> tops_;     // sums going out, by column
  std::vector<RowPeClocked<Word>> pes_;
  FilterBus<Word> filter_bus_;
  IfmapBus<Word> ifmap_bus_;
  PsumInBus<Sum> psum_in_bus_;
  PsumOutBus<Sum> psum_out_bus_;
  Cycles cycles_;
  ArrayWords moved_;
  CycleAccount bins_;
};

extern template class RowArrayClocked<std::int16_t>;
extern template class RowArrayClocked<float>;

}  // namespace basil
