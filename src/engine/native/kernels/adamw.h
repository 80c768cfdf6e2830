// The optimizer's pass over all weights at once.
#pragma once

#include <cstdint>
#include <vector>

namespace spanlab {

/** One weight with its moments and its gradient. */
struct Weight {
  float *value, *first, *second;
  const float* gradient;
  int64_t size;
  bool decays;
};

struct AdamOptions {
  float rate, beta1, beta2, epsilon, decay;
  float scale;                     // of the gradients, below 1 when they are clipped
  float correction1, correction2;  // 1 - beta^step
};

/** AdamW as in PyTorch, in place. */
void adamw(const std::vector<Weight>& weights, const AdamOptions& options);

/** The sum of the squares of all elements. */
double squaredNorm(const std::vector<const float*>& tensors, const std::vector<int64_t>& sizes);

}  // namespace spanlab
