#include "models/layer/layer_cut.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "models/layer/schedules.h"

namespace basil {
namespace {

std::vector<Range> stretches(int of, int size) {
  std::vector<Range> ranges;
  for (int first = 0; first < of; first += size) ranges.push_back({first, std::min(of, first + size)});
  return ranges;
}

// A stretch that would see padding alone is joined to its neighbour.
std::vector<Range> stretches(const PlaneAxis& axis, int size) {
  std::vector<Range> ranges{{0, axis.out}};
  for (int cut = size; cut < axis.out; cut += size) {
    Range& last = ranges.back();
    if (axis.behind({last.first, cut}).size() == 0 || axis.behind({cut, axis.out}).size() == 0) continue;
    last.end = cut;
    ranges.push_back({cut, axis.out});
  }
  return ranges;
}

// Stretches of an axis that make boxes alike: one of them, and how many there are.
struct Alike {
  Range range;
  int size = 0, before = 0, after = 0;  // ifmap places, and padding around them
  std::int64_t count = 0;
};

std::vector<Alike> alike(const std::vector<Range>& ranges, const PlaneAxis& axis) {
  std::vector<Alike> kinds;
  for (const Range& range : ranges) {
    const Range window = axis.window(range), behind = axis.behind(range);
    const Alike found{range, behind.size(), behind.first - window.first, window.end - behind.end, 0};
    const auto known = std::find_if(kinds.begin(), kinds.end(), [&](const Alike& kind) {
      return kind.range.size() == range.size() && kind.size == found.size && kind.before == found.before &&
             kind.after == found.after;
    });
    ++(known == kinds.end() ? kinds.emplace_back(found) : *known).count;
  }
  return kinds;
}

// Of an axis that is no plane's: places of ifmap and ofmap are the same.
std::vector<Alike> alike(const std::vector<Range>& ranges) {
  return alike(ranges, PlaneAxis{.in = ranges.back().end, .out = ranges.back().end});
}

int greatest(const std::vector<Range>& ranges) {
  int size = 0;
  for (const Range& range : ranges) size = std::max(size, range.size());
  return size;
}

// What of a layer a dataflow and a unit look at before they run it: all but the operands' values.
Layer outline(const Layer& layer) {
  Layer bare;
  bare.name = layer.name;
  bare.kind = layer.kind;
  bare.shape = layer.shape;
  bare.weights.encoding = layer.weights.encoding;
  bare.weights.dtype = layer.weights.dtype;
  bare.weights.own = layer.weights.own;
  return bare;
}

class CutSearch {
 public:
  CutSearch(const Layer& layer, const Description& machine, Mapper& mapper)
      : layer_(layer), machine_(machine), mapper_(mapper), outline_(outline(layer)), whole_(layer.shape) {}

  LayerCut best() {
    BoxSize size = size_of(whole_);
    if (mapper_.has(outline_)) return {whole_, size};
    if (!fits(size)) {
      if (!widen(size, &BoxSize::columns, 1, whole_.Q())) size = in_channels();
    }
    if (machine_.dataflow->maps) shorten_rows(size);
    return {whole_, size};
  }

 private:
  // What the machine lacks for a box of this size, if anything.
  std::optional<Error> lacks(const BoxSize& size) {
    const LayerCut cut(whole_, size);
    if (!cut.in_channels()) return lacks(cut, machine_, mapper_);
    const std::int64_t room =
        (machine_.accumulators ? *machine_.accumulators : machine_.fmap_buffer).room().value;
    if (cut.psums(machine_).value > room) {
      return Error("layer " + outline_.name + " on " + machine_.name + ": psums between channels",
                   fmt::format("{} bytes of buffer", room),
                   fmt::format("at least {}: those of one box", cut.psums(machine_).value));
    }
    const Description kept = with_psums_kept(machine_, cut);
    return lacks(cut, kept, mapper_.on(kept));
  }

  std::optional<Error> lacks(const LayerCut& cut, const Description& machine, const Mapper& mapper) {
    for (const LayerCut::Kind& kind : cut.kinds()) {
      outline_.shape = shape_of(whole_, kind.box);
      if (auto error = lacking(outline_, machine, mapper)) return error;
    }
    return std::nullopt;
  }

  bool fits(const BoxSize& size) { return !lacks(size); }

  // Sets the extent to the greatest that fits; false where not even `least` does.
  bool widen(BoxSize& size, int BoxSize::*extent, int least, int most) {
    size.*extent = least;
    if (!fits(size)) return false;
    for (int too_many = most + 1; too_many - least > 1;) {
      const int middle = least + (too_many - least) / 2;
      size.*extent = middle;
      (fits(size) ? least : too_many) = middle;
    }
    // As even as that many pieces allow.
    const auto pieces = static_cast<int>(ceil_div(most, least));
    size.*extent = static_cast<int>(ceil_div(most, pieces));
    if (!fits(size)) size.*extent = least;
    return true;
  }

  // The fewest boxes over ever fewer channels.
  BoxSize in_channels() {
    const int depth = whole_.channels_per_group();
    BoxSize pixel{.filters = whole_.K, .channels = depth};
    while (!widen(pixel, &BoxSize::channels, 1, depth)) {
      if (whole_.groups > 1 || pixel.filters == 1) throw *lacks(pixel);
      pixel.filters = (pixel.filters + 1) / 2;
    }
    std::optional<BoxSize> best;
    std::int64_t fewest = 0;
    for (int channels = pixel.channels;; channels = (channels + 1) / 2) {
      BoxSize size = pixel;
      size.channels = channels;
      // Fewer channels than all leave psums in the buffer, so that less may not fit where all do.
      if (best && !fits(size)) return *best;
      widen(size, &BoxSize::columns, 1, whole_.Q());
      widen(size, &BoxSize::rows, 1, whole_.P());
      const std::int64_t boxes = LayerCut(whole_, size).boxes();
      if (!best || boxes < fewest) {
        best = size;
        fewest = boxes;
      }
      if (channels == 1) return *best;
    }
  }

  // Twice as many column pieces as long as that is likely to score clearly better.
  void shorten_rows(BoxSize& size) {
    const RowData data = row_data(layer_, machine_);
    double cost = expected(size, data);
    while (size.columns > 1) {
      BoxSize shorter = size;
      shorter.columns = (size.columns + 1) / 2;
      if (!fits(shorter)) return;
      const double shorter_cost = expected(shorter, data);
      if (shorter_cost >= clearly_better * cost) return;
      size = shorter;
      cost = shorter_cost;
    }
  }

  double expected(const BoxSize& size, const RowData& data) {
    double sum = 0;
    for (const LayerCut::Kind& kind : LayerCut(whole_, size).kinds())
      sum += static_cast<double>(kind.boxes) * mapper_.expected(shape_of(whole_, kind.box), data);
    return sum;
  }

  static constexpr double clearly_better = 0.95;
  const Layer& layer_;
  const Description& machine_;
  Mapper& mapper_;
  Layer outline_;
  LayerShape whole_;
};

}  // namespace

BoxSize size_of(const LayerShape& s) { return {s.N, s.P(), s.Q(), s.K, s.channels_per_group()}; }

LayerCut::LayerCut(const LayerShape& shape, const BoxSize& size)
    : shape_(shape),
      images_(stretches(shape.N, size.images)),
      filters_(stretches(shape.K, size.filters)),
      rows_(stretches(down(shape), size.rows)),
      columns_(stretches(across(shape), size.columns)),
      channels_(stretches(shape.channels_per_group(), size.channels)) {}

std::int64_t LayerCut::boxes() const {
  std::int64_t boxes = 1;
  for (const auto* axis : {&images_, &filters_, &rows_, &columns_, &channels_})
    boxes *= static_cast<std::int64_t>(axis->size());
  return boxes;
}

LayerBox LayerCut::box(std::int64_t index) const {
  const auto take = [&](const std::vector<Range>& axis) {
    const auto size = static_cast<std::int64_t>(axis.size());
    const Range range = axis[static_cast<std::size_t>(index % size)];
    index /= size;
    return range;
  };
  LayerBox box;
  box.channels = take(channels_);
  box.columns = take(columns_);
  box.rows = take(rows_);
  box.filters = take(filters_);
  box.images = take(images_);
  return box;
}

std::vector<LayerCut::Kind> LayerCut::kinds() const {
  std::vector<Kind> kinds;
  for (const Alike& n : alike(images_)) {
    for (const Alike& k : alike(filters_)) {
      for (const Alike& p : alike(rows_, down(shape_))) {
        for (const Alike& q : alike(columns_, across(shape_))) {
          for (const Alike& c : alike(channels_)) {
            kinds.push_back({{n.range, p.range, q.range, k.range, c.range},
                             n.count * k.count * p.count * q.count * c.count});
          }
        }
      }
    }
  }
  return kinds;
}

Bytes LayerCut::psums(const Description& machine) const {
  const std::int64_t sums =
      std::int64_t{greatest(images_)} * greatest(rows_) * greatest(columns_) * greatest(filters_);
  return Bytes(sums * machine.psum_bytes());
}

std::string LayerCut::describe() const {
  std::string text;
  const auto add = [&](const char* axis, const std::vector<Range>& ranges) {
    if (ranges.size() > 1) text += fmt::format("{}={}x{} ", axis, ranges.size(), greatest(ranges));
  };
  add("images", images_);
  add("filters", filters_);
  add("rows", rows_);
  add("columns", columns_);
  add("channels", channels_);
  return text;
}

Description with_psums_kept(const Description& machine, const LayerCut& cut) {
  Description kept = machine;
  if (!kept.accumulators) kept.fmap_buffer.bytes -= (kept.fmap_buffer.doubled ? 2 : 1) * cut.psums(machine);
  return kept;
}

LayerCut cut_layer(const Layer& layer, const Description& machine, Mapper& mapper) {
  LayerCut cut = CutSearch(layer, machine, mapper).best();
  // What the sums over words of windows come to channel by channel the golden executor cannot say.
  if (cut.in_channels() && layer.weights.encoding->window_words != nullptr &&
      may_overflow(layer, machine.sum_width())) {
    throw Error(fmt::format("layer {} on {}: a {} in pieces over channels", layer.name, machine.name,
                            to_string(layer.weights.encoding)),
                fmt::format("psum_bits {}, which some sum may exceed", machine.psum_bits),
                fmt::format("at least {}", bits_of_sum(sum_bound(layer))));
  }
  return cut;
}

std::int64_t count_passes(const Layer& layer, const Description& machine, Mapper& mapper) {
  const LayerCut cut = cut_layer(layer, machine, mapper);
  if (cut.whole()) return make_schedule(layer, machine, mapper)->size();
  const Description kept = cut.in_channels() ? with_psums_kept(machine, cut) : machine;
  Mapper for_kept = mapper.on(kept);
  const LayerCutter cutter(layer);
  std::int64_t passes = 0;
  for (const LayerCut::Kind& kind : cut.kinds())
    passes += kind.boxes * make_schedule(cutter.cut(kind.box), kept, for_kept)->size();
  return passes;
}

}  // namespace basil
