// The cost of a memory of any size and width, from a table of measured ones.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/units.h"

namespace basil {

// How a figure came to be: a tool run, a publication, arithmetic on the former, or a guess.
enum class Tag { measured, published, derived, estimated };
[[nodiscard]] std::string_view to_string(Tag tag);

// One memory: an access moves a word.
struct SramCost {
  double read_pj = 0, write_pj = 0;
  double leakage_mw = 0;
  double area_mm2 = 0;
  Tag tag = Tag::estimated;
};

struct SramPoint {
  int bytes = 0, width_bits = 0;
  SramCost cost;
};

// How far interpolated figures lie from tabulated ones, as a share of these.
struct InterpolationError {
  struct Figure {
    double max = 0, mean = 0;
  };
  Figure read, write, leakage, area;
  std::size_t points = 0;  // that were compared
};

class SramTable {
 public:
  // Points in any order, each of a size and width of its own, every figure above 0, at least two
  // sizes of each width. Error (without a file) otherwise.
  explicit SramTable(std::vector<SramPoint> points);

  // Width: the nearest tabulated one >= `width_bits` (the widest for wider words), energy scaled by
  // width_bits / tabulated width.
  // Size: between points of that width on the straight line of the logarithms. Below the smallest the
  // energy stays (decoder and sense amplifiers remain), beyond the largest it follows the last two
  // points; in both cases leakage and area are in proportion to the size.
  // A tabulated point keeps its tag, all else is `derived`. Error for a size or width below 1.
  [[nodiscard]] SramCost at(Bytes size, int width_bits) const;

  // Each point but the smallest and largest of its width, predicted from its two neighbours as if it were not
  // there. Neighbours are then twice as far apart as in use, so it is an upper estimate.
  [[nodiscard]] InterpolationError leave_one_out() const;

  [[nodiscard]] const std::vector<SramPoint>& points() const { return points_; }

 private:
  std::vector<SramPoint> points_;  // by width, then by size
};

}  // namespace basil
