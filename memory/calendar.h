// When something that one may have at a time is taken: a link, a bus, a bank.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/units.h"

namespace basil {

// Reservations by time, not by call: whoever asks for an early cycle gets it although others have asked for
// later ones before. What was told to anyone stays as it was told.
//
// Stretches taken are kept apart only where cycles between them are free; of more than `most` the earliest
// two count as one, so that memory is bounded and a reservation then at worst comes later than it might.
class Calendar {
 public:
  static constexpr std::size_t most = 1024;

  // `length` cycles, the first free ones from `asked` on, in pieces where others lie between (a bus goes on
  // with another transfer's next beat). Returns the cycle after the last; `asked` when there is none to take.
  Cycles fill(Cycles asked, Cycles length);
  // When `length` free cycles on end begin first, not before `asked`; and takes such a stretch.
  [[nodiscard]] Cycles gap(Cycles asked, Cycles length) const;
  void take(Cycles from, Cycles length);

  // Nobody will ask for a cycle before this one any more.
  void forget_before(Cycles cycle);
  void clear() { taken_.clear(); }
  [[nodiscard]] std::size_t stretches() const { return taken_.size(); }

 private:
  struct Stretch {
    Cycles from, until;
  };
  using Place = std::vector<Stretch>::iterator;

  void put(Place first, Place last, const Stretch& merged);

  std::vector<Stretch> taken_;  // in order, none touching the next
};

}  // namespace basil
