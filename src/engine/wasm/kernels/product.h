// The product of two matrices of any size, on all threads.
#pragma once

#include <cstdint>

namespace spanlab {

/** Where a matrix of floats lies: how far the next row and the next column are. */
struct Layout {
  const float* at;
  int64_t row, column;
};

/** c [rows, columns] = a [rows, inner] · b [inner, columns], row after row. */
void product(int rows, int columns, int inner, Layout a, Layout b, float* c);

}  // namespace spanlab
