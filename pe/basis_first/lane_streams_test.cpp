#include "pe/basis_first/lane_streams.h"

#include <gtest/gtest.h>

#include <bit>

#include "core/testing/property_check.h"
#include "pe/basis_first/lane_window_clocked.h"
#include "traces/testing/random_layers.h"

namespace basil::basis_first {
namespace {

// One pixel's stream: the channels with an activation, and those with a coefficient.
struct Stream {
  std::vector<std::int16_t> activations, coefficients;

  [[nodiscard]] std::int64_t terms() const {
    std::int64_t terms = 0;
    for (std::size_t c = 0; c < activations.size(); ++c) terms += activations[c] != 0 && coefficients[c] != 0;
    return terms;
  }
};

struct Timed {
  int cycles = 0;
  bool effectual = false;
};

// The first of a few pixels; the others hold nothing.
Timed time(const LaneWindow& window, const Stream& stream) {
  LaneStreams streams(window);
  const auto channels = static_cast<std::int64_t>(stream.activations.size());
  streams.reset(channels, 3);
  std::vector<std::uint64_t> filter(static_cast<std::size_t>(streams.rows()));
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto at = static_cast<std::size_t>(c);
    streams.mark(c, &stream.activations[at], 1, 0, 1);
    const std::uint64_t bit = stream.coefficients[at] != 0 ? 1 : 0;
    filter[static_cast<std::size_t>(c / window.lanes)] |= bit << c % window.lanes;
  }
  std::vector<std::int32_t> cycles(static_cast<std::size_t>(streams.pitch())), effectual(cycles.size());
  streams.time(filter, {}, cycles.data(), effectual.data());
  return {cycles[0], effectual[0] != 0};
}

int time_clocked(const LaneWindow& window, const Stream& stream) {
  LaneWindowClocked lanes(window);
  const auto channels = static_cast<int>(stream.activations.size());
  lanes.start(static_cast<int>(ceil_div(channels, window.lanes)), [&](int row, int lane) {
    const int c = row * window.lanes + lane;
    if (c >= channels) return LaneTerm{};
    return LaneTerm{stream.activations[static_cast<std::size_t>(c)],
                    stream.coefficients[static_cast<std::size_t>(c)]};
  });
  int cycles = 0;
  for (; !lanes.done(); ++cycles) {
    lanes.look();
    lanes.clock();
  }
  return cycles;
}

LaneWindow draw_window() {
  return {.lanes = *anywhere_in(1, 65), .look_ahead = *anywhere_in(0, 8), .look_aside = *anywhere_in(0, 9)};
}

Stream draw_stream(int channels) {
  const auto values = [channels] {
    return testing::draw_values(Dtype::int8, channels, *rc::gen::element(0, 30, 60, 80, 95, 100));
  };
  return {values(), values()};
}

// A stream on 4 lanes with terms in the places that hold an 'x'.
Stream drawn(const std::string& picture) {
  Stream stream;
  for (const char place : picture) {
    if (place == ' ') continue;
    stream.activations.push_back(place == 'x' ? 1 : 0);
    stream.coefficients.push_back(1);
  }
  return stream;
}

TEST(LaneStreams, EqualTheClockedWindow) {
  check_property(2000, [] {
    const LaneWindow window = draw_window();
    const Stream stream = draw_stream(*anywhere_in(1, 400));
    RC_ASSERT(time(window, stream).cycles == time_clocked(window, stream));
    RC_ASSERT(time(window, stream).effectual == (stream.terms() > 0));
  });
}

TEST(LaneStreams, StayBetweenTheWorkAndTheRows) {
  check_property(1000, [] {
    const LaneWindow window = draw_window();
    const Stream stream = draw_stream(*anywhere_in(1, 400));
    const std::int64_t rows = ceil_div(static_cast<std::int64_t>(stream.activations.size()), window.lanes);
    const int cycles = time(window, stream).cycles;
    RC_ASSERT(cycles <= rows);
    RC_ASSERT(cycles >= ceil_div(rows, window.look_ahead + 1));
    RC_ASSERT(cycles >= ceil_div(stream.terms(), window.lanes));
  });
}

// Lanes that reach the whole ring in a window that holds the pixel never wait.
TEST(LaneStreams, TakeOnlyTheWorkWhereTheWindowNeverStalls) {
  check_property(1000, [] {
    LaneWindow window = draw_window();
    window.look_aside = *anywhere_in(0, 9);
    window.lanes = *anywhere_in(1, 2 * window.look_aside + 2);
    const Stream stream = draw_stream(*anywhere_in(1, window.lanes * (window.look_ahead + 1) + 1));
    const std::int64_t work = ceil_div(stream.terms(), window.lanes);
    RC_ASSERT(time(window, stream).cycles == std::max<std::int64_t>(1, work));
  });
}

TEST(LaneStreams, FollowThePriorities) {
  const LaneWindow none{4, 0, 0}, ahead{4, 2, 0}, aside{4, 2, 1};
  // A row a cycle without look-ahead, empty ones too.
  EXPECT_EQ(time(none, drawn("x... .... x...")).cycles, 3);
  // Empty rows behind the head are passed in its cycle.
  EXPECT_EQ(time(ahead, drawn("x... .... ....")).cycles, 1);
  // Free lanes take their own terms of later rows.
  EXPECT_EQ(time(ahead, drawn("x... .x.. ..x.")).cycles, 1);
  // Three terms of one lane, one a cycle.
  EXPECT_EQ(time(ahead, drawn("x... x... x...")).cycles, 3);
  // Lane 3 takes that of row 1 (the lane above it on the ring is lane 0), lane 1 that of row 2.
  EXPECT_EQ(time(aside, drawn("x... x... x...")).cycles, 1);
  // Lane 2 is beyond the reach of lane 0's neighbours: one cycle for rows 0 to 2, one for lane 0's last term.
  EXPECT_EQ(time(aside, drawn("x... xx.x x...")).cycles, 1 + 1);
  // Rows beyond the window: 1 for rows 0 to 2, 1 for rows 3 to 5, 1 for row 6.
  EXPECT_EQ(time(ahead, drawn(".... .... .... .... .... .... ....")).cycles, 1 + 1 + 1);
  // Nothing at all still takes a cycle.
  EXPECT_EQ(time(ahead, drawn("....")).cycles, 1);
  EXPECT_FALSE(time(ahead, drawn("....")).effectual);
}

}  // namespace
}  // namespace basil::basis_first
