#include "pe/sparse_outer/outer_operands.h"

#include "pe/sparse_outer/nonzero_map.h"

namespace basil {

OuterActivations::OuterActivations(const Layer& layer, const OuterMachine& machine, const SliceReader& ifmap,
                                   const OuterBand& band, int group, int n)
    : channels_(layer.shape.channels_per_group()), phases_(band.phases), skip_(machine.skip_ifmap) {
  const OuterPlane& plane = band.plane;
  const Extent& extent = layer.ifmap.extent;
  words_.resize(static_cast<std::size_t>(plane.in_pixels() * channels_));
  std::int16_t* out = words_.data();
  for (int y = plane.in_rows.first; y < plane.in_rows.end; ++y) {
    const int pixels = layer.shape.groups == 1 ? plane.in_cols.size() : 1;
    for (int x = plane.in_cols.first; x < plane.in_cols.end; x += pixels, out += pixels * channels_) {
      ifmap.read(extent.at(n, y, x, group * channels_), std::int64_t{pixels} * channels_, out);
    }
  }
  const int tiles = plane.grid.tiles();
  streams_.resize(static_cast<std::size_t>(channels_ * phases_));
  counts_.resize(streams_.size() * static_cast<std::size_t>(tiles));
  each_pixel(band, &OuterActivations::count);
  lay_streams(machine, tiles);
  each_pixel(band, &OuterActivations::place);
}

void OuterActivations::each_pixel(const OuterBand& band, Visit visit) {
  const std::int16_t* words = words_.data();
  for (std::size_t pixel = 0; pixel < band.tile_of.size(); ++pixel, words += channels_) {
    if (band.phase_of[pixel] >= 0) (this->*visit)(band, static_cast<int>(pixel), words);
  }
}

void OuterActivations::count(const OuterBand& band, int pixel, const std::int16_t* words) {
  const auto at = static_cast<std::size_t>(pixel), phase = static_cast<std::size_t>(band.phase_of[at]);
  const auto tiles = static_cast<std::size_t>(band.plane.grid.tiles());
  const auto phases = static_cast<std::size_t>(phases_);
  int* counts = counts_.data() + phase * tiles + static_cast<std::size_t>(band.tile_of[at]);
  map_nonzeros(words, channels_, map_);
  for_each_bit(map_, [&](int c) {
    const std::size_t stream = static_cast<std::size_t>(c) * phases;
    ++streams_[stream + phase].nonzeros;
    if (skip_) ++counts[stream * tiles];
  });
  if (skip_) return;
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels_); ++c) ++counts[c * phases * tiles];
}

void OuterActivations::lay_streams(const OuterMachine& machine, int tiles) {
  next_.reserve(counts_.size());
  std::size_t end = 0;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    Stream& stream = streams_[i];
    stream.by_tile = counts_.data() + i * static_cast<std::size_t>(tiles);
    for (int tile = 0; tile < tiles; ++tile) {
      next_.push_back(end + static_cast<std::size_t>(stream.count));
      stream.count += stream.by_tile[tile];
      stream.vectors += ceil_div(stream.by_tile[tile], machine.ifmap_vector);
    }
    end += static_cast<std::size_t>(stream.count);
    vectors_ += stream.vectors;
  }
  entries_.resize(end);
  const OuterBand::Entry* first = entries_.data();
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    streams_[i].entries = first;
    first += streams_[i].count;
    if (streams_[i].count > 0) busy_.push_back(i);
  }
}

void OuterActivations::place(const OuterBand& band, int pixel, const std::int16_t* words) {
  const auto at = static_cast<std::size_t>(pixel);
  const auto tiles = static_cast<std::size_t>(band.plane.grid.tiles());
  const std::size_t pitch = static_cast<std::size_t>(phases_) * tiles;  // of a channel
  std::size_t* next = next_.data() + static_cast<std::size_t>(band.phase_of[at]) * tiles +
                      static_cast<std::size_t>(band.tile_of[at]);
  if (skip_) {
    map_nonzeros(words, channels_, map_);
    for_each_bit(map_,
                 [&](int c) { entries_[next[static_cast<std::size_t>(c) * pitch]++] = band.entries[at]; });
    return;
  }
  const OuterBand::Entry zero = band.zero(band.phase_of[at]);
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels_); ++c) {
    entries_[next[c * pitch]++] = words[c] != 0 ? band.entries[at] : zero;
  }
}

void OuterWeights::read(const Layer& layer, const OuterMachine& machine, const SliceReader& weights,
                        const OuterBand& band, Range filters) {
  const LayerShape& shape = layer.shape;
  const int channels = shape.channels_per_group(), taps = shape.R * shape.S;
  make_room(shape, machine, filters.size());
  for (int k = filters.first; k < filters.end; ++k) {
    weights.read(layer.weights.extent.at(k, 0, 0, 0), static_cast<std::int64_t>(filter_.size()),
                 filter_.data());
    const std::int16_t* words = filter_.data();
    for (int tap = 0; tap < taps; ++tap, words += channels) {
      const std::int64_t row = tap / shape.S * shape.dilation_y / shape.stride_y;
      const std::int64_t col = tap % shape.S * shape.dilation_x / shape.stride_x;
      const std::int64_t address =
          (k - filters.first) * band.plane.region() - row * band.plane.acc_cols - col;
      const Weight weight{tap, bank_of(address, machine.banks)};
      const int phase = phase_of_[static_cast<std::size_t>(tap)];
      if (machine.skip_weights) {
        map_nonzeros(words, channels, map_);
        for_each_bit(map_, [&](int c) { add(c, phase, weight, false); });
        continue;
      }
      for (int c = 0; c < channels; ++c) {
        const bool zero = words[c] == 0;
        add(c, phase, zero ? Weight{.tap = taps} : weight, zero);
      }
    }
  }
  vectors_ = 0;
  for (const int count : counts_) vectors_ += vectors_for_[static_cast<std::size_t>(count)];
}

void OuterWeights::make_room(const LayerShape& shape, const OuterMachine& machine, int filters) {
  const auto phases = static_cast<std::size_t>(phases_.count());
  const auto channels = static_cast<std::size_t>(shape.channels_per_group());
  starts_.assign(phases + 1, 0);
  phase_of_.clear();
  for (int tap = 0; tap < shape.R * shape.S; ++tap) {
    phase_of_.push_back(phases_.of_tap(tap / shape.S, tap % shape.S));
    starts_[static_cast<std::size_t>(phase_of_.back()) + 1] += static_cast<std::size_t>(filters);
  }
  for (std::size_t phase = 0; phase < phases; ++phase) starts_[phase + 1] += starts_[phase];
  channel_words_ = starts_.back();
  vectors_for_.clear();
  for (std::size_t count = 0; count <= channel_words_; ++count) {
    vectors_for_.push_back(
        static_cast<int>(ceil_div(static_cast<std::int64_t>(count), machine.weight_vector)));
  }
  lists_.resize(channel_words_ * channels);
  counts_.assign(phases * channels, 0);
  nonzeros_.assign(counts_.size(), 0);
  filter_.resize(phase_of_.size() * channels);
}

void OuterWeights::add(int channel, int phase, const Weight& weight, bool zero) {
  const auto c = static_cast<std::size_t>(channel), p = static_cast<std::size_t>(phase);
  const std::size_t at = c * (starts_.size() - 1) + p;
  lists_[c * channel_words_ + starts_[p] + static_cast<std::size_t>(counts_[at]++)] = weight;
  if (!zero) ++nonzeros_[at];
}

OuterWeights::List OuterWeights::list(std::size_t stream) const {
  const std::size_t phases = starts_.size() - 1;
  const std::size_t channel = phases == 1 ? stream : stream / phases, phase = stream - channel * phases;
  return {.weights = lists_.data() + channel * channel_words_ + starts_[phase],
          .count = counts_[stream],
          .nonzeros = nonzeros_[stream],
          .vectors = vectors_for_[static_cast<std::size_t>(counts_[stream])]};
}

}  // namespace basil
