// The clocked twin of the comparator array: the pipeline of parts.h by counters, stores, a queue and psum
// registers that move every clock. Nothing here is computed ahead of its cycle.
#pragma once

#include <cstdint>
#include <vector>

#include "core/clocked.h"
#include "pe/unit.h"
#include "traces/encodings/slice.h"

namespace basil::comparator_array {

// What the comparators of a row do in a cycle.
enum class CompareState { done, compare, wait_place };
// What its shift-adders do.
enum class AddState { done, add, empty_pixel, wait_codes };

// Of one of the array's rows, for a waveform: what view() returns.
[[nodiscard]] std::vector<ClockedSignal> signals(const UnitParameters& parameters);

class ComparatorClocked final : public ClockedTile {
 public:
  ComparatorClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass);

  void step() override;
  [[nodiscard]] bool done() const override;
  [[nodiscard]] TileWork work() const override;
  void hand_over(Ofmap& sums) const override;
  [[nodiscard]] std::vector<std::int64_t> effectual_work() const override;  // in pixels
  [[nodiscard]] std::vector<double> view(int row) const override;

 private:
  using Words = std::vector<std::int16_t>;

  // Where stage 2 stands in its pixel.
  struct Slot {
    int block = 0, word = 0, round = 0;
    bool starts = false;  // the first of its block: psums start from the bias
  };
  struct Row {
    explicit Row(int queue) : codes(queue) {}

    int pixels = 0;                     // dealt to this row
    Register<int> compared, added;      // of them, by stage 1 and by stage 2
    Register<std::int64_t> comparison;  // next one of stage 1's pixel
    Words window;                       // store: the words of the pixel, pivot and taps side by side
    std::int16_t pivot = 0;             // of the channel that is being compared
    Words building;                     // the place of the queue that stage 1 writes
    Fifo<Words> codes;
    Register<bool> under_way;  // stage 2 has had slots of its pixel; `slot` is the next
    Register<Slot> slot;
    std::vector<Register<std::int64_t>> psums;    // a lane each
    CompareState comparing = CompareState::done;  // of the cycle last stepped
    AddState adding = AddState::done;
    int word = 0;   // that the shift-adders took
    int lanes = 0;  // that computed
  };
  struct Pixel {
    int n, p, q;
  };

  void fill_buffer();
  void deal();
  [[nodiscard]] Pixel pixel_of(int row, int ordinal) const;
  [[nodiscard]] std::int16_t ifmap_word(const Pixel& pixel, int place, int channel) const;

  void compare(Row& row, int index);
  void fetch_taps(Row& row, const Pixel& pixel);
  void run_comparator(Row& row, std::int64_t comparison);

  void add(Row& row, int index);
  void start_pixel(Row& row, const Pixel& pixel);
  void take_slot(Row& row, const Words& words, const Slot& slot, int index);
  void run_lane(Row& row, int lane, const Slot& slot, std::int64_t* out);
  void finish_pixel(Row& row);
  void wait(const Row& row, Bin bin);

  [[nodiscard]] int next_taken(const Words& words, int from) const;
  // The slot after this one, or the first; false where the pixel has no more.
  [[nodiscard]] bool first_slot(const Words& words, int from_block, Slot& slot) const;
  [[nodiscard]] bool next_slot(const Words& words, Slot& slot) const;
  [[nodiscard]] int code(int filter, int round, int word) const;
  [[nodiscard]] std::int64_t bias(int filter) const;

  const Layer& layer_;
  TilePass pass_;
  SliceReader ifmap_;
  bool compares_, skip_zero_;
  int compare_lanes_, add_lanes_, mapped_;  // mapped: lanes that have a filter of the pass
  int length_;                              // words of a pixel
  bool window_holds_, weights_stay_;
  UnitParameters parameters_;
  std::int64_t weight_words_ = 0;     // of the pass
  std::vector<std::int64_t> starts_;  // codes before each filter of the layer, and of all
  std::vector<int> rounds_;           // of each block of filters

  Range buffer_rows_;
  Words buffer_;  // n, y, x, C
  std::vector<Row> rows_;
  std::vector<std::int64_t> sums_;  // pixel, filter of the pass; registers preset with the bias
  TileWork work_;
};

}  // namespace basil::comparator_array
