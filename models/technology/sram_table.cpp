#include "models/technology/sram_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <span>
#include <tuple>

#include "core/error.h"

namespace basil {
namespace {

using Points = std::span<const SramPoint>;  // of one width, by size

constexpr std::array figures{&SramCost::read_pj, &SramCost::write_pj, &SramCost::leakage_mw,
                             &SramCost::area_mm2};

// The straight line of the logarithms from a (at 0) to b (at 1).
SramCost on_line(const SramCost& a, const SramCost& b, double where) {
  SramCost cost{.tag = Tag::derived};
  for (const auto figure : figures) cost.*figure = a.*figure * std::pow(b.*figure / (a.*figure), where);
  return cost;
}

double place_between(double a, double b, double value) { return std::log(value / a) / std::log(b / a); }

SramCost on_line(const SramPoint& a, const SramPoint& b, double bytes) {
  return on_line(a.cost, b.cost, place_between(a.bytes, b.bytes, bytes));
}

SramCost at_size(Points points, double bytes) {
  if (bytes <= points.front().bytes) {
    SramCost cost = points.front().cost;
    if (bytes < points.front().bytes) cost.tag = Tag::derived;
    return cost;
  }
  const SramPoint& largest = points.back();
  if (bytes > largest.bytes) {
    SramCost cost = on_line(points[points.size() - 2], largest, bytes);
    cost.leakage_mw = largest.cost.leakage_mw * bytes / largest.bytes;
    cost.area_mm2 = largest.cost.area_mm2 * bytes / largest.bytes;
    return cost;
  }
  const auto above =
      std::find_if(points.begin(), points.end(), [&](const SramPoint& p) { return p.bytes >= bytes; });
  return above->bytes == bytes ? above->cost : on_line(*std::prev(above), *above, bytes);
}

Points of_width(Points points, int width_bits) {
  const auto [first, last] = std::equal_range(
      points.begin(), points.end(), SramPoint{.bytes = 0, .width_bits = width_bits, .cost = {}},
      [](const SramPoint& a, const SramPoint& b) { return a.width_bits < b.width_bits; });
  return {first, last};
}

// What a point must cost at least: the most among those that are no larger and no wider.
SramCost envelope(const std::vector<SramPoint>& points, const SramPoint& point) {
  SramCost cost = point.cost;
  for (const SramPoint& other : points) {
    if (other.width_bits > point.width_bits || other.bytes > point.bytes) continue;
    for (const auto figure : figures) cost.*figure = std::max(cost.*figure, other.cost.*figure);
  }
  return cost;
}

bool same_sizes(Points a, Points b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const SramPoint& x, const SramPoint& y) { return x.bytes == y.bytes; });
}

void check(const SramPoint& point) {
  const SramCost& cost = point.cost;
  if (point.bytes < 1 || point.width_bits < 1 ||
      std::min({cost.read_pj, cost.write_pj, cost.leakage_mw, cost.area_mm2}) <= 0) {
    throw Error("",
                fmt::format("{} B x {} bit has a figure that is not positive", point.bytes, point.width_bits),
                "figures above 0");
  }
}

}  // namespace

std::string_view to_string(Tag tag) {
  switch (tag) {
    case Tag::measured:
      return "measured";
    case Tag::published:
      return "published";
    case Tag::derived:
      return "derived";
    case Tag::estimated:
      return "estimated";
  }
  return "";
}

SramTable::SramTable(std::vector<SramPoint> points) : points_(std::move(points)) {
  const auto key = [](const SramPoint& point) { return std::tuple(point.width_bits, point.bytes); };
  std::sort(points_.begin(), points_.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  const auto twin = std::adjacent_find(points_.begin(), points_.end(),
                                       [&](const auto& a, const auto& b) { return key(a) == key(b); });
  if (twin != points_.end()) {
    throw Error("", fmt::format("{} B x {} bit stands there twice", twin->bytes, twin->width_bits),
                "one point");
  }
  if (points_.empty()) throw Error("", "no points", "at least two sizes");
  for (const SramPoint& point : points_) {
    check(point);
    if (widths_.empty() || widths_.back() != point.width_bits) widths_.push_back(point.width_bits);
  }
  const Points narrowest = of_width(points_, widths_.front());
  if (narrowest.size() < 2)
    throw Error("", fmt::format("one size of width {}", widths_.front()), "two sizes");
  for (const int width : widths_) {
    if (!same_sizes(of_width(points_, width), narrowest))
      throw Error("", fmt::format("other sizes of width {} than of {}", width, widths_.front()), "the same");
  }
  const std::vector<SramPoint> raw = points_;
  for (SramPoint& point : points_) {
    const SramCost cost = envelope(raw, point);
    const bool moved = std::any_of(figures.begin(), figures.end(),
                                   [&](const auto figure) { return cost.*figure > point.cost.*figure; });
    if (!moved) continue;
    raised_.push_back({point, cost});
    point.cost = cost;
    point.cost.tag = Tag::derived;
  }
}

InterpolationError SramTable::leave_one_out() const {
  InterpolationError error;
  for (std::size_t i = 1; i + 1 < points_.size(); ++i) {
    const SramPoint &before = points_[i - 1], &point = points_[i], &after = points_[i + 1];
    if (before.width_bits != after.width_bits) continue;
    const SramCost predicted = on_line(before, after, point.bytes);
    const auto compare = [&](InterpolationError::Figure& figure, double SramCost::*cost) {
      const double off = std::abs(predicted.*cost / (point.cost.*cost) - 1);
      figure.max = std::max(figure.max, off);
      figure.mean += off;
    };
    compare(error.read, &SramCost::read_pj);
    compare(error.write, &SramCost::write_pj);
    compare(error.leakage, &SramCost::leakage_mw);
    compare(error.area, &SramCost::area_mm2);
    ++error.points;
  }
  const auto points = static_cast<double>(std::max<std::size_t>(1, error.points));
  for (auto* figure : {&error.read, &error.write, &error.leakage, &error.area}) figure->mean /= points;
  return error;
}

SramCost SramTable::at(Bytes size, int width_bits) const {
  if (size < Bytes(1) || width_bits < 1) {
    throw Error("memory", fmt::format("{} B of {}-bit words", size.value, width_bits),
                "at least 1 B and 1 bit");
  }
  const int widest = widths_.back();
  const auto macros = static_cast<int>(ceil_div(width_bits, widest));
  SramCost most = macro(static_cast<double>(size.value), std::min(width_bits, widest));
  for (int count = 2; count <= macros; ++count) {
    const double width =
        static_cast<double>(std::min<std::int64_t>(width_bits, std::int64_t{count} * widest));
    const SramCost each = macro(static_cast<double>(size.value) / count, width / count);
    for (const auto figure : figures) most.*figure = std::max(most.*figure, count * each.*figure);
    most.tag = Tag::derived;
  }
  return most;
}

SramCost SramTable::macro(double bytes, double width_bits) const {
  const auto above = std::lower_bound(widths_.begin(), widths_.end(), width_bits);
  SramCost cost = at_size(of_width(points_, *above), bytes);
  if (*above == width_bits) return cost;
  if (above == widths_.begin()) {
    cost.tag = Tag::derived;
    return cost;
  }
  const int below = *std::prev(above);
  return on_line(at_size(of_width(points_, below), bytes), cost, place_between(below, *above, width_bits));
}

}  // namespace basil
