// Sums over tokens: pieces of a fixed size sum theirs, and the pieces are added in order, so that chance decides nothing.
#pragma once

#include <algorithm>
#include <vector>

#include "threads.h"

namespace spanlab {

constexpr int PIECE = 64;  // tokens

inline int pieces(int tokens) { return (tokens + PIECE - 1) / PIECE; }

/** Calls `work(from, to, sums)` for every piece of tokens; `totals` [count] becomes the sum of all `sums`. */
template <class Work>
void sumPieces(int tokens, int count, float* totals, const Work& work) {
  std::vector<float> sums(static_cast<size_t>(pieces(tokens)) * count);
  parallel(pieces(tokens), [&](int piece) {
    work(piece * PIECE, std::min(tokens, (piece + 1) * PIECE), sums.data() + static_cast<size_t>(piece) * count);
  });
  std::fill(totals, totals + count, 0.0f);
  for (int piece = 0; piece < pieces(tokens); piece++) {
    for (int j = 0; j < count; j++) totals[j] += sums[static_cast<size_t>(piece) * count + j];
  }
}

}  // namespace spanlab
