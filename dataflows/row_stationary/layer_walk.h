// A layer's passes one after the other, repeats at once.
#pragma once

#include <optional>

#include "dataflows/pass_sequence.h"
#include "dataflows/row_stationary/pass_costs.h"

namespace basil {

// Goes through the loop nest and lets every pass wait and prefetch as the sequencer does. Where an iteration
// of a loop is like the one before it, and began in the same state (transfers under way and the pass about to
// begin, relative to now), those like it that follow take as long: they are counted, not walked.
class LayerWalk {
 public:
  LayerWalk(const LayerShape& shape, const RowData& data, const RowArray& array, const RowPrices& prices,
            const RowMapping& mapping, PassCosts& costs);

  [[nodiscard]] RowCost run();

 private:
  struct Turn {  // a pass whose turn it is, or the next
    RowPass pass;
    const PassCost* cost = nullptr;  // with nothing ahead
    PassLoads loads;
    bool store = false;
    Bytes weights, ifmap, ifmap_in_buffer, ofmap;
  };
  struct State {
    Cycles now, link_free;
    Cycles weights_ready, ifmap_ready, stores_done, filter_bus_free;
    PassAsked asked;  // for the pass to come
    RowCost cost;     // but for cycles
    Turn turn;        // the pass that waits for the one after it to be known
  };

  void walk(std::size_t level);
  [[nodiscard]] Turn turn_of(const RowPass& pass);
  [[nodiscard]] bool lacks_weights() const;
  void run_pass(const Turn* next);
  Cycles load(Bytes from_dram, Bytes on_chip, const StreamPath& port, double price_on_chip, Cycles at);
  void load_weights(const Turn& turn, Cycles at);
  void load_ifmap(const Turn& turn, Cycles at);
  void store(const Turn& turn);

  [[nodiscard]] bool alike(std::size_t level, int a, int b) const;
  [[nodiscard]] static bool same_turn(const Turn& a, const Turn& b);
  [[nodiscard]] static bool began_alike(const State& a, const State& b);
  void repeat(const State& before, std::int64_t times);
  void stand_behind(std::size_t level, int iteration);

  const LayerShape& shape_;
  const RowData& data_;
  const RowArray& array_;
  const RowPrices& prices_;
  RowMapping map_;
  RowLoops loops_;
  PassCosts& costs_;
  bool uniform_;
  RowLoops::Counters at_{};
  std::optional<RowPass> previous_;
  FmapTile previous_ifmap_;
  State state_;
};

}  // namespace basil
