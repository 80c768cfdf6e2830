#include "columns.h"
#include "rowwise.h"
#include "simd.h"

namespace spanlab {
namespace {

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

/** The numbers of one row from j on, with their bias where there is one. */
template <class T>
inline vec biased(const T* x, const float* bias, int j, int n) {
  return bias ? load(x + j, n) + load(bias + j, n) : load(x + j, n);
}

template <Activation KIND, class T>
void forward(Rows rows, bool gated, const T* x, const float* bias, T* y) {
  const int width = rows.width, wide = gated ? 2 * width : width;
  parallel(pieces(rows.tokens), [&](int piece) {
    for (int i = piece * PIECE; i < std::min(rows.tokens, (piece + 1) * PIECE); i++) {
      const T* from = x + static_cast<int64_t>(i) * wide;
      T* to = y + static_cast<int64_t>(i) * width;
      for (int j = 0; j < width; j += W) {
        const int n = width - j;
        vec slope;
        const vec value = activate<KIND>(biased(from, bias, j, n), slope);
        store(to + j, gated ? value * biased(from + width, bias ? bias + width : nullptr, j, n) : value, n);
      }
    }
  });
}

template <Activation KIND, class T>
void backward(Rows rows, bool gated, const T* dy, const T* x, const float* bias, T* y, T* dx, float* dBias) {
  const int width = rows.width, wide = gated ? 2 * width : width;
  sumPieces(rows.tokens, wide, dBias, [&](int from, int to, float* sums) {
    for (int i = from; i < to; i++) {
      const int64_t at = static_cast<int64_t>(i) * width, wideAt = static_cast<int64_t>(i) * wide;
      for (int j = 0; j < width; j += W) {
        const int n = width - j;
        vec slope;
        const vec value = activate<KIND>(biased(x + wideAt, bias, j, n), slope);
        vec d = load(dy + at + j, n), result = value;
        if (gated) {
          const vec gate = biased(x + wideAt + width, bias ? bias + width : nullptr, j, n);
          const vec dGate = d * value;
          store(dx + wideAt + width + j, dGate, n);
          store(sums + width + j, load(sums + width + j, n) + dGate, n);
          d = d * gate;
          result = value * gate;
        }
        d = d * slope;
        store(y + at + j, result, n);
        store(dx + wideAt + j, d, n);
        store(sums + j, load(sums + j, n) + d, n);
      }
    }
  });
}

/** Calls `work` with the kind as a constant. */
template <class Work>
void choose(Activation kind, const Work& work) {
  using Kind = Activation;
  if (kind == Kind::gelu) work(std::integral_constant<Kind, Kind::gelu>());
  if (kind == Kind::geluTanh) work(std::integral_constant<Kind, Kind::geluTanh>());
  if (kind == Kind::relu) work(std::integral_constant<Kind, Kind::relu>());
  if (kind == Kind::silu) work(std::integral_constant<Kind, Kind::silu>());
}

}  // namespace

template <class T>
void activation(Rows rows, Activation kind, bool gated, const T* x, const float* bias, T* y) {
  choose(kind, [&](auto k) { forward<decltype(k)::value>(rows, gated, x, bias, y); });
}

template <class T>
void activationGradient(Rows rows, Activation kind, bool gated, const T* dy, const T* x, const float* bias, T* y, T* dx,
                        float* dBias) {
  choose(kind, [&](auto k) { backward<decltype(k)::value>(rows, gated, dy, x, bias, y, dx, dBias); });
}

template void activation(Rows, Activation, bool, const float*, const float*, float*);
template void activation(Rows, Activation, bool, const bf16*, const float*, bf16*);
template void activationGradient(Rows, Activation, bool, const float*, const float*, const float*, float*, float*,
                                 float*);
template void activationGradient(Rows, Activation, bool, const bf16*, const bf16*, const float*, bf16*, bf16*, float*);

}  // namespace spanlab
