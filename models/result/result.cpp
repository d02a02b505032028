#include "models/result/result.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "core/error.h"

namespace basil {

SumStatistics& SumStatistics::operator+=(const SumStatistics& other) {
  count += other.count;
  widest_bits = std::max(widest_bits, other.widest_bits);
  overflowed += other.overflowed;
  needed_bits = std::max(needed_bits, other.needed_bits);
  return *this;
}

std::string_view to_string(Fidelity fidelity) {
  return fidelity == Fidelity::cycle ? "cycle" : "transaction";
}

Fidelity parse_fidelity(const std::string& word) {
  for (const Fidelity fidelity : {Fidelity::transaction, Fidelity::cycle}) {
    if (to_string(fidelity) == word) return fidelity;
  }
  throw Error(field_name("options.fidelity"), "'" + word + "'", "transaction or cycle");
}

std::int64_t BankConflicts::total() const {
  std::int64_t sum = 0;
  for (const ConflictCycles& buffer : {fmaps, filters, accumulators})
    sum = std::accumulate(buffer.begin(), buffer.end(), sum);
  return sum;
}

BankConflicts& BankConflicts::operator+=(const BankConflicts& other) {
  for (std::size_t kind = 0; kind < stream_kinds; ++kind) {
    fmaps[kind] += other.fmaps[kind];
    filters[kind] += other.filters[kind];
    accumulators[kind] += other.accumulators[kind];
  }
  return *this;
}

WeightsMoved& WeightsMoved::operator+=(const WeightsMoved& other) {
  encoded += other.encoded;
  moved += other.moved;
  trace_bits = std::max(trace_bits, other.trace_bits);
  kept_bits = std::max(kept_bits, other.kept_bits);
  return *this;
}

WeightsMoved Result::weights() const {
  WeightsMoved sum;
  for (const LayerResult& layer : layers) sum += layer.weights;
  return sum;
}

Cycles Result::cycles() const {
  Cycles sum;
  for (const LayerResult& layer : layers) sum += layer.cycles;
  return sum;
}

Picojoules Result::energy() const {
  Picojoules sum;
  for (const LayerResult& layer : layers) sum += layer.energy.total();
  return sum;
}

EnergyRange Result::energy_range() const {
  EnergyRange sum;
  for (const LayerResult& layer : layers) sum += layer.energy.range();
  return sum;
}

SumStatistics Result::sums() const {
  SumStatistics all;
  for (const LayerResult& layer : layers) all += layer.sums;
  return all;
}

SampledPart Result::sampled() const {
  SampledPart sum;
  for (const LayerResult& layer : layers) {
    if (!layer.sample) continue;
    sum.passes += layer.sample->passes;
    sum.cycles += layer.sample->cycles;
    sum.energy_pj += layer.sample->energy_pj;
  }
  return sum;
}

}  // namespace basil
