#include "traces/compress/comparator.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "core/random_stream.h"
#include "traces/compress/power_of_two.h"
#include "traces/compress/quantise.h"
#include "traces/compress/window.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/power_of_two.h"
#include "traces/golden/golden.h"
#include "traces/golden/golden_layers.h"

namespace basil {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::MatrixXd;
using Eigen::RowVectorXd;

// For each channel the pivot, then `taps` other places of the window, all different.
std::vector<std::uint8_t> choose_places(const DenseLayer& dense, int taps, std::uint64_t seed) {
  const LayerShape& s = dense.shape;
  const int middle = (s.R - 1) / 2 * s.S + (s.S - 1) / 2;
  RandomStream random(seed, dense.name);
  std::vector<std::uint8_t> others;
  for (int place = 0; place < s.R * s.S; ++place) {
    if (place != middle) others.push_back(static_cast<std::uint8_t>(place));
  }
  std::vector<std::uint8_t> places;
  for (int c = 0; c < s.C; ++c) {
    places.push_back(static_cast<std::uint8_t>(middle));
    for (std::size_t tap = 0; tap < static_cast<std::size_t>(taps); ++tap) {  // Fisher and Yates
      const auto left = static_cast<std::int64_t>(others.size() - tap);
      std::swap(others[tap], others[tap + static_cast<std::size_t>(random.below(left))]);
      places.push_back(others[tap]);
    }
  }
  return places;
}

// The pointwise stage before it is rounded: code words and sums about their means, one row a pixel.
struct Regression {
  RowMajor words, sums;
  RowVectorXd mean_words, mean_sums;

  [[nodiscard]] MatrixXd weights() const {  // channels x filters
    constexpr double share = 0.01;
    MatrixXd gram = words.transpose() * words;
    const double ridge = share * gram.trace() / static_cast<double>(gram.rows());
    if (ridge <= 0) return MatrixXd::Zero(gram.rows(), sums.cols());  // words that never change
    gram.diagonal().array() += ridge;
    return gram.llt().solve(words.transpose() * sums);
  }
};

Regression regression_of(const DenseLayer& dense, const Operand& weights) {
  const std::vector<std::int16_t> words = golden::words_of_windows(dense.shape, dense.ifmap, weights);
  const std::vector<double> sums = run_golden(real_layer(dense)).reals;
  const Eigen::Index pixels = static_cast<Eigen::Index>(sums.size()) / dense.shape.K;
  using Words = Eigen::Matrix<std::int16_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Regression found;
  found.words = Eigen::Map<const Words>(words.data(), pixels, dense.shape.C).cast<double>();
  found.sums = Eigen::Map<const RowMajor>(sums.data(), pixels, dense.shape.K);
  found.mean_words = found.words.colwise().mean();
  found.mean_sums = found.sums.colwise().mean();
  found.words.rowwise() -= found.mean_words;
  found.sums.rowwise() -= found.mean_sums;
  return found;
}

// One filter's pointwise weights, and the real value of a sum of 1.
struct Filter {
  std::vector<std::int16_t> codes;
  double unit = 0;
  double bias = 0;
};

Filter fit_filter(const Regression& regression, const Eigen::VectorXd& weights, Eigen::Index k) {
  const std::vector<float> narrow(weights.begin(), weights.end());
  OneTerm rounded = nearest_powers(narrow);
  Eigen::VectorXd values(weights.size());
  for (Eigen::Index c = 0; c < values.size(); ++c)
    values[c] = power_of_two::value_of(rounded.codes[static_cast<std::size_t>(c)]);
  const Eigen::VectorXd predicted = regression.words * values;
  const double agreement = predicted.dot(regression.sums.col(k)), energy = predicted.squaredNorm();
  Filter filter{.codes = std::move(rounded.codes), .bias = regression.mean_sums[k]};
  if (agreement > 0 && energy > 0) {
    filter.unit = agreement / energy;
    filter.bias -= filter.unit * regression.mean_words.dot(values);
  } else {  // rounding left nothing that helps: the mean alone
    std::ranges::fill(filter.codes, std::int16_t{0});
  }
  return filter;
}

}  // namespace

Layer fit_comparator(const DenseLayer& dense, const FitComparator& fit) {
  constexpr int usual_taps = 4;
  const LayerShape& s = dense.shape;
  Operand weights;
  weights.encoding = &comparator_encoding;
  weights.dtype = Dtype::int4;
  weights.extent = weights_extent(s);
  const int taps = fit.taps.value_or(std::min(usual_taps, s.R * s.S - 1));
  weights.own = Comparator{.taps = taps, .offsets = choose_places(dense, taps, fit.seed)};
  weights.scales.clear();

  const Regression regression = regression_of(dense, weights);
  const MatrixXd pointwise = regression.weights();
  DenseLayer refitted = dense;  // with the bias that goes with the new sums
  refitted.bias.clear();
  std::vector<double> units;
  for (int k = 0; k < s.K; ++k) {
    Filter filter = fit_filter(regression, pointwise.col(k), k);
    weights.values.insert(weights.values.end(), filter.codes.begin(), filter.codes.end());
    units.push_back(filter.unit / static_cast<double>(dense.activation_scale));
    refitted.bias.push_back(static_cast<float>(filter.bias));
  }
  for (int k = 0; k < s.K; ++k)
    weights.scales.push_back(usable_scale(units[static_cast<std::size_t>(k)], refitted, k));
  return integer_layer(refitted, std::move(weights));
}

namespace {

void read(YamlReader& reader, RecipeStep& step) {
  FitComparator fit;
  if (reader.has("taps")) fit.taps = static_cast<int>(reader.integer("taps", 1, comparator::max_taps));
  fit.where = reader.where("taps");
  fit.seed = static_cast<std::uint64_t>(reader.integer("seed", 0, std::int64_t{1} << 53, 1));
  step.text = fit.taps ? fmt::format("comparators of {} taps", *fit.taps) : std::string("comparators");
  step.parameters = fit;
}

bool takes(const RecipeStep& step, const DenseLayer& layer) {
  const int window = layer.shape.R * layer.shape.S;
  if (!has_window(layer) || layer.shape.groups > 1 || window > comparator::max_window) return false;
  const auto& fit = step.as<FitComparator>();
  check_choice(fit.taps, window - 1, layer, fit.where);
  return true;
}

}  // namespace

extern const RecipeStepType comparator_step;
const RecipeStepType comparator_step{
    .name = "comparator",
    .summary = "taps compared with a pivot (CMPNET), of convolutions with a window and without groups",
    .example = "{taps: 4}",
    .read = read,
    .takes = takes,
    .make = [](const RecipeStep& step,
               const DenseLayer& layer) { return fit_comparator(layer, step.as<FitComparator>()); },
    .makes = &comparator_encoding,
};

}  // namespace basil
