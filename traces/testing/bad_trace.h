// A trace file with one thing changed behind a valid CRC, and what the reader says of it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "core/error.h"
#include "traces/testing/trace_surgery.h"

namespace basil::testing {

// Each bad file is the sample with one thing changed behind a valid CRC.
class BadTrace : public ::testing::Test {
 protected:
  BadTrace() : members_(members_of(sample_trace())) {}

  [[nodiscard]] std::string complaint() const { return complaint(zip_of(members_)); }
  [[nodiscard]] std::string complaint(const std::string& bytes) const {
    store(folder_ / "bad.npz", bytes);
    try {
      (void)read_trace(folder_ / "bad.npz");
    } catch (const Error& error) {
      const std::string text = error.what();
      const std::string file = (folder_ / "bad.npz").string() + ": ";
      EXPECT_TRUE(text.starts_with(file)) << text;
      return text.substr(std::min(file.size(), text.size()));
    }
    return "nothing";
  }
  void edit_json(const std::string& from, const std::string& to) {
    std::string& json = members_.at("network.json");
    const std::size_t at = json.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << json;
    json.replace(at, from.size(), to);
  }
  template <class T>
  void put(const std::string& name, const std::vector<T>& elements, const std::vector<std::int64_t>& shape) {
    members_[name + ".npy"] = NpyArray::of(std::span<const T>(elements), shape).member();
  }
  // Changes a text in a member's npy header without moving anything.
  void edit_header(const std::string& name, const std::string& from, const std::string& to) {
    std::string& member = members_.at(name + ".npy");
    ASSERT_EQ(from.size(), to.size());
    const std::size_t at = member.find(from);
    ASSERT_NE(at, std::string::npos);
    member.replace(at, from.size(), to);
  }

  const Scratch folder_;
  Members members_;
};

}  // namespace basil::testing
