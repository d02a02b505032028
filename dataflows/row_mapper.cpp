// Choosing p q r t e n m for a layer: a small exhaustive search under the machine's sizes.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "core/error.h"
#include "dataflows/row_stationary.h"

namespace basil {
namespace {

// Sets of taps_y x e PEs that the array holds: a set wider than the array is cut into strips, one above
// the other.
int sets_held(const RowArray& array, int taps_y, int e) {
  const int slots = array.rows / taps_y;
  if (e <= array.cols) return slots * (array.cols / e);
  return slots / static_cast<int>(ceil_div(e, array.cols));
}

std::int64_t psum_bytes(const LayerShape& shape, const RowArray& array, const RowMapping& map) {
  return std::int64_t{std::min(map.m, shape.filters_per_group())} * map.n * map.e * shape.Q() *
         array.psum_bytes();
}

std::int64_t ifmap_tile_bytes(const LayerShape& shape, const RowArray& array, const RowMapping& map) {
  const int rows = (map.e - 1) * shape.stride_y + (map.taps_y - 1) * shape.dilation_y + 1;
  return std::int64_t{map.n} * map.q * map.r * std::min(rows, shape.H) * shape.W * array.word_bytes;
}

bool buffer_holds(const LayerShape& shape, const RowArray& array, const RowMapping& map) {
  return psum_bytes(shape, array, map) + ifmap_tile_bytes(shape, array, map) <= array.fmap_buffer.value;
}

// A pass's filters fit the prefetch buffer.
bool filters_prefetch(const LayerShape& shape, const RowArray& array, const RowMapping& map) {
  const std::int64_t words = std::int64_t{std::min(map.p * map.t, shape.filters_per_group())} *
                             std::min(map.q * map.r, shape.channels_per_group()) * map.taps_y * map.taps_x;
  return words * array.word_bytes <= array.filter_buffer.value;
}

// Divisors of a fold first: every size that cuts `of` into a different number of pieces, largest first.
std::vector<int> useful_sizes(int of, int most) {
  std::vector<int> sizes;
  for (int size = std::min(of, most); size >= 1;) {
    const auto pieces = static_cast<int>(ceil_div(of, size));
    const auto evenest = static_cast<int>(ceil_div(of, pieces));
    if (sizes.empty() || sizes.back() != evenest) sizes.push_back(evenest);
    if (evenest == 1) break;
    // the greatest size that makes one piece more
    size = std::min(evenest - 1, static_cast<int>(ceil_div(of, pieces + 1)));
  }
  return sizes;
}

struct Cost {
  double cycles = 0;
  double dram_bytes = 0;
  friend bool operator<(const Cost& a, const Cost& b) {
    return std::tie(a.cycles, a.dram_bytes) < std::tie(b.cycles, b.dram_bytes);
  }
};

// Processing by the busiest of PEs and buses, filter loading before each pass, fmap traffic beside it.
Cost estimate(const LayerShape& shape, const RowArray& array, const RowMapping& map) {
  const auto pieces = [](int of, int by) { return static_cast<double>(ceil_div(of, by)); };
  const double filter_blocks = pieces(shape.filters_per_group(), map.m);
  const double chunks = pieces(shape.channels_per_group(), map.q * map.r) * pieces(shape.R, map.taps_y) *
                        pieces(shape.S, map.taps_x);
  const double blocks = shape.groups * pieces(shape.N, map.n) * pieces(shape.P(), map.e);
  const double passes = blocks * pieces(shape.filters_per_group(), map.p * map.t) * chunks;

  const double filter_words = static_cast<double>(map.p) * map.q * map.taps_x * array.weight_slots;
  const double loading = static_cast<double>(map.r) * map.t * map.taps_y *
                         ceil_div(static_cast<std::int64_t>(filter_words), array.pe.filter_words_per_beat);
  const double windows = static_cast<double>(map.n) * shape.Q();
  const double slots = windows * (filter_words + map.p);
  const int rows = (map.e - 1) * shape.stride_y + (map.taps_y - 1) * shape.dilation_y + 1;
  const double ifmap_words =
      static_cast<double>(map.n) * shape.W * rows * map.q * map.r / array.ifmap_words_per_cycle;
  const double psum_beats =
      windows * map.e * map.t * static_cast<double>(ceil_div(map.p, array.psum_words_per_beat));
  const double busy = std::max({slots, ifmap_words, psum_beats});

  Cost cost;
  const double ifmap_bytes =
      blocks * filter_blocks * chunks * static_cast<double>(ifmap_tile_bytes(shape, array, map));
  const double weight_bytes = passes * loading * array.pe.filter_words_per_beat * array.word_bytes;
  cost.dram_bytes = ifmap_bytes + weight_bytes;
  cost.cycles = passes * (loading + std::max(busy, weight_bytes / passes / array.dram_bytes_per_cycle)) +
                ifmap_bytes / array.dram_bytes_per_cycle;
  return cost;
}

class Search {
 public:
  // `prefetching`: only mappings whose passes' filters fit the prefetch buffer.
  Search(const LayerShape& shape, const RowArray& array, bool prefetching)
      : shape_(shape), array_(array), prefetching_(prefetching) {}

  std::optional<RowMapping> best() {
    RowMapping map;
    map.taps_y = std::min(shape_.R, array_.rows);
    map.taps_x = widest_taps();
    if (map.taps_x == 0) return std::nullopt;
    for (const int e : useful_sizes(shape_.P(), array_.cols * (array_.rows / map.taps_y))) {
      map.e = e;
      const int sets = sets_held(array_, map.taps_y, e);
      if (sets < 1) continue;
      try_interleavings(map, sets);
    }
    return best_;
  }

 private:
  // Filter columns of a pass: as many as the spads hold for one channel.
  [[nodiscard]] int widest_taps() const {
    for (int taps = shape_.S; taps >= 1; --taps) {
      const RowShape share{
          .taps = taps, .stride = shape_.stride_x, .dilation = shape_.dilation_x, .windows = shape_.Q()};
      if (taps * array_.weight_slots <= array_.pe.filter_spad &&
          ifmap_spad_needed(share) <= array_.pe.ifmap_spad)
        return taps;
    }
    return 0;
  }

  void try_interleavings(RowMapping map, int sets) {
    const RowShape one_channel{
        .taps = map.taps_x, .stride = shape_.stride_x, .dilation = shape_.dilation_x, .windows = shape_.Q()};
    const int most_q = array_.pe.ifmap_spad / ifmap_spad_needed(one_channel);
    for (const int q : useful_sizes(shape_.channels_per_group(), most_q)) {
      const int most_p =
          std::min(array_.pe.psum_spad, array_.pe.filter_spad / (q * map.taps_x * array_.weight_slots));
      for (const int p : useful_sizes(shape_.filters_per_group(), most_p)) {
        map.p = p;
        map.q = q;
        for (const int t : useful_sizes(static_cast<int>(ceil_div(shape_.filters_per_group(), p)), sets)) {
          map.t = t;
          map.r = std::min(sets / t, static_cast<int>(ceil_div(shape_.channels_per_group(), q)));
          if (!prefetching_ || filters_prefetch(shape_, array_, map)) try_blocks(map);
        }
      }
    }
  }

  void try_blocks(RowMapping map) {
    const int chunk = map.p * map.t;
    for (const int n : useful_sizes(shape_.N, shape_.N)) {
      map.n = n;
      for (const int chunks :
           useful_sizes(static_cast<int>(ceil_div(shape_.filters_per_group(), chunk)), shape_.K)) {
        map.m = chunks * chunk;
        if (!buffer_holds(shape_, array_, map)) continue;
        const Cost cost = estimate(shape_, array_, map);
        if (!best_ || cost < best_cost_) {
          best_ = map;
          best_cost_ = cost;
        }
        break;  // fewer chunks only bring the ifmap in more often
      }
    }
  }

  const LayerShape& shape_;
  const RowArray& array_;
  bool prefetching_;
  std::optional<RowMapping> best_;
  Cost best_cost_;
};

}  // namespace

RowMapping choose_mapping(const LayerShape& shape, const RowArray& array, const std::string& where) {
  // Filters that cannot be prefetched stream in while the array waits: slower, but they run.
  for (const bool prefetching : {true, false}) {
    if (const auto mapping = Search(shape, array, prefetching).best()) return *mapping;
  }
  const RowMapping least{.taps_y = std::min(shape.R, array.rows)};
  const std::int64_t bytes = psum_bytes(shape, array, least) + ifmap_tile_bytes(shape, array, least);
  if (bytes > array.fmap_buffer.value) {
    throw Error(where + ": buffer.bytes", fmt::format("{} bytes for feature maps", array.fmap_buffer.value),
                fmt::format("at least {}: one row of psums and the ifmap rows behind it", bytes));
  }
  throw Error(where, "no mapping fits the array and its spads",
              "an ifmap spad and a filter spad of at least one word");
}

double estimated_cycles(const LayerShape& shape, const RowArray& array, const RowMapping& map) {
  return estimate(shape, array, map).cycles;
}

void check_mapping(const LayerShape& shape, const RowArray& array, const RowMapping& map,
                   const std::string& where) {
  const auto demand = [&](bool holds, const char* letters, std::int64_t found, const std::string& expected) {
    if (!holds) throw Error(where + ": mapping " + letters, std::to_string(found), expected);
  };
  for (const auto& [letter, value] : {std::pair{"m", map.m},
                                      {"n", map.n},
                                      {"e", map.e},
                                      {"p", map.p},
                                      {"q", map.q},
                                      {"r", map.r},
                                      {"t", map.t},
                                      {"taps_y", map.taps_y},
                                      {"taps_x", map.taps_x}}) {
    demand(value >= 1, letter, value, "at least 1");
  }
  const RowShape share = pe_share(shape, map, true);
  demand(map.p <= array.pe.psum_spad, "p", map.p,
         fmt::format("at most the psum spad's {} words", array.pe.psum_spad));
  const std::int64_t filter_words = share.filter_words() * array.weight_slots;
  demand(filter_words <= array.pe.filter_spad, "p*q*taps_x", filter_words,
         fmt::format("at most the filter spad's {} words", array.pe.filter_spad));
  demand(ifmap_spad_needed(share) <= array.pe.ifmap_spad, "q", map.q,
         fmt::format("at most the ifmap spad's {} words ({} needed)", array.pe.ifmap_spad,
                     ifmap_spad_needed(share)));
  demand(map.taps_y <= array.rows, "taps_y", map.taps_y,
         fmt::format("at most the array's {} rows", array.rows));
  demand(map.r * map.t <= sets_held(array, map.taps_y, map.e), "r*t", map.r * map.t,
         fmt::format("at most the {} sets of {} x {} PEs the array holds",
                     sets_held(array, map.taps_y, map.e), map.taps_y, map.e));
  demand(buffer_holds(shape, array, map), "m*n*e",
         psum_bytes(shape, array, map) + ifmap_tile_bytes(shape, array, map),
         fmt::format("at most {} bytes of psums and ifmap tile", array.fmap_buffer.value));
}

}  // namespace basil
