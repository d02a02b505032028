// Taking trace files apart and putting them together again, for tests.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>

#include "traces/encodings/basis.h"
#include "traces/encodings/binary.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/power_of_two.h"
#include "traces/encodings/run_length.h"
#include "traces/file/npz.h"
#include "traces/file/trace_file.h"

namespace basil::testing {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "basil-trace-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void store(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

using Members = std::map<std::string, std::string>;

inline Members members_of(const Trace& trace) {
  const TemporaryFolder folder;
  write_trace(trace, folder / "whole.npz");
  NpzReader file(folder / "whole.npz");
  Members members;
  for (const std::string& name : file.unread()) members[name] = file.read(name, 1 << 30, name);
  return members;
}

// A ZIP with valid CRCs, whatever the members hold.
inline std::string zip_of(const Members& members, NpzWriter::Packing packing = NpzWriter::Packing::deflated) {
  NpzWriter file;
  for (const auto& [name, bytes] : members) file.add(name, bytes, packing);
  return file.finish();
}

// conv1: bitmap int8 weights (3, 2, 2, 2) with four non-zeros and a scale each filter, dense int8 ifmap
// (1, 3, 4, 2), bias. fc1: dense int4 weights (2, 1, 1, 8), run-length uint8 ifmap.
inline Trace sample_trace() {
  Layer conv;
  conv.name = "conv1";
  conv.shape.C = 2;
  conv.shape.H = 3;
  conv.shape.W = 4;
  conv.shape.K = 3;
  conv.shape.R = conv.shape.S = 2;
  std::vector<std::int16_t> weights(24);
  weights[1] = 5;
  weights[7] = -128;
  weights[8] = 127;
  weights[23] = 1;
  conv.weights = encode(&bitmap_encoding, Dtype::int8, {3, 2, 2, 2}, weights, {0.1F, 0.2F, 0.3F});
  conv.ifmap = encode(&dense_encoding, Dtype::int8, {1, 3, 4, 2}, std::vector<std::int16_t>(24, 3), {0.25F});
  conv.bias = {1, -2, 3};
  Layer fc;
  fc.name = "fc1";
  fc.kind = Kind::fc;
  fc.shape.C = 8;
  fc.shape.K = 2;
  fc.weights = encode(&dense_encoding, Dtype::int4, {2, 1, 1, 8}, std::vector<std::int16_t>(16, -8), {0.5F});
  fc.ifmap = encode(&run_length_encoding, Dtype::uint8, {1, 1, 1, 8}, {0, 0, 0, 0, 255, 0, 0, 1}, {0.5F},
                    RunLength{.run_bits = 2, .runs = {}});
  Trace trace;
  trace.name = "sample";
  trace.layers = {conv, fc};
  return trace;
}

// A layer of 2 x 2 windows on a dense int8 ifmap of 3 x 3 for each encoding that is for weights only:
//   shift    power_of_two, 3 filters of 0, 1 and 2 terms, 1 channel
//   basis    2 filters of 3 channels out of 2 bases, a scale each, bias
//   compare  2 taps in each of 2 channels, 2 filters
//   sign     2 binary filters of 3 channels
inline Trace fitted_trace() {
  Trace trace;
  trace.name = "fitted";
  const auto layer = [&trace](const char* name, Encoding encoding, Dtype dtype, int filters, int channels) {
    Layer& added = trace.layers.emplace_back();
    added.name = name;
    added.shape = {.C = channels, .H = 3, .W = 3, .K = filters, .R = 2, .S = 2};
    std::vector<std::int16_t> ifmap(static_cast<std::size_t>(9 * channels));
    for (std::size_t i = 0; i < ifmap.size(); ++i) ifmap[i] = static_cast<std::int16_t>(i * 5 % 17 - 8);
    added.ifmap = encode(&dense_encoding, Dtype::int8, {1, 3, 3, channels}, std::move(ifmap), {0.25F});
    added.weights.encoding = encoding;
    added.weights.dtype = dtype;
    added.weights.extent = {filters, 2, 2, channels};
    return &added;
  };
  Operand& shift = layer("shift", &power_of_two_encoding, Dtype::int4, 3, 1)->weights;
  shift.own = PowerOfTwo{{0, 1, 2}};
  shift.values = {7, 0, -1, 2, /* two planes */ 3, 0, -7, 1, -1, 0, -7, 4};
  Layer& decomposed = *layer("basis", &basis_encoding, Dtype::int8, 2, 3);
  decomposed.bias = {5, -6};
  decomposed.weights.scales = {0.5F, 0.125F};
  decomposed.weights.own = Basis{.bases = 2,
                                 .bitmap = {0x825},  // k0 m0: c0, c2; k0 m1: c2; k1 m1: c2
                                 .signs = {0x2}};    // k0 m0 c2 is negative
  decomposed.weights.values = {1, 2, 3, 4, 10, -20, 30, -40};
  Operand& compare = layer("compare", &comparator_encoding, Dtype::int4, 2, 2)->weights;
  compare.own = Comparator{.taps = 2, .offsets = {0, 1, 3, 2, 0, 1}};
  compare.values = {1, -3, 0, 7};
  Operand& sign = layer("sign", &binary_encoding, Dtype::int16, 2, 3)->weights;
  sign.own = Binary{{0xF0A53C}};
  sign.values = {0, -4, 300};
  return trace;
}

}  // namespace basil::testing
