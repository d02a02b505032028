// A block's row store on its way into its slices' pixel stores, clock by clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

namespace basil::basis_first {

// Of one slice. What happens in a cycle is there from the next one on.
class PixelStoreClocked {
 public:
  explicit PixelStoreClocked(int places) : places_(places) {}

  // The row store: a place for the next pixel, its activations one by one, and that they are all there.
  [[nodiscard]] bool has_place() const { return static_cast<int>(held_.size()) < places_; }
  void reserve() { held_.emplace_back(); }
  void push(std::int64_t activation) { arriving_.push_back(activation); }
  void finish() { finishing_ = true; }

  // The slice: what it can read of the pixel that is in front after the clock edge.
  [[nodiscard]] bool begun() const { return next() != nullptr && !next()->activations.empty(); }
  [[nodiscard]] bool whole() const { return next() != nullptr && next()->whole; }
  // Of the pixel in front.
  // Throws std::out_of_range for one that has not come.
  [[nodiscard]] std::int64_t activation(std::size_t place) const {
    return held_.front().activations.at(place);
  }
  void leave() { leaving_ = true; }

  void commit();

 private:
  struct Pixel {
    std::vector<std::int64_t> activations;
    bool whole = false;
  };
  [[nodiscard]] const Pixel* next() const {
    const std::size_t at = leaving_ ? 1 : 0;
    return at < held_.size() ? &held_[at] : nullptr;
  }

  int places_;
  std::deque<Pixel> held_;
  // For the next clock edge.
  std::vector<std::int64_t> arriving_;
  bool finishing_ = false, leaving_ = false;
};

// The row store reads pixel after pixel, a word from each bank in a cycle.
class RowFeedClocked {
 public:
  // A pixel, or a part of one.
  struct Item {
    std::vector<PixelStoreClocked*> takers;
    int words = 0;
    std::function<void(int word)> give;  // to the takers
  };

  explicit RowFeedClocked(int banks) : banks_(banks) {}

  void start(std::deque<Item> items) { items_ = std::move(items); }
  // One cycle; returns the words read.
  int step();

 private:
  int banks_;
  std::deque<Item> items_;  // the one being read, and those to come
  int word_ = 0;            // of the first
};

}  // namespace basil::basis_first
