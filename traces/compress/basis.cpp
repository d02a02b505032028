#include "traces/compress/basis.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "traces/compress/quantise.h"
#include "traces/compress/window.h"
#include "traces/encodings/basis.h"

namespace basil {
namespace {

using Eigen::ArrayXf;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXf;

// Row k * C + c holds the kernel W[k, c], a column for each of its places.
MatrixXf kernels_as_rows(const DenseLayer& dense) {
  const Eigen::Index K = dense.shape.K, C = dense.shape.channels_per_group(),
                     places = Eigen::Index{dense.shape.R} * dense.shape.S;
  MatrixXf rows(K * C, places);
  const Eigen::Map<const MatrixXf> weights(dense.weights.data(), C, K * places);
  for (Eigen::Index k = 0; k < K; ++k) rows.middleRows(k * C, C) = weights.middleCols(k * places, places);
  return rows;
}

// Sums over the channels of each filter.
VectorXf by_filter(const ArrayXf& rows, Eigen::Index filters) {
  return Eigen::Map<const MatrixXf>(rows.data(), rows.size() / filters, filters).colwise().sum();
}

// The decomposition while it is fitted.
class Decomposition {
 public:
  Decomposition(const DenseLayer& dense, int bases)
      : original_(kernels_as_rows(dense)),
        largest_(original_.cwiseAbs().maxCoeff()),
        channels_(dense.shape.channels_per_group()),
        ternary_(MatrixXf::Zero(original_.rows(), bases)),
        scales_(VectorXf::Ones(dense.shape.K)) {
    // In units of the greatest weight, so that squares stay in range.
    if (std::isnormal(largest_)) {
      original_ /= largest_;
    } else {
      original_.setZero();
    }
    start_from_principal_components(bases);
  }

  // One turn of least squares: coefficients, kernels, scales.
  void improve(const FitBasis& fit) {
    fit_coefficients(fit);
    fit_kernels();
    fit_scales();
  }

  // Rounds the kernels to int8, the scales to what suits them then.
  void quantise() {
    const float largest = kernels_.size() == 0 ? 0.0F : kernels_.cwiseAbs().maxCoeff();
    if (largest <= 0) return;
    kernels_ = (kernels_ * (static_cast<float>(highest(Dtype::int8)) / largest)).array().rint().matrix();
    project();
    fit_scales();
  }

  [[nodiscard]] const MatrixXf& kernels() const { return kernels_; }  // bases x places
  [[nodiscard]] const MatrixXf& ternary() const { return ternary_; }  // filters and channels x bases
  [[nodiscard]] double scale(int filter) const {
    return static_cast<double>(scales_[filter]) * static_cast<double>(largest_);
  }

 private:
  // Kernel m is the m-th component at the level that suits a ternary normal variable best.
  void start_from_principal_components(int bases) {
    constexpr float level = 1.22F;  // Max, Quantizing for minimum distortion, 1960: 3 levels
    const MatrixXd wide = original_.cast<double>();
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(wide.transpose() * wide);  // ascending
    const MatrixXd components = solver.eigenvectors().rightCols(bases).rowwise().reverse();
    const Eigen::VectorXd deviations =
        (solver.eigenvalues().tail(bases).reverse().cwiseMax(0) / static_cast<double>(wide.rows()))
            .cwiseSqrt();
    kernels_ = level * (components * deviations.asDiagonal()).transpose().cast<float>();
    const VectorXf norms = by_filter(original_.rowwise().squaredNorm(), scales_.size()).cwiseSqrt();
    const float mean = std::sqrt(norms.squaredNorm() / static_cast<float>(norms.size()));
    if (mean > 0) scales_ = (norms.array() > 0).select(norms / mean, 1.0F);
    project();
  }

  // What the fits need of the kernels: their products with the originals and with each other.
  void project() {
    projected_ = original_ * kernels_.transpose();
    gram_ = kernels_ * kernels_.transpose();
  }

  [[nodiscard]] ArrayXf scale_of_rows() const {
    return scales_.transpose().replicate(channels_, 1).reshaped().array();
  }

  // Coefficients of base m by least squares, the others held.
  [[nodiscard]] ArrayXf real_coefficients(Eigen::Index m, const ArrayXf& scales) const {
    return (projected_.col(m).array() / scales - (ternary_ * gram_.col(m)).array()) / gram_(m, m) +
           ternary_.col(m).array();
  }

  // What coefficient m, found to be so much, takes off the squared error when it becomes +-1 rather than 0.
  [[nodiscard]] ArrayXf gains(Eigen::Index m, const ArrayXf& found, const ArrayXf& scales) const {
    return scales.square() * gram_(m, m) * (2 * found.abs() - 1);
  }

  // What a coefficient must take off so that at most a share of `density` is set.
  [[nodiscard]] float price_for(double density, const ArrayXf& scales) const {
    std::vector<float> all;
    all.reserve(static_cast<std::size_t>(ternary_.size()));
    for (Eigen::Index m = 0; m < ternary_.cols(); ++m) {
      if (gram_(m, m) <= 0) continue;
      const ArrayXf gained = gains(m, real_coefficients(m, scales), scales);
      all.insert(all.end(), gained.begin(), gained.end());
    }
    const auto kept = static_cast<std::size_t>(density * static_cast<double>(ternary_.size()));
    if (kept >= all.size()) return 0;
    const auto place = all.begin() + static_cast<std::ptrdiff_t>(kept);
    std::nth_element(all.begin(), place, all.end(), std::greater<>());
    return std::max(*place, 0.0F);
  }

  // A coefficient to -1, 0 or 1 after a soft threshold of price / (2 scale^2 |B|^2).
  void fit_coefficients(const FitBasis& fit) {
    const ArrayXf scales = scale_of_rows();
    const float energy = original_.squaredNorm() / static_cast<float>(ternary_.size());
    const float price =
        fit.density ? price_for(*fit.density, scales) : static_cast<float>(fit.sparsity) * energy;
    for (Eigen::Index m = 0; m < ternary_.cols(); ++m) {
      if (gram_(m, m) <= 0) continue;
      const ArrayXf found = real_coefficients(m, scales);
      ternary_.col(m) = (gains(m, found, scales) > price).select(found.sign(), 0.0F).matrix();
    }
  }

  void fit_kernels() {
    const MatrixXd scaled = (ternary_.array().colwise() * scale_of_rows()).matrix().cast<double>();
    const MatrixXd right = scaled.transpose() * original_.cast<double>();
    kernels_ = (scaled.transpose() * scaled).completeOrthogonalDecomposition().solve(right).cast<float>();
    project();
  }

  // Filters without a coefficient keep their scale.
  void fit_scales() {
    const ArrayXf agreement = ternary_.cwiseProduct(projected_).rowwise().sum();
    const ArrayXf energy = ternary_.cwiseProduct(ternary_ * gram_).rowwise().sum();
    const ArrayXf found = by_filter(agreement, scales_.size()).array();
    const ArrayXf norms = by_filter(energy, scales_.size()).array();
    scales_ = (found > 0 && norms > 0).select(found / norms, scales_.array()).matrix();
  }

  MatrixXf original_;  // filters and channels x places
  float largest_;
  Eigen::Index channels_;
  MatrixXf kernels_, ternary_;
  VectorXf scales_;
  MatrixXf projected_, gram_;
};

// Order outer, bases, depth.
std::vector<std::int16_t> coefficients_of(const MatrixXf& ternary, const Extent& extent) {
  std::vector<std::int16_t> coefficients;
  coefficients.reserve(static_cast<std::size_t>(ternary.size()));
  for (std::int64_t k = 0; k < extent.outer; ++k) {
    for (const float value : ternary.middleRows(k * extent.depth, extent.depth).reshaped())
      coefficients.push_back(static_cast<std::int16_t>(value));
  }
  return coefficients;
}

}  // namespace

int bases_of(const FitBasis& fit, const LayerShape& shape) {
  constexpr int usual = 6;  // of PENNI and ESCALATE for 3 x 3
  return fit.bases.value_or(std::min(usual, shape.R * shape.S));
}

Operand fit_basis(const DenseLayer& dense, const FitBasis& fit) {
  Decomposition decomposition(dense, bases_of(fit, dense.shape));
  for (int i = 0; i < fit.iterations; ++i) decomposition.improve(fit);
  decomposition.quantise();
  Operand weights;
  weights.encoding = &basis_encoding;
  weights.dtype = Dtype::int8;
  weights.extent = weights_extent(dense.shape);
  weights.parts<Basis>().bases = bases_of(fit, dense.shape);
  for (const float value : decomposition.kernels().transpose().reshaped())
    weights.values.push_back(static_cast<std::int16_t>(value));
  basis::put_coefficients(coefficients_of(decomposition.ternary(), weights.extent), weights.parts<Basis>());
  weights.scales.clear();
  for (int k = 0; k < dense.shape.K; ++k)
    weights.scales.push_back(usable_scale(decomposition.scale(k), dense, k));
  return weights;
}

namespace {

void read(YamlReader& reader, RecipeStep& step) {
  FitBasis fit;
  if (reader.has("density") && reader.has("sparsity")) {
    throw Error(reader.where(), "both density and sparsity", "one of them");
  }
  if (reader.has("bases")) fit.bases = static_cast<int>(reader.integer("bases", 1, basis::max_bases));
  fit.where = reader.where("bases");
  if (reader.has("density")) fit.density = reader.real("density", 0, 1);
  fit.sparsity = reader.real("sparsity", 0, 100, 0);
  fit.iterations = static_cast<int>(reader.integer("iterations", 1, 1000, 10));
  step.text = fit.bases ? fmt::format("{} basis kernels", *fit.bases) : std::string("basis kernels");
  if (fit.density) step.text += fmt::format(", {:g} of the coefficients", *fit.density);
  if (fit.sparsity > 0) step.text += fmt::format(", sparsity {:g}", fit.sparsity);
  step.parameters = fit;
}

bool takes(const RecipeStep& step, const DenseLayer& layer) {
  const bool depthwise = layer.shape.groups > 1 && layer.shape.channels_per_group() == 1;
  if (!has_window(layer) || depthwise) return false;
  const auto& fit = step.as<FitBasis>();
  check_choice(fit.bases, layer.shape.R * layer.shape.S, layer, fit.where);
  return true;
}

}  // namespace

extern const RecipeStepType basis_step;
const RecipeStepType basis_step{
    .name = "basis",
    .summary = "basis kernels and ternary coefficients (PENNI, ESCALATE), of convolutions with a window",
    .example = R"({bases: 6, density: 0.3, layers: "conv[2-5]"}   # or sparsity: 0.1)",
    .read = read,
    .takes = takes,
    .make =
        [](const RecipeStep& step, const DenseLayer& layer) {
          return integer_layer(layer, fit_basis(layer, step.as<FitBasis>()));
        },
    .makes = &basis_encoding,
    .usual = "{density: 0.3}",  // more hardly lowers the error
};

}  // namespace basil
