// Attention without its square of weights in memory (Dao et al. 2022, FlashAttention): rows of queries go through one after
// another, and the way back computes their weights again.
#pragma once

#include <cmath>
#include <cstdint>

namespace spanlab {

/** Sequences that lie one behind another in one list of tokens. */
struct AttentionShape {
  int rows;
  const int32_t* offsets;  // [rows + 1]: where each sequence begins
  const int32_t* keys;     // [rows]: how many of its tokens may be looked at; the others are padding
  int tokens, heads, size;
  int window;  // a token sees those at most this far to either side; negative: all
  float rate;
  const int32_t* seed;  // [2]
  /**
   * What distances add to the scores, or null. A row for each place, from `longest - 1` tokens before the one that looks to as many behind
   * it: [places, heads] numbers, or [places, 3 hidden] queries and keys, whose values are not used.
   */
  const float* distances = nullptr;
  int places = 0;  // 2 longest - 1; no row has more tokens than `longest`
  bool disentangled = false;

  int hidden() const { return heads * size; }
  float scale() const { return 1 / std::sqrt(static_cast<float>(disentangled ? 3 * size : size)); }
};

/**
 * `qkv` [tokens, 3 hidden] lacks its `bias` [3 hidden], which may be null. Writes `mixed` [tokens, hidden] and `logSums` [tokens, heads], the
 * logarithm of the softmax's denominator.
 */
template <class T>
void attention(const AttentionShape& shape, const T* qkv, const float* bias, T* mixed, float* logSums);

/** Gradients of `qkv`, of `bias` and, where there are any, of the distances from that of `mixed`. */
template <class T>
void attentionGradient(const AttentionShape& shape, const T* dMixed, const T* qkv, const float* bias, const T* mixed,
                       const float* logSums, T* dQkv, float* dBias, float* dDistances);

/**
 * Turns queries and keys in place by the angles of their positions (Su et al. 2021): `cosines` and `sines` are
 * [longest row, size / 2]. `backwards` turns them back.
 */
template <class T>
void rotate(const AttentionShape& shape, const float* cosines, const float* sines, bool backwards, T* qkv);

}  // namespace spanlab
