// The array whose words the flow of a pass follows (row_flow.h): PEs by the times of their events, and the
// buses.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dataflows/row_stationary/row_feed.h"
#include "dataflows/row_stationary/row_flow_parts.h"
#include "dataflows/row_stationary/row_flow_shape.h"
#include "dataflows/row_stationary/row_mapping.h"

namespace basil {

// The ifmap rows that the PEs read, ascending, as offsets from the first one's first tap.
[[nodiscard]] std::vector<int> needed_rows(const RowFlowShape& shape);

struct FlowPe {
  int column = 0, above = -1, below = -1;  // numbers; -1 at the ends of the column
  const std::vector<int>* filter_slots = nullptr;
  int filters = 1, slots = 1, channels = 1;
  bool psums_in = false;
  Results results;

  int n = 0, window = 0, tap = 0, channel = 0, filter = 0;
  bool psum = false;              // at the slots that take psums in
  bool ready = false;             // the slot's operand is there, its sum's place may not be
  bool leading = false;           // the filter's slots but the last one are issued
  std::int64_t filter_beats = 0;  // of the pass when its own are all in
  FlowTime filters_there = 0;
  FlowTime free = never_known;      // the next slot may begin
  int fifo = 0, pushed = 0;         // ifmap words before the spad: visible, and pushed in this cycle
  int base = 0;                     // words of the ifmap rows before this one
  int written = 0;                  // words that entered the spad
  int released = 0, releasing = 0;  // that left it, and that leave it at the end of a slot
  FlowTime released_from = 0;       // when the latter are gone
  bool done = false;
};

class RowFlowArray {
 public:
  RowFlowArray(const RowFlowShape& shape, const RowArray& array, RowCarrier* carrier);
  // Without leaps over what repeats: the same, for tests.
  RowFlow run(bool leaps = true);

 private:
  void wire();
  void step_filter_bus(FlowTime now);
  void start_pes(FlowTime from);
  [[nodiscard]] bool filters_loaded() const { return filter_beats_in_ == flow_.filter_bus.beats; }
  void step_ifmap_bus(FlowTime now);
  bool send();
  void step_psum_in_bus(FlowTime now);
  void step_psum_out_bus(FlowTime now);
  void step(int number, FlowTime now);
  void issue(FlowPe& pe, FlowTime now);
  void issue_leaving(FlowPe& pe, FlowTime now);
  void issue_psum(FlowPe& pe, FlowTime now);
  static void operand_there(FlowPe& pe, FlowTime now, std::int64_t& waits);
  bool has_room(FlowPe& pe, FlowTime now);
  [[nodiscard]] bool word_there(const FlowPe& pe) const;
  [[nodiscard]] FlowTime psum_ready_at(const FlowPe& pe, FlowTime now) const;
  void end_word(FlowPe& pe);
  [[nodiscard]] FlowTime next_issue(const FlowPe& pe, FlowTime now) const;
  void commit(FlowTime now);
  void ask(FlowTime now);
  [[nodiscard]] bool ifmap_works() const { return shape_.ahead.ifmap_early || filters_loaded(); }
  [[nodiscard]] FlowTime next_event(FlowTime now) const;
  void result(FlowPe& pe, FlowTime now);
  void end_window(FlowPe& pe);
  void release(FlowPe& pe, FlowTime from);
  FlowPe& pe(int number) { return pes_[static_cast<std::size_t>(number)]; }

  // What a pass looks like after a window of its first PE, and what it had counted by then.
  struct Moment {
    std::vector<std::int64_t> state;  // relative to now and to that window
    FlowTime now = 0;
    int window = 0;
    RowFlow flow;
    std::int64_t sums_left = 0;
    std::vector<std::int64_t> psums_left;
  };
  [[nodiscard]] FlowTime leap(FlowTime now);
  [[nodiscard]] bool is_even() const;
  void take_down(FlowTime now, std::vector<std::int64_t>& state) const;
  [[nodiscard]] std::int64_t repeats_to_come(const Moment& before) const;
  void repeat(const Moment& before, FlowTime now, std::int64_t times);

  const RowFlowShape& shape_;
  const RowArray& array_;
  ColumnOrder order_;
  std::vector<FlowPe> pes_;
  std::vector<FlowTime> issued_at_;
  Calendar calendar_;
  std::vector<int> tops_, bottoms_;  // by column

  // The ifmap bus: who takes the words of a channel set's needed rows, and where it stands.
  std::vector<std::vector<std::vector<int>>> takers_;
  int bus_n_ = 0, bus_column_ = 0, bus_set_ = 0, bus_channel_ = 0;
  std::size_t bus_row_ = 0;
  int held_up_by_ = -1;
  std::vector<int> pushed_;

  std::vector<int> bottom_fill_, bottom_pushed_;
  std::vector<std::int64_t> psums_left_;
  std::vector<int> taken_of_window_;  // by column
  int in_column_ = 0, out_column_ = 0, just_filled_ = -1;
  bool bottoms_have_room_ = false;
  FlowTime out_wake_ = never_known;
  std::int64_t sums_left_ = 0;
  RowCarrier* carrier_;
  std::optional<FeedIn> filters_, ifmap_, psums_in_feed_;
  std::optional<FeedOut> psums_out_;
  std::int64_t filter_beats_in_ = 0;
  std::size_t loaded_pes_ = 0;
  FlowTime start_ = 0;  // of the pass: what its ifmap bus has ahead of it comes before
  bool fed_ = false;    // some stream through a feed
  FlowTime last_done_ = 0;
  std::int64_t done_cycles_ = 0;
  RowFlow flow_;

  bool leaps_ = true, window_over_ = false;  // window_over_: the first PE's, in this cycle
  std::vector<Moment> moments_;              // the latest few
  std::size_t oldest_ = 0;
};

}  // namespace basil
