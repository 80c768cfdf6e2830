// Small matrix products in cache.
#pragma once

#include "simd.h"

namespace spanlab {

/** A matrix of floats with any order in memory. */
struct Matrix {
  const float* at;
  int row, column;  // how far the next row and the next column are
};

/** Rows of a tile, and its width in vectors: together they fill the registers. */
#if defined(__AVX512F__)
constexpr int TILE_ROWS = 8, TILE_VECTORS = 3;
#else
constexpr int TILE_ROWS = 4, TILE_VECTORS = 2;
#endif

template <int VECTORS>
inline void multiplyTile(int inner, Matrix a, const float* b, int bRow, float* c, int cRow, bool add) {
  vec sums[TILE_ROWS][VECTORS];
  // loops that are not unrolled would make memory of the sums
#pragma GCC unroll 16
  for (int m = 0; m < TILE_ROWS; m++) {
#pragma GCC unroll 8
    for (int n = 0; n < VECTORS; n++) sums[m][n] = vec{};
  }
  for (int k = 0; k < inner; k++) {
    vec right[VECTORS];
    for (int n = 0; n < VECTORS; n++) right[n] = load(b + k * bRow + n * W);
    for (int m = 0; m < TILE_ROWS; m++) {
      const vec left = splat(a.at[m * a.row + k * a.column]);
      for (int n = 0; n < VECTORS; n++) sums[m][n] = multiplyAdd(left, right[n], sums[m][n]);
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < TILE_ROWS; m++) {
#pragma GCC unroll 8
    for (int n = 0; n < VECTORS; n++) {
      float* to = c + m * cRow + n * W;
      store(to, add ? load(to) + sums[m][n] : sums[m][n]);
    }
  }
}

/** c = a b, or c += a b: [rows, inner] · [inner, columns]; `rows` a multiple of TILE_ROWS, `columns` of W. */
inline void multiply(int rows, int columns, int inner, Matrix a, const float* b, int bRow, float* c, int cRow,
                     bool add = false) {
  for (int n = 0; n < columns;) {
    const int vectors = (columns - n) / W;
    const int width = vectors < TILE_VECTORS ? vectors : TILE_VECTORS;
    for (int m = 0; m < rows; m += TILE_ROWS) {
      const Matrix part = {a.at + m * a.row, a.row, a.column};
      float* to = c + m * cRow + n;
      if (width == 1) multiplyTile<1>(inner, part, b + n, bRow, to, cRow, add);
      if (width == 2) multiplyTile<2>(inner, part, b + n, bRow, to, cRow, add);
      if (width == 3) multiplyTile<3>(inner, part, b + n, bRow, to, cRow, add);
    }
    n += width * W;
  }
}

}  // namespace spanlab
