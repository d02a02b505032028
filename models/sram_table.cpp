#include "models/sram_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <tuple>

#include "core/error.h"

namespace basil {
namespace {

using Points = std::span<const SramPoint>;  // of one width, by size

// The straight line of the logarithms through two points, taken at `bytes`.
SramCost on_line(const SramPoint& a, const SramPoint& b, double bytes) {
  const double where = std::log(bytes / a.bytes) / std::log(static_cast<double>(b.bytes) / a.bytes);
  const auto between = [&](double SramCost::*figure) {
    return a.cost.*figure * std::pow(b.cost.*figure / (a.cost.*figure), where);
  };
  return {.read_pj = between(&SramCost::read_pj),
          .write_pj = between(&SramCost::write_pj),
          .leakage_mw = between(&SramCost::leakage_mw),
          .area_mm2 = between(&SramCost::area_mm2),
          .tag = Tag::derived};
}

// The energies of `cost`, and leakage and area of `point` in proportion to the size.
SramCost beyond(const SramPoint& point, SramCost cost, double bytes) {
  cost.leakage_mw = point.cost.leakage_mw * bytes / point.bytes;
  cost.area_mm2 = point.cost.area_mm2 * bytes / point.bytes;
  cost.tag = Tag::derived;
  return cost;
}

SramCost at_size(Points points, double bytes) {
  if (bytes < points.front().bytes) return beyond(points.front(), points.front().cost, bytes);
  if (bytes > points.back().bytes) {
    return beyond(points.back(), on_line(points[points.size() - 2], points.back(), bytes), bytes);
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

int nearest_width(Points points, int width_bits) {
  for (const SramPoint& point : points) {
    if (point.width_bits >= width_bits) return point.width_bits;
  }
  return points.back().width_bits;
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
    if (of_width(points_, point.width_bits).size() < 2) {
      throw Error("", fmt::format("one size of width {}", point.width_bits), "at least two sizes");
    }
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
  const int width = nearest_width(points_, width_bits);
  SramCost cost = at_size(of_width(points_, width), static_cast<double>(size.value));
  if (width != width_bits) {
    const double share = static_cast<double>(width_bits) / width;
    cost.read_pj *= share;
    cost.write_pj *= share;
    cost.tag = Tag::derived;
  }
  return cost;
}

}  // namespace basil
