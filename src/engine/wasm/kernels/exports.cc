// What JavaScript calls. Addresses are numbers; 0 stands for a tensor that is not there. Shapes are checked on the other side.
#include <algorithm>

#include "../../native/kernels/adamw.h"
#include "../../native/kernels/attention.h"
#include "../../native/kernels/columns.h"
#include "../../native/kernels/dropout.h"
#include "../../native/kernels/rowwise.h"
#include "../../native/kernels/simd.h"
#include "product.h"

#define EXPORT(name) __attribute__((export_name(#name))) void name

using namespace spanlab;

namespace {

struct Seed {
  int32_t numbers[2];
};

enum class Operation { add, subtract, multiply, divide, squaredDifference };

template <Operation KIND>
vec combined(vec a, vec b) {
  if (KIND == Operation::add) return a + b;
  if (KIND == Operation::subtract) return a - b;
  if (KIND == Operation::multiply) return a * b;
  if (KIND == Operation::divide) return a / b;
  return (a - b) * (a - b);
}

/** A matrix, or one row or column or number that stands for all: the steps to the next row and column are 0 there. */
struct Operand {
  const float* at;
  int row, column;

  vec from(int i, int j, int n) const {
    const float* p = at + static_cast<int64_t>(i) * row + static_cast<int64_t>(j) * column;
    return column ? load(p, n) : splat(*p);
  }
};

template <Operation KIND>
void combineAll(Rows rows, Operand a, Operand b, float* y) {
  parallel(pieces(rows.tokens), [&](int piece) {
    for (int i = piece * PIECE; i < std::min(rows.tokens, (piece + 1) * PIECE); i++) {
      float* to = y + static_cast<int64_t>(i) * rows.width;
      for (int j = 0; j < rows.width; j += W) {
        const int n = rows.width - j;
        store(to + j, combined<KIND>(a.from(i, j, n), b.from(i, j, n)), n);
      }
    }
  });
}

}  // namespace

extern "C" {

/** c [rows, columns] = a · b; the factors with the steps to their next row and column. */
EXPORT(matrixProduct)(int rows, int columns, int inner, const float* a, int aRow, int aColumn, const float* b, int bRow,
                      int bColumn, float* c) {
  product(rows, columns, inner, {a, aRow, aColumn}, {b, bRow, bColumn}, c);
}

EXPORT(attend)(int rows, const int32_t* offsets, const int32_t* keys, int tokens, int heads, int size, int window, float rate,
               int seed, int site, const float* distances, int places, int disentangled, const float* qkv, const float* bias,
               float* mixed, float* logSums) {
  const Seed both = {{seed, site}};
  const AttentionShape shape = {rows,      offsets, keys, tokens, heads, size, window, rate, both.numbers,
                                distances, places,  disentangled != 0};
  attention(shape, qkv, bias, mixed, logSums);
}

EXPORT(attendGradient)(int rows, const int32_t* offsets, const int32_t* keys, int tokens, int heads, int size, int window,
                       float rate, int seed, int site, const float* distances, int places, int disentangled,
                       const float* dMixed, const float* qkv, const float* bias, const float* mixed, const float* logSums,
                       float* dQkv, float* dBias, float* dDistances) {
  const Seed both = {{seed, site}};
  const AttentionShape shape = {rows,      offsets, keys, tokens, heads, size, window, rate, both.numbers,
                                distances, places,  disentangled != 0};
  attentionGradient(shape, dMixed, qkv, bias, mixed, logSums, dQkv, dBias, dDistances);
}

EXPORT(turnByAngles)(int rows, const int32_t* offsets, int heads, int size, const float* cosines, const float* sines,
                     int backwards, float* qkv) {
  AttentionShape shape = {};
  shape.rows = rows;
  shape.offsets = offsets;
  shape.heads = heads;
  shape.size = size;
  rotate(shape, cosines, sines, backwards != 0, qkv);
}

EXPORT(norm)(int tokens, int width, float epsilon, float rate, int seed, int site, const float* x, const float* bias,
             const float* residual, const float* gain, const float* offset, float* y, float* normal, float* inverse) {
  const Seed both = {{seed, site}};
  residualNorm({tokens, width}, {epsilon, rate, both.numbers}, x, bias, residual, gain, offset, y, normal, inverse);
}

EXPORT(normGradient)(int tokens, int width, float rate, int seed, int site, const float* dy, const float* normal,
                     const float* inverse, const float* gain, float* dx, float* dResidual, float* dGain, float* dOffset,
                     float* dBias) {
  const Seed both = {{seed, site}};
  residualNormGradient({tokens, width}, {0, rate, both.numbers}, dy, normal, inverse, gain, dx, dResidual, dGain, dOffset,
                       dBias);
}

EXPORT(activate)(int tokens, int width, int kind, int gated, const float* x, const float* bias, float* y) {
  activation({tokens, width}, static_cast<Activation>(kind), gated != 0, x, bias, y);
}

EXPORT(activateGradient)(int tokens, int width, int kind, int gated, const float* dy, const float* x, const float* bias,
                         float* y, float* dx, float* dBias) {
  activationGradient({tokens, width}, static_cast<Activation>(kind), gated != 0, dy, x, bias, y, dx, dBias);
}

/** One weight after another: five words each, the addresses of value, moments and gradient, and the size, negative where it decays. */
EXPORT(optimize)(int count, const int32_t* list, float rate, float beta1, float beta2, float epsilon, float decay, float scale,
                 float correction1, float correction2) {
  std::vector<Weight> weights;
  for (int i = 0; i < count; i++) {
    const int32_t* one = list + 5 * i;
    const auto at = [&](int part) { return reinterpret_cast<float*>(one[part]); };
    weights.push_back({at(0), at(1), at(2), at(3), std::abs(one[4]), one[4] < 0});
  }
  adamw(weights, {rate, beta1, beta2, epsilon, decay, scale, correction1, correction2});
}

/** One tensor after another: its address and its size. */
__attribute__((export_name("sumOfSquares"))) float sumOfSquares(int count, const int32_t* list) {
  std::vector<const float*> tensors;
  std::vector<int64_t> sizes;
  for (int i = 0; i < count; i++) {
    tensors.push_back(reinterpret_cast<const float*>(list[2 * i]));
    sizes.push_back(list[2 * i + 1]);
  }
  return static_cast<float>(squaredNorm(tensors, sizes));
}

/** y [rows, width] from two matrices that may be one row, one column or one number for all. */
EXPORT(combine)(int kind, int rows, int width, const float* a, int aRow, int aColumn, const float* b, int bRow, int bColumn,
                float* y) {
  const Rows shape = {rows, width};
  const Operand left = {a, aRow, aColumn}, right = {b, bRow, bColumn};
  switch (static_cast<Operation>(kind)) {
    case Operation::add:
      return combineAll<Operation::add>(shape, left, right, y);
    case Operation::subtract:
      return combineAll<Operation::subtract>(shape, left, right, y);
    case Operation::multiply:
      return combineAll<Operation::multiply>(shape, left, right, y);
    case Operation::divide:
      return combineAll<Operation::divide>(shape, left, right, y);
    case Operation::squaredDifference:
      return combineAll<Operation::squaredDifference>(shape, left, right, y);
  }
}

/** The sum of each row, times `factor`. */
EXPORT(rowSums)(int rows, int width, const float* x, float factor, float* y) {
  parallel(pieces(rows), [&](int piece) {
    for (int i = piece * PIECE; i < std::min(rows, (piece + 1) * PIECE); i++) {
      vec total = {};
      for (int j = 0; j < width; j += W) total += load(x + static_cast<int64_t>(i) * width + j, width - j);
      y[i] = sum(total) * factor;
    }
  });
}

EXPORT(columnSums)(int rows, int width, const float* x, float* y) {
  sumPieces(rows, width, y, [&](int from, int to, float* sums) {
    for (int i = from; i < to; i++) {
      for (int j = 0; j < width; j += W) {
        const int n = width - j;
        store(sums + j, load(sums + j, n) + load(x + static_cast<int64_t>(i) * width + j, n), n);
      }
    }
  });
}

/** Rows of a table; the ids are within it. */
EXPORT(gatherRows)(int rows, int width, const float* table, const int32_t* ids, float* y) {
  for (int i = 0; i < rows; i++) {
    std::copy_n(table + static_cast<int64_t>(ids[i]) * width, width, y + static_cast<int64_t>(i) * width);
  }
}

/** Adds rows to those of their ids, one after another; rows with an id that is none are dropped. */
EXPORT(addRows)(int rows, int width, const float* x, const int32_t* ids, int count, float* y) {
  std::fill(y, y + static_cast<int64_t>(count) * width, 0.0f);
  for (int i = 0; i < rows; i++) {
    if (ids[i] < 0 || ids[i] >= count) continue;
    float* to = y + static_cast<int64_t>(ids[i]) * width;
    for (int j = 0; j < width; j += W) {
      const int n = width - j;
      store(to + j, load(to + j, n) + load(x + static_cast<int64_t>(i) * width + j, n), n);
    }
  }
}

/** Zeroes numbers with probability `rate` and enlarges the others. */
EXPORT(drop)(int rows, int width, float rate, int seed, int site, const float* x, float* y) {
  const int32_t both[2] = {seed, site};
  parallel(pieces(rows), [&](int piece) {
    for (int i = piece * PIECE; i < std::min(rows, (piece + 1) * PIECE); i++) {
      const Dropout dropout(rate, both, i);
      for (int j = 0; j < width; j += W) {
        const int64_t at = static_cast<int64_t>(i) * width + j;
        store(y + at, dropout.apply(load(x + at, width - j), j), width - j);
      }
    }
  });
}
}
