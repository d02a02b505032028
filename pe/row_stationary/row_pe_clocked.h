// The clocked twin of the spad PE (pe/row_stationary/row_pe.h): the same work by registers, scratchpads and
// FIFOs that move every clock. Nothing here is computed ahead of its cycle.
//
// What the rules of row_pe.h leave open is decided so:
//   - the PE's door is an ifmap FIFO; a word "at the door in cycle k" was pushed in cycle k - 1;
//   - the filter spad is full when all filter_words() of the pass are in; no slot starts before;
//   - an incoming psum is taken from its FIFO in its slot's first cycle and rides the pipe to the adder;
//   - a slot whose sum leaves starts only if the output FIFO has a place for it besides those of the
//     results still in the pipe; so a FIFO of pipeline + 1 places never slows a taker of one sum a cycle;
//   - a gated slot touches neither filter spad, multiplier nor psum spad, except that a sum which must
//     leave in it is read.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/clocked.h"
#include "core/units.h"
#include "pe/mac/number.h"
#include "pe/row_stationary/row_pe.h"

namespace basil {

// What a PE does in a cycle.
enum class RowPeState {
  wait_weights,      // the filter spad is being filled
  product,           // a slot multiplies
  gated,             // a slot is spent on a zero ifmap word
  psum_slot,         // a slot takes in a psum
  wait_activations,  // the next slot's ifmap word is not in the spad
  wait_psums,        // the next slot's psum has not come
  wait_output,       // the output FIFO has no place for the next slot's sum
  tail,              // the pipe empties
  done,
};
inline constexpr int row_pe_states = 9;

// Where the PE stands in its work; n == RowShape::n after the last slot.
struct RowSlot {
  int n = 0, window = 0, tap = 0, channel = 0;
  int filter = 0;     // of a psum slot: the filter; else the slot among those of the ifmap word
  bool psum = false;  // one of the slots that end a window by taking in psums

  friend bool operator==(const RowSlot&, const RowSlot&) = default;
};

// What costs energy. Every product reads and writes the psum spad once (its first read of a window yields
// zero); a sum that leaves in a psum slot or in a gated slot is read once more.
struct RowPeEvents {
  std::int64_t filter_reads = 0, filter_writes = 0;
  std::int64_t ifmap_reads =
      0;  // one per window, tap and channel: the word stays in its register for p slots
  std::int64_t ifmap_writes = 0;
  std::int64_t psum_reads = 0, psum_writes = 0;
  std::int64_t products = 0, gated = 0, psum_adds = 0;

  RowPeEvents& operator+=(const RowPeEvents& other);
  friend bool operator==(const RowPeEvents&, const RowPeEvents&) = default;
};

// One PE as a waveform shows it: registers and fills at the start of the coming cycle.
template <class Word>
struct RowPeView {
  RowPeState state = RowPeState::wait_weights;  // of the cycle before
  RowSlot slot;
  int filter_spad_words = 0, ifmap_spad_words = 0;
  int ifmap_fifo = 0, psum_in_fifo = 0, psum_out_fifo = 0;
  int results_in_flight = 0;
  Word ifmap_word{};                     // operand register
  Word multiplicand{}, multiplier{};     // latched by the first pipe register
  SumOf<Word> product{}, accumulated{};  // last ones made
};

template <class Word>
class RowPeClocked {
 public:
  using Sum = SumOf<Word>;

  // The FIFOs belong to whoever wires the PE, who also commits them; psum_in is null without psums_in.
  struct Ports {
    Fifo<Word>* ifmap;
    Fifo<Sum>* psum_in;
    Fifo<Sum>* psum_out;
  };

  // `slots`: of each filter; empty for one each. Throws Error when the work does not fit the scratchpads.
  RowPeClocked(const RowPe& pe, const RowShape& shape, Ports ports, std::span<const int> slots = {});

  // The filter bus in the coming cycle: at most filter_words_per_beat words, in the order tap, channel,
  // filter. The words are read by step().
  void filter_beat(std::span<const Word> words) { beat_ = words; }
  // The beat goes into the spad at once: it came under the pass before, into the other half.
  void take_beat_ahead();
  // A cycle before the work starts: an ifmap word may enter the spad, in its other half.
  void take_word_ahead();

  void step();
  void commit();
  [[nodiscard]] std::int64_t quiet_for() const;
  void skip(std::int64_t cycles);

  [[nodiscard]] bool done() const { return next_state() == RowPeState::done; }
  // Of the cycle last stepped.
  [[nodiscard]] RowPeState state() const { return state_; }
  [[nodiscard]] Cycles cycles_in(RowPeState state) const {
    return Cycles(cycles_[static_cast<std::size_t>(state)]);
  }
  [[nodiscard]] const RowPeEvents& events() const { return events_; }
  [[nodiscard]] const RowShape& shape() const { return shape_; }
  [[nodiscard]] RowPeView<Word> view() const;

 private:
  // What travels down the pipe.
  struct Operation {
    enum class Kind { bubble, product, gated, psum } kind = Kind::bubble;
    bool leaves = false;  // the sum goes to the output
    int filter = 0;
    Word ifmap{}, weight{};
    Sum addend{};  // product or incoming psum
  };

  void lay_out_columns();
  [[nodiscard]] std::int64_t word_of(const RowSlot& slot) const;
  [[nodiscard]] bool leaves(const RowSlot& slot) const;
  [[nodiscard]] Word ifmap_operand(const RowSlot& slot) const;
  [[nodiscard]] RowPeState next_state() const;
  [[nodiscard]] bool pipe_busy() const;
  [[nodiscard]] bool word_enters() const;

  void take_filter_beat();
  void take_ifmap_word();
  [[nodiscard]] Operation issue(RowPeState state);
  [[nodiscard]] Operation issue_product(const RowSlot& slot, bool gated);
  void release_words(const RowSlot& slot);
  void advance(RowSlot slot);
  [[nodiscard]] Operation multiplied(Operation operation);
  void run_pipe(const Operation& issued);
  void accumulate(const Operation& operation);

  RowPe pe_;
  RowShape shape_;
  Ports ports_;

  // Set up with the pass, for an ifmap row: place of each column among the touched ones, and the last
  // (window, tap) that reads each touched column.
  std::vector<int> place_of_column_, last_reader_;
  std::vector<int> filter_of_slot_;

  std::span<const Word> beat_;
  std::vector<Word> filter_spad_, ifmap_spad_;
  std::vector<Sum> psum_spad_;
  std::vector<char> started_;  // per filter: the psum spad holds a sum of this window

  Register<int> filter_words_;
  Register<std::int64_t> written_, released_;  // ifmap words that entered and left the ring
  Register<RowSlot> slot_;
  Register<Word> ifmap_word_;
  std::vector<Register<Operation>> pipe_;  // between the stages: pipeline - 1 of them
  Register<int> in_flight_;                // results in the pipe
  Register<Sum> product_, accumulated_;

  RowPeState state_ = RowPeState::wait_weights;
  std::array<std::int64_t, row_pe_states> cycles_{};
  RowPeEvents events_;
};

static_assert(Clocked<RowPeClocked<std::int16_t>>);
extern template class RowPeClocked<std::int16_t>;
extern template class RowPeClocked<float>;

}  // namespace basil
