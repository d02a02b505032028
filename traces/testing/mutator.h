// Seeded damage to files, for tests that hold a reader against it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "traces/testing/trace_surgery.h"

namespace basil::testing {

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
        "bitmap", "run_length", "power_of_two", "basis", "comparator", "binary", "int4", "int8",
        "uint8", "int16", "fp32", "per_filter", "fc", "depthwise", "pool", "conv1", "fc1",
        "a/b", "basil-trace/1", "basil-trace/3", "conv", "dwconv", "maxpool", "add", "relu", "dense-network/1",
        "dense-network/3", "KCRS", "KRSC", "KC", "NCHW", "NHWC", "CHW", "NC", "real", "onnx", "tflite", "int2", "int9",
        "uint4", -128, 127, -32768, [-7, 100],
        7, 64, 255])");
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

}  // namespace basil::testing
