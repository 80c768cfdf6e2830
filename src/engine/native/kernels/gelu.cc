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

}  // namespace

template <class T>
void gelu(Rows rows, const T* x, const float* bias, T* y) {
  const int width = rows.width;
  parallel(pieces(rows.tokens), [&](int piece) {
    for (int i = piece * PIECE; i < std::min(rows.tokens, (piece + 1) * PIECE); i++) {
      const int64_t at = static_cast<int64_t>(i) * width;
      for (int j = 0; j < width; j += W) {
        const int n = width - j;
        const vec in = load(x + at + j, n) + load(bias + j, n);
        vec density;
        store(y + at + j, in * normalDistribution(in, density), n);
      }
    }
  });
}

template <class T>
void geluGradient(Rows rows, const T* dy, const T* x, const float* bias, T* y, T* dx, float* dBias) {
  const int width = rows.width;
  sumPieces(rows.tokens, width, dBias, [&](int from, int to, float* sums) {
    for (int i = from; i < to; i++) {
      const int64_t at = static_cast<int64_t>(i) * width;
      for (int j = 0; j < width; j += W) {
        const int n = width - j;
        const vec in = load(x + at + j, n) + load(bias + j, n);
        vec density;
        const vec share = normalDistribution(in, density);
        const vec d = load(dy + at + j, n) * (share + in * density);
        store(y + at + j, in * share, n);
        store(dx + at + j, d, n);
        store(sums + j, load(sums + j, n) + d, n);
      }
    }
  });
}

template void gelu(Rows, const float*, const float*, float*);
template void gelu(Rows, const bf16*, const float*, bf16*);
template void geluGradient(Rows, const float*, const float*, const float*, float*, float*, float*);
template void geluGradient(Rows, const bf16*, const bf16*, const float*, bf16*, bf16*, float*);

}  // namespace spanlab
