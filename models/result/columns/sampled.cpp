// Of a sampled run: what of it was simulated, and the 95 % intervals of what follows from it.
#include <optional>

#include "models/result/column_makers.h"

namespace basil {
namespace {

double estimate(const Result& result, Spread SampledPart::*spread) {
  return spread == &SampledPart::cycles ? static_cast<double>(result.cycles().value) : result.energy().value;
}

double estimate(const LayerResult& layer, Spread SampledPart::*spread) {
  return spread == &SampledPart::cycles ? static_cast<double>(layer.cycles.value)
                                        : layer.energy.total().value;
}

// An end of the interval: of each layer, and of all as Result::sampled() joins them.
MetricColumn interval_column(ColumnName of, Spread SampledPart::*spread, double Interval::*end) {
  using End = std::optional<double>;
  return with_run(of_layers(std::move(of),
                            [=](const Result&, const LayerResult& layer) {
                              if (!layer.sample) return End();
                              return End(interval(estimate(layer, spread), *layer.sample.*spread).*end);
                            }),
                  [=](const Result& result) {
                    if (!result.sample) return End();
                    return End(interval(estimate(result, spread), result.sampled().*spread).*end);
                  });
}

MetricColumn spread_column(ColumnName of, Spread SampledPart::*spread, double Spread::*figure) {
  return with_run(
      in_part_of_layers(
          std::move(of), &LayerResult::sample, [=](auto& part) -> auto& { return part.*spread.*figure; }),
      [=](const Result& result) {
        return result.sample ? std::optional<double>(result.sampled().*spread.*figure) : std::nullopt;
      });
}

void add_spread(std::vector<MetricColumn>& columns, const std::string& of, const std::string& unit,
                const std::string& suffix, Spread SampledPart::*spread) {
  const std::string name = "sampled_" + of, all = "of the 95 % interval of " + of;
  columns.push_back(
      interval_column({name + "_low" + suffix, unit, "low end " + all}, spread, &Interval::low));
  columns.push_back(
      interval_column({name + "_high" + suffix, unit, "high end " + all}, spread, &Interval::high));
  columns.push_back(spread_column({name + "_variance", unit + "^2", "of the estimate of " + of}, spread,
                                  &Spread::variance));
  columns.push_back(
      spread_column({name + "_degrees", "", "of freedom, of Student's t behind the interval of " + of},
                    spread, &Spread::degrees));
}

std::vector<MetricColumn> columns() {
  std::vector<MetricColumn> columns{summed(in_part_of_layers(
      {"sampled_passes", "", "passes simulated; the rest is extrapolated"}, &LayerResult::sample,
      [](auto& part) -> auto& { return part.passes; }))};
  add_spread(columns, "cycles", "cycles", "", &SampledPart::cycles);
  add_spread(columns, "energy", "pJ", "_pj", &SampledPart::energy_pj);
  return columns;
}

}  // namespace

extern const ColumnGroup sampled_columns;
const ColumnGroup sampled_columns{.heading = "Of a sampled run", .place = 90, .columns = columns};

}  // namespace basil
