// How the words of a stream come from a buffer that is not as fast as the array's bus, and go back.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>

#include "core/units.h"
#include "dataflows/row_stationary/row_links.h"

namespace basil {

// Cycles of a pass.
using FlowTime = std::int32_t;
inline constexpr FlowTime never_known = std::numeric_limits<FlowTime>::max();

// In chunks, asked for as places for them come free.
struct RowFeed {
  int words = 0;            // of a chunk (of filters: beats); 0: whatever the bus takes is there
  int cycles = 1;           // that a chunk takes its buffer
  int window = 1;           // chunks under way or not wholly drawn
  int flits = 0;            // of a chunk, which a carrier takes on; 0: a bus does
  std::int64_t takers = 1;  // PEs that take a word
  friend auto operator<=>(const RowFeed&, const RowFeed&) = default;

  [[nodiscard]] bool ready() const { return words == 0; }
};

struct RowFeeds {
  RowFeed filters, ifmap, psums_in, psums_out;
  friend auto operator<=>(const RowFeeds&, const RowFeeds&) = default;
};

// Chunks under way between a buffer and the array.
class Chunks {
 public:
  Chunks(const RowFeed& feed, RowStreamKind stream) : feed_(feed), stream_(stream) {}

  void send(int words, FlowTime now, RowCarrier* carrier) {
    const auto share = [&](int whole) { return ceil_div(std::int64_t{whole} * words, feed_.words); };
    Chunk chunk{words, now + static_cast<FlowTime>(share(feed_.cycles)), std::nullopt};
    if (feed_.flits > 0) chunk.carried = carrier->send(stream_, share(feed_.flits), feed_.takers, now);
    chunks_.push_back(chunk);
  }
  [[nodiscard]] bool window_full() const { return std::ssize(chunks_) >= feed_.window; }
  // Words, up to `most`, of the first chunks that are complete by the end of cycle `now`.
  [[nodiscard]] int arrived(FlowTime now, int most, RowCarrier* carrier) {
    int words = 0;
    for (Chunk& chunk : chunks_) {
      if (words >= most || !complete(chunk, now, carrier)) break;
      words += chunk.words;
    }
    return std::min(words, most);
  }
  void draw(int words) {
    while (words > 0) {
      Chunk& first = chunks_.front();
      const int drawn = std::min(words, first.words);
      first.words -= drawn;
      words -= drawn;
      if (first.words == 0) chunks_.pop_front();
    }
  }
  void drop_arrived(FlowTime now, RowCarrier* carrier) {
    while (!chunks_.empty() && complete(chunks_.front(), now, carrier)) chunks_.pop_front();
  }
  [[nodiscard]] bool empty() const { return chunks_.empty(); }

 private:
  struct Chunk {
    int words;
    FlowTime complete;
    std::optional<std::size_t> carried;  // and not known to have arrived
  };
  [[nodiscard]] static bool complete(Chunk& chunk, FlowTime now, RowCarrier* carrier) {
    if (chunk.carried) {
      const auto arrival = carrier->arrival(*chunk.carried);
      if (!arrival) return false;
      chunk.complete = std::max(chunk.complete, static_cast<FlowTime>(*arrival));
      chunk.carried.reset();
    }
    return chunk.complete <= now + 1;
  }
  RowFeed feed_;
  RowStreamKind stream_;
  std::deque<Chunk> chunks_;
};

// The words of a stream to the array.
class FeedIn {
 public:
  FeedIn(const RowFeed& feed, RowStreamKind stream, std::int64_t words, RowCarrier* carrier)
      : feed_(feed), chunks_(feed, stream), carrier_(carrier), left_(feed.ready() ? 0 : words) {}

  // Asks for what there is a place for.
  void ask(FlowTime now) {
    while (left_ > 0 && !chunks_.window_full()) {
      const auto words = static_cast<int>(std::min<std::int64_t>(feed_.words, left_));
      chunks_.send(words, now, carrier_);
      left_ -= words;
    }
  }
  // Up to `most` words that can be drawn in this cycle.
  [[nodiscard]] int there(FlowTime now, int most) {
    return feed_.ready() ? most : chunks_.arrived(now, most, carrier_);
  }
  void draw(int words) {
    if (!feed_.ready()) chunks_.draw(words);
  }

 private:
  RowFeed feed_;
  Chunks chunks_;
  RowCarrier* carrier_;
  std::int64_t left_;
};

// The sums on their way out.
class FeedOut {
 public:
  FeedOut(const RowFeed& feed, std::int64_t words, RowCarrier* carrier)
      : feed_(feed), chunks_(feed, RowStreamKind::psums_out), carrier_(carrier), left_(words) {}

  // What was given before this cycle sets out as soon as it fills a chunk, or nothing comes any more.
  void send(FlowTime now) {
    if (feed_.ready()) return;
    while (given_ >= feed_.words || (left_ == 0 && given_ > 0)) {
      const int words = std::min(feed_.words, given_);
      chunks_.send(words, now, carrier_);
      given_ -= words;
    }
  }
  [[nodiscard]] bool takes(FlowTime now) {
    if (feed_.ready()) return true;
    chunks_.drop_arrived(now, carrier_);
    return !chunks_.window_full();
  }
  void give(int words) {
    if (feed_.ready()) return;
    given_ += words;
    left_ -= words;
  }
  // All given, and arrived by the end of this cycle.
  [[nodiscard]] bool over(FlowTime now) {
    chunks_.drop_arrived(now, carrier_);
    return feed_.ready() || (left_ == 0 && given_ == 0 && chunks_.empty());
  }

 private:
  RowFeed feed_;
  Chunks chunks_;
  RowCarrier* carrier_;
  std::int64_t left_;
  int given_ = 0;
};

}  // namespace basil
