// For tests: drawn dense layers, and what they take on a machine.
#pragma once

#include <fmt/format.h>
#include <rapidcheck.h>

#include <chrono>
#include <sstream>
#include <string>
#include <vector>

#include "core/testing/property_check.h"
#include "models/processes/child_pool.h"
#include "models/simulate.h"
#include "traces/encodings/encode.h"

namespace basil::testing {

// Data do not matter to a dense array: all ones.
inline Layer layer_of(const LayerShape& s) {
  Layer layer;
  layer.shape = s;
  layer.kind = &conv_kind;
  const Extent weights{s.K, s.R, s.S, s.channels_per_group()}, ifmap{s.N, s.H, s.W, s.C};
  const auto ones = [](const Extent& extent) {
    return std::vector<std::int16_t>(static_cast<std::size_t>(extent.positions()), 1);
  };
  layer.weights = encode(&dense_encoding, Dtype::int8, weights, ones(weights), {1.0F});
  layer.ifmap = encode(&dense_encoding, Dtype::int8, ifmap, ones(ifmap), {1.0F});
  layer.output = {Dtype::int8, 1.0F, true};
  return layer;
}

inline Trace trace_of(const std::vector<LayerShape>& shapes) {
  Trace trace;
  trace.name = "drawn";
  for (const LayerShape& shape : shapes) {
    trace.layers.push_back(layer_of(shape));
    trace.layers.back().name = fmt::format("L{}", trace.layers.size() - 1);
  }
  return trace;
}

inline LayerShape draw_shape() {
  LayerShape s;
  s.N = *rc::gen::element(1, 1, 2);
  s.groups = *rc::gen::element(1, 1, 1, 4);
  s.C = s.groups * in(4, 32);
  s.K = s.groups * in(4, 32);
  s.R = s.S = *rc::gen::element(1, 3, 3, 5);
  s.stride_y = s.stride_x = in(1, 2);
  s.pad_top = s.pad_bottom = s.pad_left = s.pad_right = s.R / 2;
  s.H = in(5, 32);
  s.W = in(5, 32);
  return s;
}

inline std::vector<LayerShape> draw_shapes(int count) {
  std::vector<LayerShape> shapes;
  rc::check([&] {
    if (static_cast<int>(shapes.size()) < count) shapes.push_back(draw_shape());
  });
  return shapes;
}

// Of a layer's run.
struct Run {
  std::int64_t cycles = 0, passes = 0;
};

// Of each layer, in a child, since a process elaborates once; fewer than the layers where that failed.
inline std::vector<Run> runs_of(const Trace& trace, const std::string& machine,
                                const std::vector<std::string>& keys) {
  Options options;
  options.verify = false;
  ChildPool child(1, {});
  child.start(0, [&] {
    std::string said;
    for (const LayerResult& layer : simulate(trace, load_accelerator(machine, keys), options).layers)
      said += fmt::format("{} {} ", layer.cycles.value, layer.passes);
    return said;
  });
  std::vector<ChildEnd> ends;
  while (ends.empty()) ends = child.wait(std::chrono::milliseconds(1000));
  std::istringstream said(ends[0].text);
  std::vector<Run> runs;
  for (Run run; said >> run.cycles >> run.passes;) runs.push_back(run);
  return runs;
}

}  // namespace basil::testing
