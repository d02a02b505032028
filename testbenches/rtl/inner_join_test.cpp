// The inner join three times: by counting the common bits, by its clocked twin and by its Verilog. The two
// that have a clock agree in every cycle on what they find and on whether they finish.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "Vinner_join.h"
#include "core/testing/property_check.h"
#include "pe/sparse_inner/join_unit.h"

namespace basil {
namespace {

constexpr int positions = 128;  // as the Verilog was built

struct Chunks {
  PackedChunk ifmap, weights;

  // A match a cycle, and one cycle for a chunk without.
  [[nodiscard]] std::int64_t cycles() const {
    std::int64_t matches = 0;
    for (std::size_t word = 0; word < ifmap.mask.size(); ++word)
      matches += std::popcount(ifmap.mask[word] & weights.mask[word]);
    return std::max<std::int64_t>(matches, 1);
  }
};

PackedChunk random_chunk() {
  const int percent = *rc::gen::element(0, 2, 20, 50, 100);
  std::vector<std::int16_t> words(positions);
  for (std::int16_t& word : words) {
    const bool set = *anywhere_in(0, 100) < percent;
    word =
        set ? static_cast<std::int16_t>(*rc::gen::distinctFrom(anywhere_in(-128, 128), 0)) : std::int16_t{0};
  }
  return pack_chunk(words.data(), positions, true);
}

// The Verilog and the operand buffers that its ranks point into.
class Rtl {
 public:
  // Of the coming cycle: nothing will be left after it.
  [[nodiscard]] bool finishes() {
    top_.clk = 0;
    top_.eval();
    return top_.finishes != 0;
  }

  // The clock edge; with `next`, its masks are loaded at it.
  void edge(const Chunks* next) {
    top_.load = next != nullptr ? 1 : 0;
    if (next != nullptr) {
      put(top_.ifmap_mask, next->ifmap.mask);
      put(top_.weight_mask, next->weights.mask);
    }
    top_.clk = 0;
    top_.eval();
    top_.clk = 1;
    top_.eval();
  }

  [[nodiscard]] bool match() const { return top_.match != 0; }
  [[nodiscard]] std::int16_t ifmap_word(const Chunks& of) const { return of.ifmap.values[top_.ifmap_rank]; }
  [[nodiscard]] std::int16_t weight(const Chunks& of) const { return of.weights.values[top_.weight_rank]; }

 private:
  template <class Port>
  static void put(Port& port, const std::vector<std::uint64_t>& mask) {
    for (std::size_t word = 0; word < mask.size(); ++word) {
      port[2 * word] = static_cast<std::uint32_t>(mask[word]);
      port[2 * word + 1] = static_cast<std::uint32_t>(mask[word] >> 32);
    }
  }

  Vinner_join top_;
};

// Joins a chunk behind the other, as soon as the one before finishes.
void expect_three_forms_agree() {
  std::vector<Chunks> chunks;
  for (int chunk = *anywhere_in(1, 4); chunk > 0; --chunk) chunks.push_back({random_chunk(), random_chunk()});
  JoinUnit clocked(InnerArray{}, 1);
  InnerEvents events;
  std::vector<LeavingPsum> leaving;
  const auto load = [&](std::size_t chunk) {
    const ChunkBroadcast sent{&chunks[chunk].ifmap, 0, 0, static_cast<int>(chunk), false};
    clocked.load(sent, {FilterChunk{0, &chunks[chunk].weights}, FilterChunk{}}, events);
  };
  Rtl rtl;
  load(0);
  clocked.commit();
  rtl.edge(&chunks[0]);
  for (std::size_t chunk = 0; chunk < chunks.size(); ++chunk) {
    std::int64_t cycles = 0;
    for (bool finishes = false; !finishes; ++cycles) {
      clocked.step(leaving, events);
      finishes = clocked.finishes();
      RC_ASSERT(rtl.finishes() == finishes);
      const bool more = finishes && chunk + 1 < chunks.size();
      if (more) load(chunk + 1);
      clocked.commit();
      rtl.edge(more ? &chunks[chunk + 1] : nullptr);
      RC_ASSERT(rtl.match() == (clocked.bin() == Bin::compute));
      if (!rtl.match()) continue;
      RC_ASSERT(rtl.ifmap_word(chunks[chunk]) == clocked.ifmap_word());
      RC_ASSERT(rtl.weight(chunks[chunk]) == clocked.weight());
    }
    RC_ASSERT(cycles == chunks[chunk].cycles());
  }
}

TEST(InnerJoinRtl, EqualsTheFastAndTheClockedTwin) { check_property(1000, expect_three_forms_agree); }

}  // namespace
}  // namespace basil
