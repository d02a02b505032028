#include "memory/dram/request_queue.h"

#include <algorithm>

namespace basil {

const DramWaiting& DramRequestQueue::oldest() const {
  const int bank = *std::min_element(busy_.begin(), busy_.end(), [&](int a, int b) {
    return of_bank(a).front().order < of_bank(b).front().order;
  });
  return of_bank(bank).front();
}

void DramRequestQueue::push(const DramWaiting& request) {
  std::vector<DramWaiting>& waiting = banks_[static_cast<std::size_t>(request.bank)];
  if (waiting.empty()) busy_.push_back(request.bank);
  waiting.push_back(request);
  ++size_;
}

DramWaiting DramRequestQueue::take(int bank, std::size_t index) {
  std::vector<DramWaiting>& waiting = banks_[static_cast<std::size_t>(bank)];
  const DramWaiting request = waiting[index];
  waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(index));
  if (waiting.empty()) {
    std::iter_swap(std::find(busy_.begin(), busy_.end(), bank), busy_.end() - 1);
    busy_.pop_back();
  }
  --size_;
  return request;
}

}  // namespace basil
