// A processing element to learn from: one multiplier a row, ofmap pixels dealt to the rows one by one, a
// product a cycle. Copy this folder to pe/serial, build again, and a machine may say `unit: {kind: serial}`.
#include "pe/unit.h"

#include <algorithm>

#include "core/error.h"
#include "pe/mac/mac_values.h"
#include "pe/pass_traffic.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/pieces.h"
#include "traces/encodings/slice.h"

namespace basil {
namespace {

// What is drawn on for energy: uses are counted in this order.
enum PartIndex : std::size_t { mac, waiting, part_count };

std::vector<Part> parts(const UnitParameters& parameters) {
  const std::string bits = parameters.dtype == Dtype::int16 ? "int16" : "int8";
  return {{.component = "mac", .name = "mac_" + bits, .instances = parameters.rows},
          {.component = "mac", .name = "mac_gated_" + bits}};
}

// What passes through the array's door: filters and whole ifmap rows as encoded, sums at 4 bytes.
void count_bytes(const Layer& layer, const TilePass& pass, TileWork& work) {
  const LayerShape& s = layer.shape;
  const Range rows = ifmap_rows(s, pass.rows);
  const std::int64_t words = std::int64_t{rows.size()} * s.W * s.C;
  std::int64_t bits = 0;
  for (int n = pass.n.first; n < pass.n.end && words > 0; ++n)
    bits += SliceReader(layer.ifmap).encoded_bits(layer.ifmap.extent.at(n, rows.first, 0, 0), words);
  work.ifmap = Bytes(ceil_div(bits, 8));
  work.weights = Bytes(ceil_div(filter_bits(layer.weights, pass.filters.first, pass.filters.end), 8));
  work.psums_out = finished_psums(s, pass);
  work.weights_first = work.weights;  // all of it, before the work starts: the toy has no stores to speak of
  work.ifmap_first = work.ifmap;
  work.psums_last = work.psums_out;
}

// The fast unit: zeros cost what anything costs, so the cycles are a formula; the values are those of `mac`.
class Serial final : public TileUnit {
 public:
  Serial(const Layer& layer, const UnitParameters& parameters)
      : layer_(layer), rows_(parameters.rows), values_(layer, parameters) {}

  TileWork run(const TilePass& pass, Ofmap& sums) override {
    const LayerShape& s = layer_.shape;
    values_.accumulate(pass, sums);
    const std::int64_t pixels = std::int64_t{pass.n.size()} * pass.rows.size() * s.Q();
    const std::int64_t pixel = pass.filters.size() * s.reduction();   // products of one
    const std::int64_t busy = std::min<std::int64_t>(rows_, pixels);  // rows with a pixel
    TileWork work;
    work.cycles = Cycles(ceil_div(pixels, rows_) * pixel);
    work.products = pixels * pixel;
    work.bins.add(Bin::compute, work.products);
    work.bins.add(Bin::imbalance, busy * work.cycles.value - work.products);
    work.bins.add(Bin::idle, (rows_ - busy) * work.cycles.value);
    work.uses = {{.count = work.products}, {.count = rows_ * work.cycles.value - work.products}};
    count_bytes(layer_, pass, work);
    return work;
  }

 private:
  const Layer& layer_;
  std::int64_t rows_;
  MacValues<std::int16_t> values_;
};

// The clocked twin: a sequencer sends out a filter's words one by one; every row multiplies the word with one
// of its pixel's.
class SerialClocked final : public ClockedTile {
 public:
  SerialClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass)
      : layer_(layer),
        pass_(pass),
        weights_(layer.weights),
        ifmap_(layer.ifmap),
        pixels_(pass.n.size() * pass.rows.size() * layer.shape.Q()),
        psums_(static_cast<std::size_t>(parameters.rows)),
        sums_(static_cast<std::size_t>(pixels_ * pass.filters.size())) {
    work_.uses.assign(part_count, {});
    count_bytes(layer, pass, work_);
  }

  void step() override {
    const int rows = static_cast<int>(psums_.size());
    for (int row = 0; row < rows; ++row) step_row(row);
    const bool filter_ends = position_.get() + 1 == layer_.shape.reduction();
    const bool pixels_end = filter_ends && filter_.get() + 1 == pass_.filters.size();
    position_.set(filter_ends ? 0 : position_.get() + 1);
    if (filter_ends) filter_.set(pixels_end ? 0 : filter_.get() + 1);
    if (pixels_end) first_pixel_.set(first_pixel_.get() + rows);
    for (auto& psum : psums_) psum.commit();
    for (auto* counter : {&position_, &filter_, &first_pixel_}) counter->commit();
    ++work_.cycles.value;
  }
  [[nodiscard]] bool done() const override { return first_pixel_.get() >= pixels_; }
  [[nodiscard]] TileWork work() const override { return work_; }
  void hand_over(Ofmap& sums) const override {
    auto sum = sums_.begin();
    for (int pixel = 0; pixel < pixels_; ++pixel, sum += pass_.filters.size()) {
      const auto [n, p, q] = place(pixel);
      std::copy_n(sum, pass_.filters.size(), sums.sums.data() + sums.at(n, p, q, pass_.filters.first));
    }
  }
  [[nodiscard]] std::vector<double> view(int row) const override {
    return {1.0 * first_pixel_.get() + row, 1.0 * filter_.get(), 1.0 * position_.get(),
            static_cast<double>(psums_[static_cast<std::size_t>(row)].get())};
  }

 private:
  struct Place {
    int n, p, q;
  };
  [[nodiscard]] Place place(int pixel) const {
    const int Q = layer_.shape.Q(), line = pixel / Q;
    return {pass_.n.first + line / pass_.rows.size(), pass_.rows.first + line % pass_.rows.size(), pixel % Q};
  }

  // The ifmap word that meets a position (tap and channel) of a filter; zero on padding.
  [[nodiscard]] std::int16_t ifmap_word(int pixel, int position) const {
    const LayerShape& s = layer_.shape;
    const auto [n, p, q] = place(pixel);
    const int depth = s.channels_per_group(), tap = position / depth;
    const int y = p * s.stride_y - s.pad_top + tap / s.S * s.dilation_y;
    const int x = q * s.stride_x - s.pad_left + tap % s.S * s.dilation_x;
    std::int16_t word = 0;
    if (y >= 0 && y < s.H && x >= 0 && x < s.W)
      ifmap_.read(layer_.ifmap.extent.at(n, y, x, pass_.group * depth + position % depth), 1, &word);
    return word;
  }

  void step_row(int row) {
    const int pixel = first_pixel_.get() + row, position = position_.get();
    if (pixel >= pixels_) {  // no more of them, or never one
      work_.bins.add(row < pixels_ ? Bin::imbalance : Bin::idle, 1);
      ++work_.uses[waiting].count;
      return;
    }
    const int filter = pass_.filters.first + filter_.get();
    std::int16_t weight = 0;
    weights_.read(filter * layer_.shape.reduction() + position, 1, &weight);
    Register<std::int64_t>& psum = psums_[static_cast<std::size_t>(row)];
    const std::int64_t bias = layer_.bias.empty() ? 0 : layer_.bias[static_cast<std::size_t>(filter)];
    const std::int64_t sum =
        (position == 0 ? bias : psum.get()) + std::int64_t{weight} * ifmap_word(pixel, position);
    psum.set(sum);
    sums_[static_cast<std::size_t>(pixel * pass_.filters.size() + filter_.get())] = sum;
    work_.bins.add(Bin::compute, 1);
    ++work_.uses[mac].count;
    ++work_.products;
  }

  const Layer& layer_;
  TilePass pass_;
  SliceReader weights_, ifmap_;
  int pixels_;                                 // of the pass
  Register<int> first_pixel_;                  // the first row's; the others' follow
  Register<int> filter_, position_;            // the sequencer's counters
  std::vector<Register<std::int64_t>> psums_;  // a row each
  std::vector<std::int64_t> sums_;             // pixel, filter
  TileWork work_;
};

void check_layer(const Layer& layer, const UnitParameters& parameters) {
  const int bits = std::max(bits_of(layer.ifmap.dtype), bits_of(layer.weights.dtype));
  if (bits <= bits_of(parameters.dtype)) return;
  throw Error("layer " + layer.name, std::to_string(bits) + "-bit operands",
              "no more bits than the unit has");
}

void check_parameters(const UnitParameters& parameters, const std::string& where) {
  if (parameters.dtype == Dtype::fp32) throw Error(where, "dtype fp32", "int8 or int16");
}

const TileArray serial_array{
    .check = check_parameters,
    .columns = [](const auto&) { return 1; },
    .cut = [](const Layer& layer, const auto&) { return TileCut{layer.shape.filters_per_group()}; },
    .parts = parts,
    .make = [](const auto&... of) -> std::unique_ptr<TileUnit> { return std::make_unique<Serial>(of...); },
    .clocked = [](const auto&... of) -> std::unique_ptr<ClockedTile> {
      return std::make_unique<SerialClocked>(of...);
    },
    .signals =
        [](const auto&) {
          return std::vector<ClockedSignal>{{"pixel", 32}, {"filter", 16}, {"position", 16}, {"psum", 32}};
        },
};

}  // namespace

extern const UnitType serial_unit;
const UnitType serial_unit{
    .name = "serial",
    .summary = "a toy: one multiplier a row, one product a cycle, zeros and all",
    .weight_encodings = {},
    .plain_weights = true,
    .check = check_layer,
    .array = &serial_array,
};

}  // namespace basil
