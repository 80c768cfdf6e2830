#include <vector>

#include "columns.h"
#include "dropout.h"
#include "moments.h"
#include "rowwise.h"

namespace spanlab {
namespace {

void addTo(float* to, vec x, int n) { store(to, load(to, n) + x, n); }

}  // namespace

template <class T>
void residualNorm(Rows rows, NormOptions options, const T* x, const float* bias, const float* residual,
                  const float* gain, const float* offset, float* y, T* normal, float* inverse) {
  const int width = rows.width;
  parallel(pieces(rows.tokens), [&](int piece) {
    for (int i = piece * PIECE; i < std::min(rows.tokens, (piece + 1) * PIECE); i++) {
      const int64_t at = static_cast<int64_t>(i) * width;
      const Dropout dropout(options.rate, options.seed, i);
      for (int j = 0; j < width; j += W) {
        const int n = width - j;
        const vec in = bias ? load(x + at + j, n) + load(bias + j, n) : load(x + at + j, n);
        const vec z = dropout.apply(in, j) + load(residual + at + j, n);
        store(y + at + j, z, n);
      }
      float mean;
      moments(y + at, width, options.epsilon, mean, inverse[i]);
      for (int j = 0; j < width; j += W) {
        const int n = width - j;
        const vec normalized = (load(y + at + j, n) - mean) * inverse[i];
        const vec scaled = normalized * load(gain + j, n);
        store(normal + at + j, normalized, n);
        store(y + at + j, offset ? scaled + load(offset + j, n) : scaled, n);
      }
    }
  });
}

template <class T>
void residualNormGradient(Rows rows, NormOptions options, const float* dy, const T* normal, const float* inverse,
                          const float* gain, T* dx, float* dResidual, float* dGain, float* dOffset, float* dBias) {
  const int width = rows.width;
  std::vector<float> totals(3 * static_cast<size_t>(width));
  sumPieces(rows.tokens, 3 * width, totals.data(), [&](int from, int to, float* sums) {
    for (int i = from; i < to; i++) {
      const int64_t at = static_cast<int64_t>(i) * width;
      const Dropout dropout(options.rate, options.seed, i);
      vec shift = {}, slope = {};
      for (int j = 0; j < width; j += W) {
        const int n = width - j;
        const vec d = load(dy + at + j, n);
        const vec normalized = load(normal + at + j, n), g = d * load(gain + j, n);
        shift += g;
        slope += g * normalized;
        addTo(sums + j, d * normalized, n);
        addTo(sums + width + j, d, n);
      }
      const float a = sum(shift) / width, b = sum(slope) / width;
      for (int j = 0; j < width; j += W) {
        const int n = width - j;
        const vec g = load(dy + at + j, n) * load(gain + j, n);
        const vec dz = (g - a - load(normal + at + j, n) * b) * inverse[i];
        const vec d = dropout.apply(dz, j);
        store(dResidual + at + j, dz, n);
        store(dx + at + j, d, n);
        addTo(sums + 2 * width + j, d, n);
      }
    }
  });
  std::copy_n(totals.data(), width, dGain);
  std::copy_n(totals.data() + width, width, dOffset);
  std::copy_n(totals.data() + 2 * width, width, dBias);
}

template <class T>
void add(Rows rows, const T* a, const float* b, float* y) {
  const int width = rows.width;
  parallel(pieces(rows.tokens), [&](int piece) {
    for (int i = piece * PIECE; i < std::min(rows.tokens, (piece + 1) * PIECE); i++) {
      const int64_t at = static_cast<int64_t>(i) * width;
      for (int j = 0; j < width; j += W) store(y + at + j, load(a + at + j, width - j) + load(b + at + j, width - j), width - j);
    }
  });
}

template void add(Rows, const float*, const float*, float*);
template void add(Rows, const bf16*, const float*, float*);
template void residualNorm(Rows, NormOptions, const float*, const float*, const float*, const float*, const float*,
                           float*, float*, float*);
template void residualNorm(Rows, NormOptions, const bf16*, const float*, const float*, const float*, const float*,
                           float*, bf16*, float*);
template void residualNormGradient(Rows, NormOptions, const float*, const float*, const float*, const float*, float*,
                                   float*, float*, float*, float*);
template void residualNormGradient(Rows, NormOptions, const float*, const bf16*, const float*, const float*, bf16*,
                                   float*, float*, float*, float*);

}  // namespace spanlab
