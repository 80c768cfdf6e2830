// What is done to each number between two products, by vectors.
#pragma once

#include "rowwise.h"
#include "simd.h"

namespace spanlab {

/** Φ(x) and the density φ(x) of the normal distribution, from one exponential: Abramowitz and Stegun 7.1.26, error 1e-7. */
inline vec normalDistribution(vec x, vec& density) {
  const vec u = max(x, -x) * 0.70710678f;
  const vec gauss = exp(-u * u);
  const vec t = 1.0f / (u * 0.3275911f + 1.0f);
  vec p = splat(1.061405429f);
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  const vec tail = 0.5f * p * t * gauss;
  density = gauss * 0.39894228f;
  return x < 0.0f ? tail : 1.0f - tail;
}

inline vec sigmoid(vec x) { return 1.0f / (1.0f + exp(-x)); }

/** The value at x, and the slope there. */
template <Activation KIND>
inline vec activate(vec x, vec& slope) {
  if (KIND == Activation::gelu) {
    vec density;
    const vec share = normalDistribution(x, density);
    slope = share + x * density;
    return x * share;
  }
  if (KIND == Activation::geluTanh) {  // (1 + tanh(u)) / 2 is the sigmoid of 2 u
    const vec square = x * x;
    const vec share = sigmoid(x * (1.59576912f + square * 0.0713548163f));
    slope = share + x * share * (1.0f - share) * (1.59576912f + square * 0.2140644489f);
    return x * share;
  }
  if (KIND == Activation::silu) {
    const vec share = sigmoid(x);
    slope = share + x * share * (1.0f - share);
    return x * share;
  }
  slope = x > 0.0f ? splat(1.0f) : vec{};
  return max(x, vec{});
}

/** The value alone. */
inline vec activate(Activation kind, vec x) {
  vec slope;
  switch (kind) {
    case Activation::gelu: return activate<Activation::gelu>(x, slope);
    case Activation::geluTanh: return activate<Activation::geluTanh>(x, slope);
    case Activation::silu: return activate<Activation::silu>(x, slope);
    default: return activate<Activation::relu>(x, slope);
  }
}

}  // namespace spanlab
