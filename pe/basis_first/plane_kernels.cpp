#include "pe/basis_first/plane_kernels.h"

#include <algorithm>

#include "core/vectorised.h"

namespace basil::basis_first {
namespace {

// Four planes share each visit of the sums.
template <int sign, class In, class Out>
[[gnu::always_inline]] inline void add_planes(const In* planes, std::int64_t pitch,
                                              const std::vector<int>& which, Out* out) {
  std::size_t at = 0;
  for (; at + 4 <= which.size(); at += 4) {
    const In* a = planes + which[at] * pitch;
    const In* b = planes + which[at + 1] * pitch;
    const In* c = planes + which[at + 2] * pitch;
    const In* d = planes + which[at + 3] * pitch;
    for (std::int64_t i = 0; i < pitch; ++i) {
      out[i] += sign * ((static_cast<Out>(a[i]) + b[i]) + (static_cast<Out>(c[i]) + d[i]));
    }
  }
  for (; at < which.size(); ++at) {
    const In* a = planes + which[at] * pitch;
    for (std::int64_t i = 0; i < pitch; ++i) out[i] += sign * static_cast<Out>(a[i]);
  }
}

template <class In, class Out>
[[gnu::always_inline]] inline void convolve_run(const PlaneConvolution& shape, const std::int16_t* weights,
                                                const In* in, Out* out, std::int64_t count) {
  const std::size_t taps = shape.offsets.size();
  std::size_t tap = 0;
  for (; tap + 3 <= taps; tap += 3) {
    const In* a = in + shape.offsets[tap];
    const In* b = in + shape.offsets[tap + 1];
    const In* c = in + shape.offsets[tap + 2];
    const Out u = weights[tap], v = weights[tap + 1], w = weights[tap + 2];
    for (std::int64_t i = 0; i < count; ++i) {
      out[i] += u * static_cast<Out>(a[i]) + v * static_cast<Out>(b[i]) + w * static_cast<Out>(c[i]);
    }
  }
  for (; tap < taps; ++tap) {
    const In* a = in + shape.offsets[tap];
    const Out u = weights[tap];
    for (std::int64_t i = 0; i < count; ++i) out[i] += u * static_cast<Out>(a[i]);
  }
}

// Without strides the grid's rows follow each other like the ofmap's: one run, whose ends of rows are not
// used.
template <class In, class Out>
[[gnu::always_inline]] inline void convolve(const PlaneConvolution& shape, const std::int16_t* weights,
                                            const In* in, Out* out) {
  if (shape.step_x == 1 && shape.step_y == shape.grid_columns) {
    const std::int64_t run = std::int64_t{shape.rows - 1} * shape.grid_columns + shape.columns;
    return convolve_run(shape, weights, in, out, run);
  }
  for (int p = 0; p < shape.rows; ++p) {
    Out* row = out + std::int64_t{p} * shape.grid_columns;
    const In* from = in + p * shape.step_y;
    if (shape.step_x == 1) {
      convolve_run(shape, weights, from, row, shape.columns);
      continue;
    }
    for (std::size_t tap = 0; tap < shape.offsets.size(); ++tap) {
      const In* a = from + shape.offsets[tap];
      for (int q = 0; q < shape.columns; ++q) row[q] += weights[tap] * static_cast<Out>(a[q * shape.step_x]);
    }
  }
}

}  // namespace

BASIL_VECTORISED
void sum_planes(const std::int16_t* planes, std::int64_t pitch, const std::vector<int>& plus,
                const std::vector<int>& minus, std::int32_t* out) {
  std::fill_n(out, pitch, 0);
  add_planes<1>(planes, pitch, plus, out);
  add_planes<-1>(planes, pitch, minus, out);
}

BASIL_VECTORISED
void sum_planes(const std::int32_t* planes, std::int64_t pitch, const std::vector<int>& plus,
                const std::vector<int>& minus, std::int64_t* out) {
  std::fill_n(out, pitch, 0);
  add_planes<1>(planes, pitch, plus, out);
  add_planes<-1>(planes, pitch, minus, out);
}

BASIL_VECTORISED
void convolve_plane(const PlaneConvolution& shape, const std::int16_t* weights, const std::int16_t* in,
                    std::int32_t* out) {
  convolve(shape, weights, in, out);
}

BASIL_VECTORISED
void convolve_plane(const PlaneConvolution& shape, const std::int16_t* weights, const std::int32_t* in,
                    std::int32_t* out) {
  convolve(shape, weights, in, out);
}

BASIL_VECTORISED
void convolve_plane(const PlaneConvolution& shape, const std::int16_t* weights, const std::int32_t* in,
                    std::int64_t* out) {
  convolve(shape, weights, in, out);
}

BASIL_VECTORISED
std::int64_t count_nonzero_products(const std::int32_t* taps, const std::int16_t* words,
                                    std::int64_t pixels) {
  std::int64_t products = 0;
  for (std::int64_t i = 0; i < pixels; ++i) products += words[i] != 0 ? taps[i] : 0;
  return products;
}

BASIL_VECTORISED
PlaneSlots count_slots(const PlanePixels& pixels, std::int64_t count) {
  std::int64_t sums = 0, taps = 0, cycles = 0, conflicts = 0, effectual = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    sums += pixels.effectual[i];
    taps += pixels.effectual[i] * pixels.taps[i];
    cycles += pixels.effectual[i] * pixels.cycles[i];
    conflicts += pixels.effectual[i] * pixels.conflicts[i];
    effectual += pixels.sums[i] != 0 ? pixels.nonzero_taps[i] : 0;
  }
  return {sums, taps, cycles, conflicts, effectual};
}

}  // namespace basil::basis_first
