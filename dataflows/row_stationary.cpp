#include "dataflows/row_stationary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pe/pass_traffic.h"

namespace basil {
namespace {

// The loop nest, one counter a level, innermost last.
class RowSchedule final : public Schedule {
 public:
  RowSchedule(const LayerShape& shape, const RowMapping& mapping) : shape_(shape), map_(mapping) {
    const int filters = shape.filters_per_group();
    const auto count = [](int of, int by) { return static_cast<int>(ceil_div(of, by)); };
    bounds_ = {shape.groups,
               count(filters, map_.m),
               count(shape.N, map_.n),
               count(shape.P(), map_.e),
               count(shape.R, map_.taps_y),
               count(shape.S, map_.taps_x),
               count(shape.channels_per_group(), map_.q * map_.r),
               count(std::min(map_.m, filters), map_.p * map_.t)};
  }

  std::optional<Step> next() override {
    if (done_) return std::nullopt;
    Step step = at_counters();
    step.id = id_++;
    previous_ = step;
    advance();
    return step;
  }

  [[nodiscard]] std::int64_t size() const override {
    const int last_block = shape_.filters_per_group() - (bounds_[filter_block] - 1) * map_.m;
    std::int64_t chunks = ceil_div(last_block, map_.p * map_.t);
    chunks += std::int64_t{bounds_[filter_block] - 1} * bounds_[filter_chunk];
    for (const int level : {group, batch, strip, tap_y, tap_x, channel_chunk})
      chunks *= bounds_[static_cast<std::size_t>(level)];
    return chunks;
  }

  [[nodiscard]] ReductionOrder reduction_order() const override {
    const int depth = shape_.channels_per_group();
    const auto pieces = [](int of, int by) { return static_cast<int>(ceil_div(of, by)); };
    const int across = pieces(shape_.S, map_.taps_x), deep = pieces(depth, map_.q * map_.r);
    ReductionOrder order;
    for (int y = 0; y < shape_.R; ++y) {
      for (int x = 0; x < shape_.S; ++x) {
        for (int c = 0; c < depth; ++c)
          order.push_back((y / map_.taps_y * across + x / map_.taps_x) * deep + c / (map_.q * map_.r));
      }
    }
    return order;
  }

  [[nodiscard]] std::string describe() const override {
    return fmt::format("m={} n={} e={} p={} q={} r={} t={}{}", map_.m, map_.n, map_.e, map_.p, map_.q, map_.r,
                       map_.t,
                       map_.taps_y == shape_.R && map_.taps_x == shape_.S
                           ? std::string()
                           : fmt::format(" taps={}x{}", map_.taps_y, map_.taps_x));
  }

 private:
  enum Level : std::size_t {
    group,
    filter_block,
    batch,
    strip,
    tap_y,
    tap_x,
    channel_chunk,
    filter_chunk,
    levels
  };

  [[nodiscard]] Range block_filters() const {
    return piece(at_[filter_block], map_.m, shape_.filters_per_group());
  }

  [[nodiscard]] int bound(std::size_t level) const {
    if (level != filter_chunk) return bounds_[level];
    return static_cast<int>(ceil_div(block_filters().size(), map_.p * map_.t));
  }

  void advance() {
    for (std::size_t level = levels; level-- > 0;) {
      if (++at_[level] < bound(level)) return;
      at_[level] = 0;
    }
    done_ = true;
  }

  [[nodiscard]] bool sums_start() const {
    return at_[tap_y] == 0 && at_[tap_x] == 0 && at_[channel_chunk] == 0;
  }
  [[nodiscard]] bool sums_end() const {
    return at_[tap_y] + 1 == bounds_[tap_y] && at_[tap_x] + 1 == bounds_[tap_x] &&
           at_[channel_chunk] + 1 == bounds_[channel_chunk];
  }

  [[nodiscard]] RowPass pass() const {
    const int filters = shape_.filters_per_group();
    const Range block = block_filters();
    const Range chunk = piece(at_[filter_chunk], map_.p * map_.t, block.size());
    const int base = at_[group] * filters + block.first;
    return {.group = at_[group],
            .n = piece(at_[batch], map_.n, shape_.N),
            .filters = {base + chunk.first, base + chunk.end},
            .channels = piece(at_[channel_chunk], map_.q * map_.r, shape_.channels_per_group()),
            .taps_y = piece(at_[tap_y], map_.taps_y, shape_.R),
            .taps_x = piece(at_[tap_x], map_.taps_x, shape_.S),
            .rows = piece(at_[strip], map_.e, shape_.P()),
            .p = map_.p,
            .q = map_.q,
            .r = map_.r,
            .t = map_.t,
            .first = sums_start(),
            .last = sums_end()};
  }

  [[nodiscard]] Step at_counters() const {
    const RowPass now = pass();
    const int channel = now.group * shape_.channels_per_group();
    const std::int64_t sets = ceil_div(now.channels.size(), map_.q) * ceil_div(now.filters.size(), map_.p);
    Step step;
    step.pass = now;
    step.active_pes = sets * now.taps_y.size() * now.rows.size();
    step.ifmap = {now.n,
                  {channel + now.channels.first, channel + now.channels.end},
                  ifmap_rows(shape_, now.rows, now.taps_y)};
    step.ofmap = {now.n, now.filters, now.rows};
    step.store_ofmap = now.last;
    step.load_ifmap = !previous_ || !(step.ifmap == previous_->ifmap);
    return step;
  }

  LayerShape shape_;
  RowMapping map_;
  std::array<int, levels> bounds_{};
  std::array<int, levels> at_{};
  std::optional<Step> previous_;
  std::int64_t id_ = 0;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<Schedule> row_schedule(const LayerShape& shape, const RowMapping& mapping) {
  return std::make_unique<RowSchedule>(shape, mapping);
}

RowShape pe_share(const LayerShape& shape, const RowMapping& mapping, bool psums_in) {
  return {.n = mapping.n,
          .p = mapping.p,
          .q = mapping.q,
          .taps = mapping.taps_x,
          .stride = shape.stride_x,
          .dilation = shape.dilation_x,
          .windows = shape.Q(),
          .psums_in = psums_in};
}

}  // namespace basil
