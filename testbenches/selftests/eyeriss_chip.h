// What Chen et al., JSSC 2017, print of a layer on the chip (Tables V and VI), and the same of a simulated
// one.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/result/result.h"
#include "testbenches/selftests/figures.h"

namespace basil {

struct ChipLayer {
  const char* layer;
  double processing_ms, total_ms, power_mw;
  double active_pes;
  double buffer_mb;  // between GLB and array, as the paper counts
  double dram_mb;
};

// Of the DRAM's devices, without the run-length coder, which is on the chip.
[[nodiscard]] Picojoules dram_energy(const EnergyAccount& account);

// Power is that of the chip, DRAM apart, over the layer's total time.
[[nodiscard]] ChipLayer on_chip(const LayerResult& layer, const Result& result, const char* name);
// All of them: times and bytes added up, power and PEs in the mean over total and processing time.
[[nodiscard]] ChipLayer in_all(std::span<const ChipLayer> layers);

// The table layer by layer and in all, each figure as ours, published, deviation; how figures are held is the
// caller's to add. Both sides have the same layers in the same order.
void show_chip(Figures& figures, std::span<const ChipLayer> ours, std::span<const ChipLayer> published);

// Our area by component beside the chip's core, 3.5 x 3.5 mm in 65 nm with 1176 k gates; shown only.
void show_area(const Result& result, Figures& figures);

// In percent of `theirs`.
[[nodiscard]] double deviation(double ours, double theirs);

}  // namespace basil
