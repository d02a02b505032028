// Requests that wait in a controller, by bank and age.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace basil {

struct DramWaiting {
  std::int64_t row = 0, column = 0;
  std::uint64_t order = 0;  // among all accepted: the age
  std::int64_t id = 0, asked = 0, accepted = 0;
  int bank = 0;
  bool write = false;
  bool after_read = false;  // a write behind a read of its burst

  [[nodiscard]] bool same_row(const DramWaiting& other) const {
    return row == other.row && bank == other.bank;
  }
  [[nodiscard]] bool same_burst(const DramWaiting& other) const {
    return same_row(other) && column == other.column;
  }
};

// A scheduler looks at one or two requests of each bank, so that is how they are kept.
class DramRequestQueue {
 public:
  DramRequestQueue(int banks, int places) : banks_(static_cast<std::size_t>(banks)), places_(places) {}

  [[nodiscard]] int size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] bool full() const { return size_ >= places_; }

  [[nodiscard]] const std::vector<int>& busy_banks() const { return busy_; }  // in no order
  // The oldest first.
  [[nodiscard]] const std::vector<DramWaiting>& of_bank(int bank) const {
    return banks_[static_cast<std::size_t>(bank)];
  }
  [[nodiscard]] const DramWaiting& oldest() const;  // of a queue that is not empty

  void push(const DramWaiting& request);
  DramWaiting take(int bank, std::size_t index);

 private:
  std::vector<std::vector<DramWaiting>> banks_;
  std::vector<int> busy_;  // banks with a request
  int places_, size_ = 0;
};

}  // namespace basil
