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
 * y = layerNorm(dropout(x + bias) + residual); `bias` and `offset` may be null. Keeps the normalized rows and one over their
 * deviation.
 */
template <class T>
void residualNorm(Rows rows, NormOptions options, const T* x, const float* bias, const float* residual,
                  const float* gain, const float* offset, float* y, T* normal, float* inverse);

/** Gradients of x, residual, gain, offset and bias from that of y. */
template <class T>
void residualNormGradient(Rows rows, NormOptions options, const float* dy, const T* normal, const float* inverse,
                          const float* gain, T* dx, float* dResidual, float* dGain, float* dOffset, float* dBias);

/** y = a + b. */
template <class T>
void add(Rows rows, const T* a, const float* b, float* y);

/** What is done to each number between two products: `gelu` exact, `geluTanh` approximated by tanh. */
enum class Activation { gelu, geluTanh, relu, silu };

/** y = f(x + bias). Gated, x is twice as wide as y, and its second half multiplies what becomes of the first. `bias` may be null. */
template <class T>
void activation(Rows rows, Activation kind, bool gated, const T* x, const float* bias, T* y);

/** y once more, and the gradients of x and bias. */
template <class T>
void activationGradient(Rows rows, Activation kind, bool gated, const T* dy, const T* x, const float* bias, T* y, T* dx,
                        float* dBias);

}  // namespace spanlab
