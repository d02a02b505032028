// What a run may still use up.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "core/error.h"

namespace basil::onnx_import {

// Error where it is spent.
class Allowance {
 public:
  Allowance(std::int64_t limit, const char* what) : limit_(limit), what_(what) {}

  void take(std::int64_t amount, const std::string& where) {
    if (amount > limit_ - used_)
      throw Error(where, fmt::format("more than {} {} by here", limit_, what_), "a smaller batch or model");
    used_ += amount;
  }
  void give_back(std::int64_t amount) { used_ -= amount; }

 private:
  std::int64_t limit_, used_ = 0;
  const char* what_;
};

}  // namespace basil::onnx_import
