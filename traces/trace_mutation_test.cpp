// Thousands of broken trace files: each must be read as a valid trace or refused by a basil::Error.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "core/error.h"
#include "traces/trace_file.h"
#include "traces/trace_surgery.h"

namespace basil {
namespace {

using testing::Members;

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(random_() % n); }

  // Flips, cuts, doubles or overwrites a stretch, anywhere.
  void bytes(std::string& text) {
    const std::size_t at = below(text.size());
    const std::size_t length = below(std::min<std::size_t>(text.size() - at, 16)) + 1;
    switch (below(5)) {
      case 0:
        if (!text.empty()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 1:
        text.resize(at);
        break;
      case 2:
        text.erase(at, length);
        break;
      case 3:
        text.insert(at, text.substr(at, length));
        break;
      default:
        for (std::size_t i = at; i < std::min(at + length, text.size()); ++i)
          text[i] = static_cast<char>(below(256));
    }
  }

  // Replaces, removes, moves or renames one leaf of a JSON document.
  std::string leaf(const std::string& text) {
    using nlohmann::json;
    static const json values = json::parse(R"([0, 1, 2, 4, -1, 8, 1048576, 2147483647, 4294967296,
        18446744073709551615, 1e39, 0.5, 1e-50, true, false, null, [], {}, [1, 1], [[]], {"a": 1}, "", "dense",
        "bitmap", "run_length", "int4", "uint8", "int16", "fp32", "per_filter", "fc", "depthwise", "pool", "conv1",
        "fc1", "a/b", "basil-trace/2"])");
    json leaves = json::parse(text, nullptr, false);
    if (!leaves.is_object()) return text;
    leaves = leaves.flatten();
    const auto chosen = [&] {
      return std::next(leaves.begin(), static_cast<std::ptrdiff_t>(below(leaves.size())));
    };
    const std::string key = chosen().key();
    switch (below(6)) {
      case 0:
        leaves.erase(key);
        break;
      case 1:
        leaves[key] = chosen().value();
        break;
      case 2:
        leaves[key + "x"] = leaves[key];
        break;
      default:
        leaves[key] = values[below(values.size())];
    }
    try {
      return leaves.unflatten().dump();
    } catch (const json::exception&) {  // "/a" and "/a/b" both
      return text;
    }
  }

  // One change to the members; the ZIP around them stays whole.
  void members(Members& all) {
    auto chosen = std::next(all.begin(), static_cast<std::ptrdiff_t>(below(all.size())));
    if (below(2) == 0) chosen = all.find("network.json");
    if (chosen == all.end()) return;
    std::string& member = chosen->second;
    const bool is_json = chosen->first == "network.json";
    switch (below(12)) {
      case 0:
        all.erase(chosen);
        break;
      case 1:
        all[chosen->first + "x"] = member;
        break;
      case 2:
        member = std::next(all.begin(), static_cast<std::ptrdiff_t>(below(all.size())))->second;
        break;
      case 3:
        bytes(member);
        break;
      default:
        if (is_json) {
          member = leaf(member);
        } else {
          bytes(member);
        }
    }
  }

 private:
  std::mt19937_64 random_;
};

class MutatedTrace : public ::testing::TestWithParam<int> {
 protected:
  // A reader that believes a size in a file would need far more than this.
  void SetUp() override {
#ifndef __SANITIZE_ADDRESS__
    const rlimit two_gigabytes{std::size_t{2} << 30, std::size_t{2} << 30};
    ASSERT_EQ(::setrlimit(RLIMIT_AS, &two_gigabytes), 0);
#endif
  }

  // Whether the file was accepted.
  bool read(const std::string& bytes) {
    testing::store(folder_ / "m.npz", bytes);
    try {
      const Trace trace = read_trace(folder_ / "m.npz");
      check(trace);
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      return false;
    }
  }

  const testing::TemporaryFolder folder_;
};

constexpr int rounds = 500;

TEST_P(MutatedTrace, FilesAreRefusedOrValid) {
  const std::string whole = testing::zip_of(testing::members_of(testing::sample_trace()));
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    Mutator mutator(static_cast<std::uint64_t>(GetParam() * rounds + round));
    std::string bytes = whole;
    for (std::size_t times = mutator.below(3) + 1; times > 0; --times) mutator.bytes(bytes);
    refused += read(bytes) ? 0 : 1;
  }
  EXPECT_GT(refused, rounds / 2);
}

TEST_P(MutatedTrace, MembersBehindAValidCrcAreRefusedOrValid) {
  const Members whole = testing::members_of(testing::sample_trace());
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    Mutator mutator(static_cast<std::uint64_t>(GetParam() * rounds + round) + 1'000'000);
    Members members = whole;
    for (std::size_t times = mutator.below(3) + 1; times > 0; --times) mutator.members(members);
    refused += read(testing::zip_of(members)) ? 0 : 1;
  }
  EXPECT_GT(refused, rounds / 2);
  EXPECT_LT(refused, rounds);  // some changes are harmless, or the mutations are too crude
}

INSTANTIATE_TEST_SUITE_P(Seeds, MutatedTrace, ::testing::Range(0, 8));

}  // namespace
}  // namespace basil
