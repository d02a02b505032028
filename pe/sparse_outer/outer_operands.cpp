#include "pe/sparse_outer/outer_operands.h"

#include <algorithm>
#include <map>

#include "pe/sparse_outer/nonzero_map.h"

namespace basil {
namespace {

// Positions of an axis by what they meet: their place modulo the stride, and the taps that reach an ofmap
// position from there.
struct AxisClasses {
  std::vector<std::vector<std::uint8_t>> taps;  // of each class, one flag a tap
  std::vector<std::uint32_t> of;                // by position
};

struct AxisShape {
  int taps, stride, dilation, pad;
};

AxisClasses classify(const AxisShape& axis, Range in, Range out) {
  AxisClasses classes;
  std::map<std::pair<int, std::vector<std::uint8_t>>, std::uint32_t> known;
  for (int i = in.first; i < in.end; ++i) {
    std::vector<std::uint8_t> reaches(static_cast<std::size_t>(axis.taps));
    for (int tap = 0; tap < axis.taps; ++tap) {
      const int place = i + axis.pad - tap * axis.dilation;
      const bool lands = place >= 0 && place % axis.stride == 0 && place / axis.stride >= out.first &&
                         place / axis.stride < out.end;
      reaches[static_cast<std::size_t>(tap)] = lands ? 1 : 0;
    }
    const auto next = static_cast<std::uint32_t>(known.size());
    const auto [entry, is_new] = known.insert({{(i + axis.pad) % axis.stride, reaches}, next});
    if (is_new) classes.taps.push_back(reaches);
    classes.of.push_back(entry->second);
  }
  return classes;
}

int modulo(std::int64_t a, int b) { return static_cast<int>(((a % b) + b) % b); }

}  // namespace

OuterBand::OuterBand(const LayerShape& shape, const OuterMachine& machine, const StridePhases& stride_phases,
                     Range rows)
    : plane(lay_out(shape, machine, rows)),
      phases(stride_phases.count()),
      taps(static_cast<std::size_t>(shape.R) * static_cast<std::size_t>(shape.S)) {
  sort_pixels(shape, machine, stride_phases);
  place_pixels();
}

void OuterBand::sort_pixels(const LayerShape& shape, const OuterMachine& machine,
                            const StridePhases& stride_phases) {
  const auto down =
      classify({shape.R, shape.stride_y, shape.dilation_y, shape.pad_top}, plane.in_rows, plane.rows);
  const auto across =
      classify({shape.S, shape.stride_x, shape.dilation_x, shape.pad_left}, plane.in_cols, {0, shape.Q()});
  for (const auto& rows : down.taps) {
    for (const auto& cols : across.taps) {
      for (const std::uint8_t row : rows) {
        for (const std::uint8_t col : cols) valid.push_back(row & col);
      }
    }
  }
  for (int y = plane.in_rows.first; y < plane.in_rows.end; ++y) {
    const auto row = static_cast<std::size_t>(y - plane.in_rows.first);
    for (int x = plane.in_cols.first; x < plane.in_cols.end; ++x) {
      const auto col = static_cast<std::size_t>(x - plane.in_cols.first);
      const int index = static_cast<int>(row) / plane.grid.tile_rows * plane.grid.across +
                        static_cast<int>(col) / plane.grid.tile_cols;
      const OuterTile& tile = plane.tiles[static_cast<std::size_t>(index)];
      // A product of tap (r, s) goes to the accumulator of row (y + pad - r * dilation) / stride: the
      // activation's part of it, and the tap's, both rounded down alike in a phase.
      const std::int64_t acc_row = (y + shape.pad_top) / shape.stride_y - tile.first_row;
      const std::int64_t acc_col = (x + shape.pad_left) / shape.stride_x - tile.first_col;
      const int turn = modulo(-(acc_row * plane.acc_cols + acc_col), machine.banks);
      pixels.push_back({down.of[row] * static_cast<std::uint32_t>(across.taps.size()) + across.of[col],
                        static_cast<std::uint32_t>(turn)});
      tile_of.push_back(index);
      phase_of.push_back(stride_phases.of_pixel(y, x));
    }
  }
  // A zero takes a slot and lands nowhere.
  auto zero = static_cast<std::uint32_t>(down.taps.size() * across.taps.size());
  for (int phase = 0; phase < phases; ++phase) {
    pixels.push_back({zero++, 0});
    valid.insert(valid.end(), taps, 0);
  }
}

void OuterBand::place_pixels() {
  const auto width = static_cast<std::size_t>(phases) + 1;
  places.assign(plane.tiles.size() * width + 1, 0);
  sorts.resize(plane.tiles.size() * static_cast<std::size_t>(phases));
  for (std::size_t pixel = 0; pixel < tile_of.size(); ++pixel) {
    if (phase_of[pixel] < 0) continue;
    const auto tile = static_cast<std::size_t>(tile_of[pixel]),
               phase = static_cast<std::size_t>(phase_of[pixel]);
    ++places[tile * width + phase + 1];
    auto& list = sorts[tile * static_cast<std::size_t>(phases) + phase];
    if (std::find(list.begin(), list.end(), pixels[pixel].sort) == list.end())
      list.push_back(pixels[pixel].sort);
  }
  for (std::size_t i = 1; i < places.size(); ++i) places[i] += places[i - 1];
}

OuterActivations::OuterActivations(const Layer& layer, const OuterMachine& machine, const SliceReader& ifmap,
                                   const OuterBand& band, int group, int n)
    : channels_(layer.shape.channels_per_group()) {
  const OuterPlane& plane = band.plane;
  const auto lists =
      static_cast<std::size_t>(channels_) * plane.tiles.size() * static_cast<std::size_t>(band.phases);
  lists_.resize(static_cast<std::size_t>(channels_ * plane.in_pixels()));
  counts_.resize(lists);
  nonzeros_.resize(lists);

  const Extent& extent = layer.ifmap.extent;
  std::vector<std::int16_t> row(static_cast<std::size_t>(plane.in_cols.size()) *
                                static_cast<std::size_t>(channels_));
  int pixel = 0;
  for (int y = plane.in_rows.first; y < plane.in_rows.end; ++y) {
    if (layer.shape.groups == 1) {
      ifmap.read(extent.at(n, y, plane.in_cols.first, 0), static_cast<std::int64_t>(row.size()), row.data());
    } else {
      std::int16_t* out = row.data();
      for (int x = plane.in_cols.first; x < plane.in_cols.end; ++x, out += channels_) {
        ifmap.read(extent.at(n, y, x, group * channels_), channels_, out);
      }
    }
    const std::int16_t* words = row.data();
    for (int x = 0; x < plane.in_cols.size(); ++x, words += channels_, ++pixel) {
      if (band.phase_of[static_cast<std::size_t>(pixel)] >= 0) add(band, pixel, words, machine.skip_ifmap);
    }
  }
  for (const int count : counts_) vectors_ += ceil_div(count, machine.ifmap_vector);
}

void OuterActivations::add(const OuterBand& band, int pixel, const std::int16_t* words, bool skip) {
  const auto at = static_cast<std::size_t>(pixel);
  const int tile = band.tile_of[at], phase = band.phase_of[at];
  const std::size_t lists_a_channel = band.plane.tiles.size() * static_cast<std::size_t>(band.phases);
  const auto list = static_cast<std::size_t>(tile * band.phases + phase);
  const auto pixels = static_cast<std::size_t>(band.plane.in_pixels());
  const auto first = static_cast<std::size_t>(band.place(tile, phase));
  const auto append = [&](int channel, int entry) {
    const auto c = static_cast<std::size_t>(channel);
    int& count = counts_[c * lists_a_channel + list];
    lists_[c * pixels + first + static_cast<std::size_t>(count++)] = static_cast<std::uint32_t>(entry);
  };
  map_nonzeros(words, channels_, map_);
  for_each_bit(map_, [&](int c) { ++nonzeros_[static_cast<std::size_t>(c) * lists_a_channel + list]; });
  if (skip) {
    for_each_bit(map_, [&](int c) { append(c, pixel); });
    return;
  }
  const int zero = static_cast<int>(band.tile_of.size()) + phase;
  for (int c = 0; c < channels_; ++c) append(c, words[c] != 0 ? pixel : zero);
}

OuterActivations::List OuterActivations::list(const OuterBand& band, int channel, int tile, int phase) const {
  const auto c = static_cast<std::size_t>(channel);
  const std::size_t at = c * band.plane.tiles.size() * static_cast<std::size_t>(band.phases) +
                         static_cast<std::size_t>(tile * band.phases + phase);
  const std::size_t first = c * static_cast<std::size_t>(band.plane.in_pixels()) +
                            static_cast<std::size_t>(band.place(tile, phase));
  return {lists_.data() + first, counts_[at], nonzeros_[at]};
}

void OuterWeights::read(const Layer& layer, const OuterMachine& machine, const SliceReader& weights,
                        const OuterBand& band, Range filters) {
  const LayerShape& shape = layer.shape;
  const int channels = shape.channels_per_group(), taps = shape.R * shape.S;
  const auto phases = static_cast<std::size_t>(phases_.count());
  starts_.assign(phases + 1, 0);
  std::vector<int> phase_of(static_cast<std::size_t>(taps));
  for (int tap = 0; tap < taps; ++tap) {
    const int phase = phases_.of_tap(tap / shape.S, tap % shape.S);
    phase_of[static_cast<std::size_t>(tap)] = phase;
    starts_[static_cast<std::size_t>(phase) + 1] += static_cast<std::size_t>(filters.size());
  }
  for (std::size_t phase = 0; phase < phases; ++phase) starts_[phase + 1] += starts_[phase];
  channel_words_ = starts_.back();
  lists_.resize(channel_words_ * static_cast<std::size_t>(channels));
  counts_.assign(phases * static_cast<std::size_t>(channels), 0);
  nonzeros_.assign(counts_.size(), 0);
  filter_.resize(static_cast<std::size_t>(taps * channels));

  for (int k = filters.first; k < filters.end; ++k) {
    weights.read(layer.weights.extent.at(k, 0, 0, 0), static_cast<std::int64_t>(filter_.size()),
                 filter_.data());
    for (int tap = 0; tap < taps; ++tap) {
      const std::int16_t* words = filter_.data() + static_cast<std::ptrdiff_t>(tap) * channels;
      const std::int64_t row = tap / shape.S * shape.dilation_y / shape.stride_y;
      const std::int64_t col = tap % shape.S * shape.dilation_x / shape.stride_x;
      const std::int64_t address =
          (k - filters.first) * band.plane.region() - row * band.plane.acc_cols - col;
      const Weight weight{tap, static_cast<std::uint32_t>(modulo(address, machine.banks))};
      const int phase = phase_of[static_cast<std::size_t>(tap)];
      if (machine.skip_weights) {
        map_nonzeros(words, channels, map_);
        for_each_bit(map_, [&](int c) { add(c, phase, weight); });
      } else {
        for (int c = 0; c < channels; ++c) add(c, phase, words[c] != 0 ? weight : Weight{});
      }
    }
  }
}

void OuterWeights::add(int channel, int phase, const Weight& weight) {
  const auto c = static_cast<std::size_t>(channel), p = static_cast<std::size_t>(phase);
  const std::size_t at = c * (starts_.size() - 1) + p;
  lists_[c * channel_words_ + starts_[p] + static_cast<std::size_t>(counts_[at]++)] = weight;
  if (weight.tap >= 0) ++nonzeros_[at];
}

OuterWeights::List OuterWeights::list(int channel, int phase) const {
  const auto c = static_cast<std::size_t>(channel), p = static_cast<std::size_t>(phase);
  const std::size_t at = c * (starts_.size() - 1) + p;
  return {lists_.data() + c * channel_words_ + starts_[p], counts_[at], nonzeros_[at]};
}

BankCounts::BankCounts(const OuterMachine& machine, int lanes)
    : banks_(static_cast<std::size_t>(machine.banks)),
      vector_(static_cast<std::size_t>(machine.weight_vector)),
      lanes_(static_cast<std::size_t>(lanes)) {}

void BankCounts::forget(const OuterBand& band) {
  const std::size_t classes = band.valid.size() / band.taps;
  if (made_.size() < classes) {
    made_.resize(classes);
    starts_.resize(classes);
    landing_.resize(classes);
  }
  used_ = 0;
  ++channel_;
}

void BankCounts::make(const OuterBand& band, std::uint32_t sort, const OuterWeights::List& weights) {
  if (made_[sort] == channel_) return;
  made_[sort] = channel_;
  starts_[sort] = used_;
  const std::size_t pitch = 2 * lanes_;
  const auto count = static_cast<std::size_t>(weights.count);
  used_ += (count + vector_ - 1) / vector_ * pitch;
  if (counts_.size() < used_) counts_.resize(2 * used_);
  std::int16_t* row = counts_.data() + starts_[sort];
  std::fill_n(row, used_ - starts_[sort], std::int16_t{0});
  int landing = 0;
  for (std::size_t first = 0; first < count; first += vector_, row += pitch) {
    for (std::size_t i = first; i < std::min(first + vector_, count); ++i) {
      const OuterWeights::Weight& weight = weights.weights[i];
      if (weight.tap < 0 || !band.meets(sort, weight.tap)) continue;
      ++landing;
      for (std::size_t bank = weight.bank; bank < pitch; bank += banks_) ++row[bank];
    }
  }
  landing_[sort] = landing;
}

}  // namespace basil
