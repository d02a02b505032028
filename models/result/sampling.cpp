#include "models/result/sampling.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace basil {

Spread& Spread::operator+=(const Spread& other) {
  if (other.variance <= 0) return *this;
  if (variance <= 0) return *this = other;
  const double sum = variance + other.variance;
  degrees = sum * sum / (variance * variance / degrees + other.variance * other.variance / other.degrees);
  variance = sum;
  return *this;
}

double Spread::half_width() const {
  if (variance <= 0) return 0;
  return boost::math::quantile(boost::math::students_t(degrees), 0.975) * std::sqrt(variance);
}

Interval interval(double estimate, const Spread& spread) {
  return {std::max(0.0, estimate - spread.half_width()), estimate + spread.half_width()};
}

}  // namespace basil
