// What density alone would say: the same layers with their zeros at random places.
#include <optional>

#include "models/result/column_makers.h"

namespace basil {
namespace {

double percent_off(double found, double real) { return 100 * (found - real) / real; }

// How far off a figure is, of a layer and of all.
template <class Figure, class Real>
MetricColumn error_column(ColumnName of, Figure figure, Real real) {
  using Error = std::optional<double>;
  return of_either_sign(with_run(of_layers(std::move(of),
                                           [=](const Result&, const LayerResult& layer) {
                                             if (!layer.density_only) return Error();
                                             return Error(
                                                 percent_off(figure(*layer.density_only), real(layer)));
                                           }),
                                 [=](const Result& result) {
                                   if (!result.density_only_seed) return Error();
                                   double found = 0, all = 0;
                                   for (const LayerResult& layer : result.layers) {
                                     found += figure(*layer.density_only);
                                     all += real(layer);
                                   }
                                   return Error(percent_off(found, all));
                                 }));
}

std::vector<MetricColumn> columns() {
  return {
      summed(in_part_of_layers(
          {"density_only_cycles", "cycles", "with the zeros at random places"}, &LayerResult::density_only,
          [](auto& part) -> auto& { return part.cycles; })),
      error_column(
          {"density_only_cycles_error_percent", "%", "how far off that is from the real masks' cycles"},
          [](const DensityOnlyResult& part) { return static_cast<double>(part.cycles.value); },
          [](const LayerResult& layer) { return static_cast<double>(layer.cycles.value); }),
      summed(in_part_of_layers(
          {"density_only_energy_pj", "pJ", "with the zeros at random places"}, &LayerResult::density_only,
          [](auto& part) -> auto& { return part.energy; })),
      error_column(
          {"density_only_energy_error_percent", "%", "how far off that is from the real masks' energy"},
          [](const DensityOnlyResult& part) { return part.energy.value; },
          [](const LayerResult& layer) { return layer.energy.total().value; }),
      rounded(in_part_of_layers(
          {"density_only_ofmap_density", "", "of the ofmap, with the zeros at random places"},
          &LayerResult::density_only, [](auto& part) -> auto& { return part.ofmap_density; })),
  };
}

}  // namespace

extern const ColumnGroup density_only_columns;
const ColumnGroup density_only_columns{
    .heading = "With zeros at random places, of a density alone", .place = 100, .columns = columns};

}  // namespace basil
