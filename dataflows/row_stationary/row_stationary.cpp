#include "dataflows/row_stationary/row_stationary.h"

#include <fmt/format.h>

#include "dataflows/row_stationary/row_loops.h"

namespace basil {
namespace {

class RowSchedule final : public Schedule {
 public:
  RowSchedule(const LayerShape& shape, const RowMapping& mapping)
      : shape_(shape), map_(mapping), loops_(shape, mapping) {}

  std::optional<Step> next() override {
    if (done_) return std::nullopt;
    Step step = at_counters();
    step.id = id_++;
    previous_ = step;
    advance();
    return step;
  }

  [[nodiscard]] std::int64_t size() const override { return loops_.size(); }

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
    return fmt::format(
        "m={} n={} e={} p={} q={} r={} t={}{}{}", map_.m, map_.n, map_.e, map_.p, map_.q, map_.r, map_.t,
        map_.taps_y == shape_.R && map_.taps_x == shape_.S
            ? std::string()
            : fmt::format(" taps={}x{}", map_.taps_y, map_.taps_x),
        map_.ifmap_words == 0 ? std::string() : fmt::format(" ifmap_words={}", map_.ifmap_words));
  }

 private:
  void advance() {
    for (std::size_t level = RowLoops::levels; level-- > 0;) {
      if (++at_[level] < loops_.bound(level, at_)) return;
      at_[level] = 0;
    }
    done_ = true;
  }

  [[nodiscard]] Step at_counters() const {
    const RowPass now = loops_.pass(at_);
    const std::int64_t sets = ceil_div(now.channels.size(), map_.q) * ceil_div(now.filters.size(), map_.p);
    Step step;
    step.pass = OwnPass(now);
    step.active_pes = sets * now.taps_y.size() * now.rows.size();
    step.weights = {
        .filters = now.filters, .channels = now.channels, .taps_y = now.taps_y, .taps_x = now.taps_x};
    step.outputs = row_outputs(now, shape_);
    step.ifmap = loops_.ifmap(now);
    step.ofmap = {now.n, now.filters, now.rows};
    step.store_ofmap = now.last;
    step.load_ifmap = !previous_ || !(step.ifmap == previous_->ifmap);
    return step;
  }

  LayerShape shape_;
  RowMapping map_;
  RowLoops loops_;
  RowLoops::Counters at_{};
  std::optional<Step> previous_;
  std::int64_t id_ = 0;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<Schedule> row_schedule(const LayerShape& shape, const RowMapping& mapping) {
  return std::make_unique<RowSchedule>(shape, mapping);
}

OutputBlock row_outputs(const RowPass& pass, const LayerShape& shape) {
  return {.filters = pass.filters,
          .images = pass.n,
          .pixels = {pass.rows.first * shape.Q(), pass.rows.end * shape.Q()}};
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
