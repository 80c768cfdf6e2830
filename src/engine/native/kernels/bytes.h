// Products in 8 bits, for processors that multiply four pairs of bytes at once (VNNI): a weight is rounded once, column by column, what
// it is multiplied with row by row as it comes (Dettmers et al. 2022 call both vector-wise).
#pragma once

#include "panels.h"

namespace spanlab {

/** Whether this processor has the instruction. */
bool multipliesBytes();

/** Rows of numbers in bytes: number `i` of a row is (byte - zero) * scale. */
class ByteRows {
 public:
  /** Takes the place of what was here. */
  void round(int rows, int width, const float* x);

  const uint8_t* row(int i) const { return bytes_.get() + static_cast<int64_t>(i) * stride_; }
  float scale(int i) const { return scales_[i]; }
  int32_t zero(int i) const { return zeros_[i]; }
  int stride() const { return stride_; }

 private:
  int stride_ = 0;  // bytes from row to row: whole fours
  int64_t room_ = 0;
  Aligned<uint8_t> bytes_;
  std::vector<float> scales_;
  std::vector<int32_t> zeros_;
};

/** A weight [columns, inner] in bytes and panels, four of a column's bytes one behind another. */
class BytePanels {
 public:
  BytePanels(const float* weight, int columns, int inner);
  int count() const { return (columns + PANEL - 1) / PANEL; }
  int fours() const { return (inner + 3) / 4; }
  /** [fours, PANEL, 4]. */
  const int8_t* panel(int i) const { return values_.get() + static_cast<int64_t>(i) * PANEL * 4 * fours(); }
  /** Of each column: what its bytes are times, and the sum of its bytes. Zeros behind the last. */
  const float* scales() const { return scales_.get(); }
  const int32_t* sums() const { return sums_.get(); }

  const int columns, inner;

 private:
  void fill(int panel, const float* weight);

  Aligned<int8_t> values_;
  Aligned<float> scales_;
  Aligned<int32_t> sums_;
};

/** c [rows, columns] = finish(a · weightᵀ). */
void product(int rows, const ByteRows& a, const BytePanels& weight, const Finish& finish, float* c);

}  // namespace spanlab
