// The mean and the deviation of a row, by vectors.
#pragma once

#include "simd.h"

namespace spanlab {

/** Σ f(j) over a row, by vectors. */
template <class F>
float rowSum(int width, const F& f) {
  vec total = {};
  for (int j = 0; j < width; j += W) total += f(j, width - j);
  return sum(total);
}

/** Lanes beyond the row's end to zero. */
inline vec within(vec x, int n) { return n >= W ? x : (count(0) < static_cast<uint32_t>(n) ? x : vec{}); }

/** The mean of the row z and one over its deviation. */
inline void moments(const float* z, int width, float epsilon, float& mean, float& inverse) {
  mean = rowSum(width, [&](int j, int n) { return load(z + j, n); }) / width;
  const float m = mean;
  const float squares = rowSum(width, [&](int j, int n) {
    const vec d = within(load(z + j, n) - m, n);
    return d * d;
  });
  inverse = 1 / std::sqrt(squares / width + epsilon);
}

}  // namespace spanlab
