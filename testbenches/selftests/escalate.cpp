// ESCALATE against its baselines at equal multipliers, over the density of its coefficients: where the
// published 2.16x (over sparse accelerators) and 17.9x (over dense ones) are reached, and what decides.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "models/compare/compare.h"
#include "models/processes/jobs.h"
#include "models/simulate.h"
#include "testbenches/selftests/drawn.h"
#include "testbenches/selftests/escalate_formula.h"
#include "testbenches/selftests/figures.h"
#include "testbenches/selftests/processing.h"
#include "testbenches/selftests/selftests.h"
#include "traces/compress/compress.h"

namespace basil {
namespace {

inline constexpr double over_sparse = 2.16, over_dense = 17.9;
inline constexpr std::int64_t multipliers = 1024;
inline constexpr double pruned = 0.7;  // share of zero weights that the sparse baselines get

constexpr const char* notes = R"(notes:
  formula     layers that fill the array once, without what delivers operands. Cycles where every word and
              coefficient is set, so that both stages have closed forms; counts of slots from any operands.
  what decides: a block multiplies K M values a pixel, R S taps each, in place of K C R S products: 9 C / 54
              fewer, and that is the gain over dense arrays. Density moves little: stage 2 needs two cycles for
              the nine taps of a value that is not zero, and stage 1 passes over a value's C coefficients at most
              lanes x (look_ahead + 1) = 48 a cycle, set or not. Up to 96 channels the multipliers are as fast;
              beyond, the scan starves them (starved). So few coefficients save energy and bytes more than time,
              and a wider window (unit.look_ahead, unit.lanes) is what wide layers ask for.
  baselines   sparse ones gain with their weights' zeros instead; maps of a few pixels, as in fashion-vgg, leave
              all of them waiting. Without retraining sparse coefficients cost accuracy: 'basil compress' prints
              the output error.
  delivery    a block reads its ifmap row once for all slices, from a single-ported bank for each row of the
              window, and broadcasts pixel by pixel into stores of the slices, which drift apart by what these
              hold. With seven ports a bank, which it takes for every slice to read where it is, the array would
              be twice as large. Each ifmap row waits two cycles for its first pixel, and on plain weights each
              ofmap value for its share; taps wait for banks of psums, and a pass ends with its last rows read
              out. Sparten's filter chunks and eyeriss' beats and full FIFOs are timed too.
)";

Result run(const std::string& accelerator, const Trace& trace) {
  return simulate_in_children(trace, with_multipliers(accelerator, {}, multipliers).machine, {}, 1);
}

struct Point {
  double density = 0;
  double eyeriss = 0, scnn = 0, sparten = 0;  // mean speed-ups over them
  double computing = 0, starved = 0;          // of multiplier-cycles, %

  [[nodiscard]] double sparse() const { return std::sqrt(scnn * sparten); }
};

// The baselines, run once, and escalate at each density by `trace_at`.
template <class TraceAt>
std::vector<Point> sweep(const Trace& dense, const Trace& sparse, const std::vector<double>& densities,
                         TraceAt&& trace_at) {
  const Result eyeriss = run("eyeriss", dense), scnn = run("scnn", sparse), sparten = run("sparten", sparse);
  std::vector<Point> points;
  for (const double density : densities) {
    const Result ours = run("escalate", trace_at(density));
    points.push_back({.density = density,
                      .eyeriss = mean_speedup(ours, eyeriss),
                      .scnn = mean_speedup(ours, scnn),
                      .sparten = mean_speedup(ours, sparten),
                      .computing = percent(ours, Bin::compute),
                      .starved = percent(ours, Bin::wait_activations)});
  }
  return points;
}

void tell(const std::string& title, const std::vector<Point>& points, Figures& figures) {
  std::string table =
      fmt::format("{}\n{:>12} {:>13} {:>11} {:>13} {:>14} {:>12} {:>12}\n", title, "coefficients",
                  "over eyeriss", "over scnn", "over sparten", "over sparse", "computing %", "starved %");
  for (const Point& point : points) {
    table += fmt::format("{:>12g} {:>12.2f}x {:>10.2f}x {:>12.2f}x {:>13.2f}x {:>12.1f} {:>12.1f}\n",
                         point.density, point.eyeriss, point.scnn, point.sparten, point.sparse(),
                         point.computing, point.starved);
    figures.json()["points"].push_back({{"on", title},
                                        {"density", point.density},
                                        {"over_eyeriss", point.eyeriss},
                                        {"over_scnn", point.scnn},
                                        {"over_sparten", point.sparten},
                                        {"computing_percent", point.computing},
                                        {"starved_percent", point.starved}});
  }
  figures.table(table + "\n");
  const Point& last = points.back();
  const std::string at = fmt::format("{}, density {:g}: ", title.substr(0, title.find(',')), last.density);
  figures.show(at + "over sparse arrays", last.sparse(), over_sparse, "mean of the two, their networks");
  figures.show(at + "over a dense one", last.eyeriss, over_dense, "eyeriss");
  bool never_slower = true;
  for (std::size_t i = 1; i < points.size(); ++i)
    never_slower = never_slower && points[i].eyeriss <= points[i - 1].eyeriss * 1.001;
  figures.must(never_slower, title + ": fewer coefficients are never slower");
}

std::vector<double> densities(bool full) {
  if (full) return {0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3};
  return {0.01, 0.1, 0.3};
}

void drawn_part(const SelftestOptions& options, Figures& figures) {
  std::vector<DrawnLayer> layers{{64, 64, 14, 0.5, 0.3}, {128, 128, 7, 0.5, 0.3}};
  if (options.full)
    layers = {
        {64, 64, 56, 0.5, 0.3}, {128, 128, 28, 0.5, 0.3}, {256, 256, 14, 0.5, 0.3}, {512, 512, 7, 0.5, 0.3}};
  const Trace trace = draw_convolutions("drawn", layers);
  tell("drawn layers, half of the ifmap zero, baselines' weights 70 % zero",
       sweep(trace, trace, densities(options.full),
             [&](double density) {
               Trace basis = trace;
               for (Layer& layer : basis.layers) draw_basis_weights(layer, 6, density, 1);
               return basis;
             }),
       figures);
}

Trace compressed(const DenseNetwork& network, const std::string& steps) {
  return compress(network, parse_recipe("steps:\n" + steps, "selftest")).trace;
}

void network_part(const SelftestOptions& options, const std::string& name, Figures& figures) {
  const std::filesystem::path file = std::filesystem::path(options.data) / (name + ".npz");
  if (options.data.empty() || !std::filesystem::exists(file)) {
    figures.table(name + ": left out, no " + (options.data.empty() ? "--data" : file.string()) + "\n\n");
    return;
  }
  const DenseNetwork network = read_dense_network(file);
  const Trace dense = compressed(network, "  - quantise: {bits: 8}\n");
  const Trace sparse = compressed(
      network,
      fmt::format("  - prune: {{method: magnitude, ratio: {}}}\n  - quantise: {{bits: 8}}\n", pruned));
  tell(name + ", its own ifmaps, baselines' weights 70 % zero",
       sweep(dense, sparse, densities(options.full),
             [&](double density) {
               return compressed(
                   network, fmt::format("  - basis: {{bases: 6, density: {}, iterations: 3}}\n", density));
             }),
       figures);
}

}  // namespace

SelftestReport escalate_selftest(const SelftestOptions& options) {
  Figures figures("expected");
  figures.table(
      "processing cycles at 1024 multipliers (escalate 1020), geometric mean over layers; published: "
      "latency, on "
      "average\n\n");
  escalate_by_formula(figures);
  drawn_part(options, figures);
  network_part(options, "fashion-vgg", figures);
  if (options.full) network_part(options, "face-resnet34", figures);
  figures.notes(notes);
  return figures.report();
}

}  // namespace basil
