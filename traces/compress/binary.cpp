#include "traces/compress/binary.h"

#include <Eigen/Dense>
#include <cmath>

#include "traces/compress/quantise.h"
#include "traces/compress/recipe.h"
#include "traces/encodings/binary.h"
#include "traces/encodings/bits.h"
#include "traces/golden/golden.h"

namespace basil {
namespace {

using Eigen::ArrayXd;
using Eigen::ArrayXXd;

// What becomes of the ifmap: a word turns into its sign, -1 or 1, about its channel's threshold, and a sign
// stands for `size` by least squares.
struct Words {
  ArrayXd thresholds;  // a channel
  ArrayXXd typical,
      signs;  // channels x pixels: the ifmap and its signs, or their means where it is too small
  double size = 0;
};

Words words_of(const DenseLayer& dense) {
  constexpr Eigen::Index least_words = 16;  // of a channel
  using Ifmap = Eigen::Array<std::int16_t, Eigen::Dynamic, Eigen::Dynamic>;
  const Eigen::Index channels = dense.shape.C,
                     pixels = static_cast<Eigen::Index>(dense.ifmap.size()) / channels;
  const bool small = pixels < least_words;  // then all channels count as one
  const Eigen::Index rows = small ? 1 : channels;
  const ArrayXXd ifmap =
      Eigen::Map<const Ifmap>(dense.ifmap.data(), rows, channels * pixels / rows).cast<double>();
  const ArrayXd means = ifmap.rowwise().mean();
  const ArrayXd thresholds = means.rint();
  const ArrayXXd above = (ifmap > thresholds.replicate(1, ifmap.cols())).cast<double>();
  const ArrayXXd signs = 2 * above - 1;
  const ArrayXd sign_means = signs.rowwise().mean();
  const double agreement = ((ifmap.colwise() - means) * signs).mean();
  const double spread = 1 - sign_means.square().mean();
  const double size = spread > 0 ? agreement / spread : 0;
  if (!small) return {thresholds, ifmap, signs, size};
  return {ArrayXd::Constant(channels, thresholds[0]), ArrayXXd::Constant(channels, pixels, means[0]),
          ArrayXXd::Constant(channels, pixels, sign_means[0]), size};
}

// A column for each filter.
Eigen::Map<const Eigen::ArrayXXf> filters_of(const DenseLayer& dense) {
  return {dense.weights.data(), static_cast<Eigen::Index>(dense.shape.reduction()), dense.shape.K};
}

bits::Words sign_bits(const std::vector<float>& weights) {
  bits::Words signs(bits::words(static_cast<std::int64_t>(weights.size())));
  for (std::size_t i = 0; i < weights.size(); ++i)
    bits::set(signs, static_cast<std::int64_t>(i), weights[i] >= 0);
  return signs;
}

// Sums of each filter on that ifmap, bias included, averaged over the pixels.
ArrayXd mean_sums(Layer layer, const ArrayXXd& ifmap) {
  const Eigen::ArrayXXf narrow = ifmap.cast<float>();
  layer.ifmap.reals.assign(narrow.data(), narrow.data() + narrow.size());
  const std::vector<double> sums = run_golden(layer).reals;
  const Eigen::Index filters = layer.shape.K, pixels = static_cast<Eigen::Index>(sums.size()) / filters;
  return Eigen::Map<const ArrayXXd>(sums.data(), filters, pixels).rowwise().mean();
}

// The biases at which the mean of every sum stays what it is; `units` is what a sum of 1 is worth.
std::vector<float> biases_of(const DenseLayer& dense, const Words& words, const ArrayXd& units) {
  const Layer original = real_layer(dense);
  Layer signs = original;
  signs.bias_real.clear();
  for (float& weight : signs.weights.reals) weight = weight >= 0 ? 1.0F : -1.0F;
  const ArrayXXd typical = words.typical * static_cast<double>(dense.activation_scale);
  const ArrayXd biases = mean_sums(original, typical) - units * mean_sums(signs, words.signs);
  const Eigen::ArrayXf narrow = biases.cast<float>();
  return {narrow.begin(), narrow.end()};
}

}  // namespace

Layer fit_binary(const DenseLayer& dense) {
  const Words words = words_of(dense);
  const ArrayXd magnitudes = filters_of(dense).abs().cast<double>().colwise().mean();
  DenseLayer refitted = dense;
  const ArrayXd scales = magnitudes * words.size;
  refitted.bias = biases_of(dense, words, scales * static_cast<double>(dense.activation_scale));

  Operand weights;
  weights.encoding = &binary_encoding;
  weights.dtype = Dtype::int16;
  weights.extent = weights_extent(dense.shape);
  weights.own = Binary{sign_bits(dense.weights)};
  for (const double threshold : words.thresholds)
    weights.values.push_back(static_cast<std::int16_t>(threshold));
  weights.scales.clear();
  for (int k = 0; k < dense.shape.K; ++k) weights.scales.push_back(usable_scale(scales[k], refitted, k));
  return integer_layer(refitted, std::move(weights));
}

extern const RecipeStepType binary_step;
const RecipeStepType binary_step{
    .name = "binary",
    .summary = "signs of weights, and of ifmap words about a threshold (XNOR-Net), of layers without groups",
    .example = "{layers: conv9}",
    .read = [](YamlReader&, RecipeStep& step) { step.text = "binary weights and ifmap"; },
    .takes = [](const RecipeStep&, const DenseLayer& layer) { return layer.shape.groups == 1; },
    .make = [](const RecipeStep&, const DenseLayer& layer) { return fit_binary(layer); },
    .makes = &binary_encoding,
};

}  // namespace basil
