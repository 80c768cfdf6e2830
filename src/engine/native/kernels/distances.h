// What the distance of two tokens adds to the score of one for the other: a number of each head's (Raffel et al. 2020), or what the keys of
// distances give for the queries of tokens, and the queries of distances for the keys of tokens (He et al. 2021). Neither makes a square
// that outlives its row and head.
#pragma once

#include <vector>

#include "head.h"
#include "matrix.h"

namespace spanlab {

/**
 * The table of distances, laid out once for each head. Its rows are places: `longest - 1`, and the number of the token that is looked at
 * minus that of the token that looks; zeros behind the last place, so that whole vectors may be read.
 */
class Distances {
 public:
  explicit Distances(const AttentionShape& shape);

  const float* biases(int head) const { return at(biases_, head, places); }            // [places]
  const float* keys(int head) const { return at(keys_, head, places * size); }         // [places, size]
  const float* keysT(int head) const { return at(keysT_, head, places * size); }       // [size, places]
  const float* queries(int head) const { return at(queries_, head, places * size); }   // scaled
  const float* queriesT(int head) const { return at(queriesT_, head, places * size); }

  const bool any, disentangled;
  const int longest, places, size;  // padded, but for `longest`

 private:
  static const float* at(const std::vector<float>& list, int head, size_t count) { return list.data() + head * count; }
  void layOut(const AttentionShape& shape, int head);

  std::vector<float> biases_, keys_, keysT_, queries_, queriesT_;
};

/**
 * Gradients of the table: those of a group of rows are summed row by row, then the groups in order, whoever computed them. More groups
 * would keep more threads busy and take more memory.
 */
class DistanceGradients {
 public:
  DistanceGradients(const AttentionShape& shape, const Distances& distances);

  /** [places], or those of keys and behind them those of queries: [places, size] each. */
  float* of(int group, int head) { return sums_.data() + (static_cast<size_t>(group) * heads_ + head) * count_; }
  /** The first row of a group; of the group behind the last, the number of rows. */
  int firstRow(int group) const { return static_cast<int>(static_cast<int64_t>(rows_) * group / groups); }
  /** Writes the sums in the order of the table, [2 longest - 1, its width]. */
  void write(const AttentionShape& shape, const Distances& distances, float* gradient);

  const int groups;

 private:
  const int rows_, heads_;
  const size_t count_;
  std::vector<float> sums_;
};

/** What distances add to the scores of one row and head, and their gradients. */
class HeadDistances {
 public:
  /** The memory that it takes from the thread's. */
  static size_t memory(const Head& h, const Distances& all, bool backwards);
  HeadDistances(const Head& h, const Distances& all, Scratch& scratch, bool backwards);

  /** With the keys of tokens, [width, size]; before anything else. */
  void start(const float* k);
  /** Adds to the scores of a block of queries; `q` [padded, size] are scaled. */
  void add(Range range, int from, int count, int padded, const float* q, float* scores);
  /** Takes the gradients of a block's scores: adds those of the queries before their scale to `dQ`, and those of the table to `sums`. */
  void collect(Range range, int from, int count, int padded, const float* q, const float* gradients, float* dQ, float* sums);
  /** Adds the gradients of the keys of tokens, when all blocks have been collected. */
  void finish(const float* k, float* dK, float* sums);

 private:
  /** Keys at a time, which meet the queries of all tokens: the places of their distances, in whole vectors. */
  struct Keys {
    int count, place, span;
    Keys(const HeadDistances& all, int from);
  };

  /** The place of the first key of the range for the last query of a block; the other queries' come after it. */
  int placeOf(Range range, int from, int count) const { return range.first - (from + count - 1) + all_.longest - 1; }
  /** Where the product of a key with the distance to a query is. */
  size_t between(int query, int key) const {
    return static_cast<size_t>(key) * keyStride_ + key % BLOCK + h_.length - 1 - query;
  }
  static int strideOfKeys(const Head& h) { return roundUp(h.length + BLOCK, 32) + 16; }
  static int strideOfQueries(const Head& h) { return h.width + roundUp(BLOCK, W) + 16; }

  const Head& h_;
  const Distances& all_;
  const int keyStride_, queryStride_;
  float *ofKeys_ = nullptr, *dOfKeys_ = nullptr;  // [width, keyStride]: of each key with the distances to all queries
  float* ofQueries_ = nullptr;                    // [BLOCK, queryStride]: of each query with the distances to all keys
};

}  // namespace spanlab
