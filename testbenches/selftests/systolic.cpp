// Cycles of matrix products on systolic arrays against the formulas that SCALE-Sim defines:
//   weight stationary  ceil(K/R) ceil(N/C) (2R + C + M - 2)
//   output stationary  ceil(M/R) ceil(N/C) (R + C + K - 2), and R cycles of drain after the last fold
// for an R x C array and an M x K by K x N product.
#include <fmt/format.h>

#include "models/processes/jobs.h"
#include "models/simulate.h"
#include "testbenches/selftests/figures.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

struct Case {
  bool weights_stay;
  int rows, cols;  // R, C
  int M, K, N;
};

// Products that fill the array, fold in one direction, in both, leave ragged edges, and single rows and
// columns.
constexpr Case cases[] = {
    {true, 8, 8, 8, 8, 8},       {true, 8, 8, 100, 8, 8},      {true, 8, 8, 20, 24, 8},
    {true, 8, 8, 20, 8, 40},     {true, 16, 4, 33, 50, 19},    {true, 4, 16, 1, 64, 100},
    {true, 32, 32, 49, 288, 64}, {true, 1, 8, 10, 5, 9},       {false, 8, 8, 8, 8, 8},
    {false, 8, 8, 64, 20, 8},    {false, 8, 8, 20, 100, 24},   {false, 16, 4, 33, 50, 19},
    {false, 4, 16, 1, 64, 100},  {false, 32, 32, 49, 288, 64}, {false, 8, 1, 10, 5, 9}};

// The product as a fully connected layer: batch M, channels K, filters N, small values drawn by a fixed rule.
Trace product(const Case& c) {
  Trace trace;
  trace.name = "product";
  trace.synthetic_seed = 1;
  Layer layer;
  layer.name = "gemm";
  layer.kind = Kind::fc;
  layer.shape.N = c.M;
  layer.shape.C = c.K;
  layer.shape.K = c.N;
  std::uint32_t state = 1;
  const auto values = [&state](std::int64_t count) {
    std::vector<std::int16_t> drawn(static_cast<std::size_t>(count));
    for (std::int16_t& value : drawn) {
      state = state * 1664525U + 1013904223U;
      value = static_cast<std::int16_t>(static_cast<int>(state >> 24) - 128);
    }
    return drawn;
  };
  layer.weights =
      encode(&dense_encoding, Dtype::int8, {c.N, 1, 1, c.K}, values(std::int64_t{c.N} * c.K), {1.0F});
  layer.ifmap =
      encode(&dense_encoding, Dtype::int8, {c.M, 1, 1, c.K}, values(std::int64_t{c.M} * c.K), {1.0F});
  layer.output.dtype = Dtype::int8;
  trace.layers.push_back(std::move(layer));
  return trace;
}

// Processing cycles of the simulated array; memory is made wide enough to keep up.
Cycles simulated(const Case& c) {
  const Description machine = load_accelerator(
      "tpu-like", {fmt::format("array.dataflow={}_stationary", c.weights_stay ? "weight" : "output"),
                   fmt::format("array.rows={}", c.rows), fmt::format("array.cols={}", c.cols),
                   "buffers.fmaps.port_bits=65536", "buffers.filters.port_bits=65536",
                   "buffers.accumulators.port_bits=65536"});
  return simulate_in_children(product(c), machine, {}, 1).layers.at(0).processing;
}

struct Expected {
  std::int64_t cycles;
  std::string causes;
};

Expected expected(const Case& c) {
  if (c.weights_stay) {
    const std::int64_t folds = ceil_div(c.K, c.rows) * ceil_div(c.N, c.cols);
    return {folds * (c.rows + c.M + (c.rows - 1) + (c.cols - 1)),
            fmt::format("{} folds x ({} load + {} pixels + {} rows + {} cols)", folds, c.rows, c.M,
                        c.rows - 1, c.cols - 1)};
  }
  const std::int64_t folds = ceil_div(c.M, c.rows) * ceil_div(c.N, c.cols);
  return {folds * (c.K + (c.rows - 1) + (c.cols - 1)) + c.rows,
          fmt::format("{} folds x ({} steps + {} rows + {} cols) + {} drain", folds, c.K, c.rows - 1,
                      c.cols - 1, c.rows)};
}

}  // namespace

SelftestReport systolic_selftest(const SelftestOptions& /*options*/) {
  Figures figures("formula");
  for (const Case& c : cases) {
    const Expected formula = expected(c);
    figures.equal(fmt::format("{}_stationary, {} x {}: {} x {} x {}", c.weights_stay ? "weight" : "output",
                              c.rows, c.cols, c.M, c.K, c.N),
                  static_cast<double>(simulated(c).value), static_cast<double>(formula.cycles),
                  formula.causes);
  }
  return figures.report();
}

}  // namespace basil
