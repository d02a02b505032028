// A test of mutated files: a reader that believes a size in a file would need far more memory than this.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstddef>

namespace basil::testing {

// Each test is a process of its own, and so is its limit. AddressSanitizer needs terabytes of addresses.
class InTwoGigabytes : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
#ifndef __SANITIZE_ADDRESS__
    const rlimit two_gigabytes{std::size_t{2} << 30, std::size_t{2} << 30};
    ASSERT_EQ(::setrlimit(RLIMIT_AS, &two_gigabytes), 0);
#endif
  }
};

}  // namespace basil::testing
