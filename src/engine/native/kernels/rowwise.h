// What happens to one token at a time between the matrix products, in one pass over memory.
#pragma once

#include <cstdint>

namespace spanlab {

/** x: [tokens, width]. */
struct Rows {
  int tokens, width;
};

struct NormOptions {
  float epsilon, rate;
  const int32_t* seed;  // [2]
};

/**
 * y = layerNorm(dropout(x + bias) + residual). Keeps the normalized rows and one over their deviation, and writes `y` once
 * more in the type of the matrix products where that is another (`y16`, else null).
 */
template <class T>
void residualNorm(Rows rows, NormOptions options, const T* x, const float* bias, const float* residual,
                  const float* gain, const float* offset, float* y, T* y16, T* normal, float* inverse);

/** Gradients of x, residual, gain, offset and bias from that of y, which comes in one or two parts (`more` may be null). */
template <class T>
void residualNormGradient(Rows rows, NormOptions options, const float* dy, const T* more, const T* normal,
                          const float* inverse, const float* gain, T* dx, float* dResidual, float* dGain,
                          float* dOffset, float* dBias);

/** y = gelu(x + bias), with the exact normal distribution. */
template <class T>
void gelu(Rows rows, const T* x, const float* bias, T* y);

/** y once more, and the gradients of x and bias. */
template <class T>
void geluGradient(Rows rows, const T* dy, const T* x, const float* bias, T* y, T* dx, float* dBias);

}  // namespace spanlab
