#include "testbenches/selftests/processing.h"

#include <cmath>

namespace basil {
namespace {

double ratio(Cycles cycles, Cycles of) {
  return static_cast<double>(cycles.value) / static_cast<double>(of.value);
}

}  // namespace

Cycles processing(const Result& result) {
  Cycles sum;
  for (const LayerResult& layer : result.layers) sum += layer.processing;
  return sum;
}

double speedup(const Result& ours, const Result& other) { return ratio(processing(other), processing(ours)); }

double mean_speedup(const Result& ours, const Result& other) {
  double logarithms = 0;
  for (std::size_t i = 0; i < ours.layers.size(); ++i)
    logarithms += std::log(ratio(other.layers.at(i).processing, ours.layers[i].processing));
  return std::exp(logarithms / static_cast<double>(ours.layers.size()));
}

double percent(const Result& result, Bin bin) {
  std::int64_t in_bin = 0;
  for (const LayerResult& layer : result.layers) in_bin += layer.bins[bin];
  return 100.0 * static_cast<double>(in_bin) / static_cast<double>(processing(result).value * result.pes);
}

}  // namespace basil
