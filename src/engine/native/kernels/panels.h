// A product with a weight that was laid out once for it: what a layer computes again and again.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "rowwise.h"
#include "simd.h"

namespace spanlab {

struct Freed {
  void operator()(void* memory) const { std::free(memory); }
};
/** Memory that begins with a cache line. */
template <class T>
using Aligned = std::unique_ptr<T[], Freed>;

template <class T>
Aligned<T> allocateAligned(int64_t count) {
  const int64_t bytes = (count * static_cast<int64_t>(sizeof(T)) + 63) / 64 * 64;
  return Aligned<T>(static_cast<T*>(std::aligned_alloc(64, bytes > 0 ? bytes : 64)));
}

/** Rows of a tile, and its width in vectors: its sums, a row of the weight and one number fill the registers. */
#if defined(__AVX512F__)
constexpr int PANEL_ROWS = 6, PANEL_VECTORS = 4;
#elif defined(__aarch64__)
constexpr int PANEL_ROWS = 8, PANEL_VECTORS = 3;
#else
constexpr int PANEL_ROWS = 4, PANEL_VECTORS = 3;
#endif
constexpr int PANEL = PANEL_VECTORS * W;

/** A weight [columns, inner], as PyTorch stores it, in panels of a few columns, [inner, PANEL] each, zeros behind the last column. */
class Panels {
 public:
  Panels(const float* weight, int columns, int inner);
  const float* panel(int i) const { return values_.get() + static_cast<int64_t>(i) * PANEL * inner; }
  int count() const { return (columns + PANEL - 1) / PANEL; }

  const int columns, inner;

 private:
  Aligned<float> values_;
};

/** What becomes of a product before it is stored. */
struct Finish {
  const float* bias = nullptr;
  bool active = false;
  Activation activation = Activation::gelu;
};

/** c [rows, columns] = finish(a [rows, inner] · weightᵀ). */
void product(int rows, const float* a, const Panels& weight, const Finish& finish, float* c);

}  // namespace spanlab
