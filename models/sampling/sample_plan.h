// Which ofmap blocks of a layer a sampled run computes, and which of them stands in for each other one.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "core/random_stream.h"
#include "models/description/description.h"
#include "models/mapping/mapper.h"
#include "models/result/sampling.h"
#include "traces/trace.h"

namespace basil {

// The sampled unit is the ofmap block with every pass that adds to it, since only finished sums say what
// leaves the chip. Blocks of the same extents, in order of the work their non-zeros promise, are cut into
// strata of which at least `least_computed` blocks are computed; a class of fewer than `least_sampled` blocks
// is computed whole, since the spread of so few says little of the ones left out. A stratum is cut once more
// into as many strips: of each one block is drawn, and what it took, pass by pass, the others of the strip
// take too.
class SamplePlan {
 public:
  static constexpr std::int64_t least_computed = 6, least_sampled = 2 * least_computed;

  struct Block {
    double work = 0;  // that its non-zeros promise, in no unit
    std::size_t stratum = 0;
    std::size_t stand_in = 0;       // itself where it is computed
    std::int64_t uses = 0;          // other blocks it stands in for
    std::int64_t passes = 0;        // that add to it
    std::int64_t first_record = 0;  // of its passes among the computed ones, where it is computed
  };

  SamplePlan(const Layer& layer, const Description& machine, Mapper& mapper, const SampleOptions& options);

  [[nodiscard]] const std::vector<Block>& blocks() const { return blocks_; }
  [[nodiscard]] std::size_t strata() const { return strata_; }
  // Of a step of the layer's schedule, by its id.
  [[nodiscard]] std::size_t block_of(std::int64_t step) const { return places_[at(step)].block; }
  [[nodiscard]] bool computed(std::int64_t step) const {
    return blocks_[block_of(step)].stand_in == block_of(step);
  }
  // The computed pass that says what a step takes: its own, or that of the same place in the block that
  // stands in.
  [[nodiscard]] std::size_t record_of(std::int64_t step) const {
    return static_cast<std::size_t>(blocks_[blocks_[block_of(step)].stand_in].first_record +
                                    places_[at(step)].nth);
  }
  // Passes computed.
  [[nodiscard]] std::int64_t records() const { return records_; }

 private:
  struct Place {
    std::uint32_t block = 0, nth = 0;  // its turn among the block's passes
  };
  // Extents, number of passes and filters' slots: what must agree for a block to stand in for another.
  using Class = std::vector<int>;

  static std::size_t at(std::int64_t step) { return static_cast<std::size_t>(step); }
  // Draws of blocks alike, in order of their work.
  void draw(std::span<const std::size_t> stratum, std::size_t computed, RandomStream& random);
  [[nodiscard]] std::map<Class, std::vector<std::size_t>> place_steps(const Layer& layer,
                                                                      const Description& machine,
                                                                      Mapper& mapper);

  std::vector<Place> places_;  // of each step
  std::vector<Block> blocks_;
  std::size_t strata_ = 0;
  std::int64_t records_ = 0;
};

}  // namespace basil
