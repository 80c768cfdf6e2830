// One sequence and one head of attention: where its tokens are, what they may look at, and the memory that computing it takes.
#pragma once

#include <algorithm>
#include <cmath>

#include "attention.h"
#include "dropout.h"
#include "simd.h"
#include "threads.h"

namespace spanlab {

constexpr int BLOCK = 32;  // queries at a time

/** The padded sizes are those of its matrices in cache. */
struct Head {
  const AttentionShape& shape;
  int row, head;
  int first, length, keys;  // tokens
  int width;                // of keys, in whole vectors
  int stride;               // of a row of keys: odd in cache lines, so that columns do not share a line
  int size;                 // of the head, in whole vectors
  Dropout dropout;

  Head(const AttentionShape& s, int item)
      : shape(s),
        row(item / s.heads),
        head(item % s.heads),
        first(s.offsets[row]),
        length(s.offsets[row + 1] - first),
        keys(std::min(s.keys[row], length)),
        width(roundUp(keys, W)),
        stride(width + 16),
        size(roundUp(s.size, W)),
        dropout(s.rate, s.seed, item) {}

  float scale() const { return shape.scale(); }
};

/** A thread's memory, handed out piece by piece. */
class Scratch {
 public:
  explicit Scratch(size_t count) : next_(threadMemory(count)) {}
  float* take(size_t count) {
    float* piece = next_;
    next_ += count;
    return piece;
  }

 private:
  float* next_;
};

/** The keys that a block of queries may look at, in whole vectors. */
struct Range {
  int first, width;

  Range(const Head& h, int from, int count) : first(0), width(h.width) {
    const int window = h.shape.window;
    if (window < 0) return;
    first = std::max(0, std::min(from - window, h.width - W) / W * W);
    width = std::max(W, std::min(h.width, roundUp(from + count + window, W)) - first);
  }
};

}  // namespace spanlab
