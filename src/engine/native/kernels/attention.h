// Attention without its square of weights in memory (Dao et al. 2022, FlashAttention): rows of queries go through one after
// another, and the way back computes their weights again.
#pragma once

#include <cstdint>

namespace spanlab {

constexpr int LARGEST_HEAD = 128;

/** Sequences that lie one behind another in one list of tokens. */
struct AttentionShape {
  int rows;
  const int32_t* offsets;  // [rows + 1]: where each sequence begins
  const int32_t* keys;     // [rows]: how many of its tokens may be looked at; the others are padding
  int tokens, heads, size;
  float rate;
  const int32_t* seed;  // [2]

  int hidden() const { return heads * size; }
};

/**
 * `qkv` [tokens, 3 hidden] lacks its `bias` [3 hidden]. Writes `mixed` [tokens, hidden] and `logSums` [tokens, heads], the
 * logarithm of the softmax's denominator.
 */
template <class T>
void attention(const AttentionShape& shape, const T* qkv, const float* bias, T* mixed, float* logSums);

/** Gradients of `qkv` and of `bias` from that of `mixed`. */
template <class T>
void attentionGradient(const AttentionShape& shape, const T* dMixed, const T* qkv, const float* bias, const T* mixed,
                       const float* logSums, T* dQkv, float* dBias);

}  // namespace spanlab
