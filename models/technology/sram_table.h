// The cost of an SRAM macro of any size and width, from a table of measured ones.
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

// No figure falls as size or width grow. Where a table's does (CACTI optimises each memory by itself), it is
// raised to the greatest among the memories that are no larger and no wider: its monotone envelope.
class SramTable {
 public:
  // Points in any order, each of a size and width of its own, every figure above 0, the same sizes for every
  // width and at least two of them. Error (without a file) otherwise.
  explicit SramTable(std::vector<SramPoint> points);

  // Size: between points on the straight line of the logarithms. A memory smaller than the smallest costs
  // what that costs: no generator makes less. Beyond the largest, energy follows the last two points, leakage
  // and area are in proportion to the size. Width: between points likewise; narrower than the narrowest costs
  // what that costs; a wider word than the widest is spread over as many macros side by side as it needs,
  // each with its share of words and size, and never costs less than it would in fewer. A tabulated point
  // that the envelope leaves alone keeps its tag, all else is `derived`. Error for a size or width below 1.
  [[nodiscard]] SramCost at(Bytes size, int width_bits) const;

  // Each point but the smallest and largest of its width, predicted from its two neighbours as if it were not
  // there. Neighbours are then twice as far apart as in use, so it is an upper estimate.
  [[nodiscard]] InterpolationError leave_one_out() const;

  [[nodiscard]] const std::vector<SramPoint>& points() const { return points_; }

  // A point that the envelope raised: as it was, and as it is used.
  struct Raised {
    SramPoint raw;
    SramCost used;
  };
  [[nodiscard]] const std::vector<Raised>& raised() const { return raised_; }

 private:
  [[nodiscard]] SramCost macro(double bytes, double width_bits) const;

  std::vector<SramPoint> points_;  // by width, then by size
  std::vector<int> widths_;
  std::vector<Raised> raised_;
};

}  // namespace basil
