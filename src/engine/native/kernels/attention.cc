#include "attention.h"

#include <algorithm>
#include <vector>

#include "distances.h"
#include "head.h"
#include "matrix.h"
#include "threads.h"

namespace spanlab {
namespace {

constexpr float NEVER = -1e30f;

/** part 0, 1, 2: queries, keys, values. */
template <class T>
const T* slice(const Head& h, const T* qkv, int part, int token) {
  return qkv + static_cast<int64_t>(h.first + token) * 3 * h.shape.hidden() + part * h.shape.hidden() +
         h.head * h.shape.size;
}

/** Tokens as rows, with their bias where there is one, and times `scale`; zeros behind them up to `padded` rows. */
template <class T>
void gatherRows(const Head& h, const T* qkv, const float* bias, int part, int from, int count, int padded, float scale,
                float* to) {
  const float* b = bias ? bias + part * h.shape.hidden() + h.head * h.shape.size : nullptr;
  for (int i = 0; i < padded; i++) {
    for (int j = 0; j < h.size; j += W) {
      const int n = h.shape.size - j;
      vec value = {};
      if (i < count) {
        value = load(slice(h, qkv, part, from + i) + j, n);
        value = (b ? value + load(b + j, n) : value) * scale;
      }
      store(to + i * h.size + j, value);
    }
  }
}

/** [rows, columns] → [columns, rows]. */
void transpose(const float* from, int rows, int columns, float* to, int stride) {
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < columns; j++) to[j * stride + i] = from[i * columns + j];
  }
}

/** Rows of one head of a tensor [tokens, hidden]. */
template <class T>
void gatherHead(const Head& h, const T* x, int from, int count, int padded, float* to) {
  for (int i = 0; i < padded; i++) {
    const T* row = x + static_cast<int64_t>(h.first + from + i) * h.shape.hidden() + h.head * h.shape.size;
    for (int j = 0; j < h.size; j += W) {
      store(to + i * h.size + j, i < count ? load(row + j, h.shape.size - j) : vec{});
    }
  }
}

template <class T>
void scatter(const Head& h, const float* from, float scale, T* to) {
  for (int j = 0; j < h.size; j += W) store(to + j, load(from + j) * scale, h.shape.size - j);
}

/** Scores of padding after the last key, and of what is beyond the window of the query `at`, become impossible. */
void closeRow(const Head& h, Range range, int at, float* scores) {
  for (int n = std::max(0, h.keys - range.first); n < range.width; n++) scores[n] = NEVER;
  const int window = h.shape.window;
  if (window < 0) return;
  for (int n = 0; n < std::min(range.width, at - window - range.first); n++) scores[n] = NEVER;
  for (int n = std::max(0, at + window + 1 - range.first); n < range.width; n++) scores[n] = NEVER;
}

/** e^(score - most) in place; gives their sum and `most`. */
float exponentials(Range range, float* scores, float& most) {
  vec top = splat(NEVER);
  for (int n = 0; n < range.width; n += W) top = max(top, load(scores + n));
  most = max(top);
  vec total = {};
  for (int n = 0; n < range.width; n += W) {
    const vec e = exp(load(scores + n) - most);
    store(scores + n, e);
    total += e;
  }
  return sum(total);
}

/** Rows of a head where they are, for products that take them so; null where they must be gathered first, as distances want them. */
const float* inPlace(const Head& h, const float* qkv, const float* bias, int part, int from) {
  return bias || h.shape.distances || h.size != h.shape.size ? nullptr : slice(h, qkv, part, from);
}
const float* inPlace(const Head&, const bf16*, const float*, int, int) { return nullptr; }

/** What the next head reads lies a few bytes from each of what this one reads: it comes near in the meantime. */
template <class T>
void fetchNext(const Head& h, const T* qkv) {
  if (h.head + 1 == h.shape.heads) return;
  for (int i = 0; i < h.length; i++) {
    for (int part = 0; part < 3; part++) {
      const T* next = slice(h, qkv, part, i) + h.shape.size;
      for (int j = 0; j < h.shape.size; j += 64 / static_cast<int>(sizeof(T))) __builtin_prefetch(next + j);
    }
  }
}

/** Weights of a block of queries, times their sums, in place of their scores; gives one over the sums. */
void weigh(const Head& h, Range range, int from, int count, float* p, float* shares, float* logSums) {
  for (int i = 0; i < count; i++) {
    float* row = p + i * h.stride;
    float most;
    closeRow(h, range, from + i, row);
    const float total = exponentials(range, row, most);
    shares[i] = 1 / total;
    if (logSums) logSums[static_cast<int64_t>(h.first + from + i) * h.shape.heads + h.head] = most + std::log(total);
    if (!h.dropout.on) continue;
    const int number = (from + i) * h.width + range.first;
    for (int n = 0; n < range.width; n += W) store(row + n, h.dropout.apply(load(row + n), number + n));
  }
}

template <class T>
void forwardHead(const AttentionShape& shape, const Distances& all, int item, const T* qkv, const float* bias, T* mixed,
                 float* logSums) {
  const Head h(shape, item);
  const int apart = 3 * shape.hidden();
  Scratch scratch((2 * h.width + h.stride + 2 * BLOCK) * h.size + BLOCK * h.stride + HeadDistances::memory(h, all, false));
  float* k = scratch.take(h.width * h.size);
  float* gathered = scratch.take(h.width * h.size);
  float* kT = scratch.take(h.stride * h.size);
  float* q = scratch.take(BLOCK * h.size);
  float* out = scratch.take(BLOCK * h.size);
  float* p = scratch.take(BLOCK * h.stride);
  HeadDistances distances(h, all, scratch, false);
  const float* v = inPlace(h, qkv, bias, 2, 0);
  if (v) fetchNext(h, qkv);
  // queries that stay where they are cannot be scaled: their keys are
  const float onKeys = v ? h.scale() : 1, onQueries = v ? 1 : h.scale();
  gatherRows(h, qkv, bias, 1, 0, h.keys, h.width, onKeys, k);
  transpose(k, h.width, h.size, kT, h.stride);
  distances.start(k);
  const int vRow = v ? apart : h.size;
  if (!v) gatherRows(h, qkv, bias, 2, 0, h.keys, h.keys, 1, gathered);
  for (int from = 0; from < h.length; from += BLOCK) {
    const int count = std::min(BLOCK, h.length - from), padded = roundUp(count, TILE_ROWS);
    const Range range(h, from, count);
    const float* there = h.first + from + padded <= shape.tokens ? inPlace(h, qkv, bias, 0, from) : nullptr;
    if (!there) gatherRows(h, qkv, bias, 0, from, count, padded, onQueries, q);
    const Matrix queries = there ? Matrix{there, apart, 1} : Matrix{q, h.size, 1};
    multiply(padded, range.width, h.size, queries, kT + range.first, h.stride, p, h.stride);
    distances.add(range, from, count, padded, q, p);
    float shares[BLOCK];
    weigh(h, range, from, count, p, shares, logSums);
    const int keys = std::min(range.width, h.keys - range.first);
    multiply(padded, h.size, keys, {p, h.stride, 1}, (v ? v : gathered) + range.first * vRow, vRow, out, h.size);
    for (int i = 0; i < count; i++) {
      T* to = mixed + static_cast<int64_t>(h.first + from + i) * shape.hidden() + h.head * shape.size;
      scatter(h, out + i * h.size, shares[i], to);
    }
  }
}

/** Turns a row of scores into weights (in place, as dropout leaves them) and a row of their gradients into those of the scores. */
void backwardRow(const Head& h, Range range, int at, float* scores, float* gradients, float logSum, float delta) {
  closeRow(h, range, at, scores);
  const uint32_t number = at * h.width + range.first;
  for (int n = 0; n < range.width; n += W) {
    const vec weight = exp(load(scores + n) - logSum);
    vec kept = weight, gradient = load(gradients + n);
    if (h.dropout.on) {
      const ivec keep = h.dropout.kept(number + n);
      kept = keep ? weight * h.dropout.scale : vec{};
      gradient = keep ? gradient * h.dropout.scale : vec{};
    }
    store(scores + n, kept);
    store(gradients + n, weight * (gradient - delta));
  }
}

/** Adds the rows of `from` to `sums`. */
void addColumns(const Head& h, const float* from, int count, float scale, float* sums) {
  for (int j = 0; j < h.size; j += W) {
    vec total = {};
    for (int i = 0; i < count; i++) total += load(from + i * h.size + j);
    const int n = h.shape.size - j;
    store(sums + j, load(sums + j, n) + total * scale, n);
  }
}

/** `sums` are those of the gradients of distances. */
template <class T>
void backwardHead(const AttentionShape& shape, const Distances& all, int item, const T* dMixed, const T* qkv, const float* bias,
                  const T* mixed, const float* logSums, T* dQkv, float* dBias, float* sums) {
  const Head h(shape, item);
  Scratch scratch((4 * h.width + 2 * h.stride + 4 * BLOCK) * h.size + 2 * BLOCK * h.stride +
                  HeadDistances::memory(h, all, true));
  float* k = scratch.take(h.width * h.size);
  float* v = scratch.take(h.width * h.size);
  float* kT = scratch.take(h.stride * h.size);
  float* vT = scratch.take(h.stride * h.size);
  float* dK = scratch.take(h.width * h.size);
  float* dV = scratch.take(h.width * h.size);
  float* q = scratch.take(BLOCK * h.size);
  float* dO = scratch.take(BLOCK * h.size);
  float* o = scratch.take(BLOCK * h.size);
  float* dQ = scratch.take(BLOCK * h.size);
  float* p = scratch.take(BLOCK * h.stride);
  float* g = scratch.take(BLOCK * h.stride);
  HeadDistances distances(h, all, scratch, true);
  gatherRows(h, qkv, bias, 1, 0, h.keys, h.width, 1, k);
  gatherRows(h, qkv, bias, 2, 0, h.keys, h.width, 1, v);
  transpose(k, h.width, h.size, kT, h.stride);
  transpose(v, h.width, h.size, vT, h.stride);
  distances.start(k);
  std::fill(dK, dK + h.width * h.size, 0.0f);
  std::fill(dV, dV + h.width * h.size, 0.0f);
  const auto at = [&](int token, int part) {
    return dQkv + (static_cast<int64_t>(h.first + token) * 3 + part) * shape.hidden() + h.head * shape.size;
  };
  const auto biasAt = [&](int part) {
    return dBias + (static_cast<int64_t>(h.row) * 3 + part) * shape.hidden() + h.head * shape.size;
  };
  for (int from = 0; from < h.length; from += BLOCK) {
    const int count = std::min(BLOCK, h.length - from), padded = roundUp(count, TILE_ROWS);
    const Range range(h, from, count);
    gatherRows(h, qkv, bias, 0, from, count, padded, h.scale(), q);
    gatherHead(h, dMixed, from, count, padded, dO);
    gatherHead(h, mixed, from, count, padded, o);
    multiply(padded, range.width, h.size, {q, h.size, 1}, kT + range.first, h.stride, p, h.stride);
    distances.add(range, from, count, padded, q, p);
    multiply(padded, range.width, h.size, {dO, h.size, 1}, vT + range.first, h.stride, g, h.stride);
    for (int i = 0; i < padded; i++) {
      float *row = p + i * h.stride, *gradients = g + i * h.stride;
      if (i >= count) {
        std::fill(row, row + range.width, 0.0f);
        std::fill(gradients, gradients + range.width, 0.0f);
        continue;
      }
      vec delta = {};
      for (int j = 0; j < h.size; j += W) delta += load(dO + i * h.size + j) * load(o + i * h.size + j);
      const float logSum = logSums[static_cast<int64_t>(h.first + from + i) * shape.heads + h.head];
      backwardRow(h, range, from + i, row, gradients, logSum, sum(delta));
    }
    const int skipped = range.first * h.size;
    multiply(range.width, h.size, padded, {p, 1, h.stride}, dO, h.size, dV + skipped, h.size, true);
    multiply(range.width, h.size, padded, {g, 1, h.stride}, q, h.size, dK + skipped, h.size, true);
    multiply(padded, h.size, range.width, {g, h.stride, 1}, k + skipped, h.size, dQ, h.size);
    distances.collect(range, from, count, padded, q, g, dQ, sums);
    for (int i = 0; i < count; i++) scatter(h, dQ + i * h.size, h.scale(), at(from + i, 0));
    addColumns(h, dQ, count, h.scale(), biasAt(0));
  }
  distances.finish(k, dK, sums);
  std::fill(dQ, dQ + h.size, 0.0f);  // what padding that is no key gets
  for (int i = 0; i < h.length; i++) {
    scatter(h, i < h.keys ? dK + i * h.size : dQ, 1, at(i, 1));
    scatter(h, i < h.keys ? dV + i * h.size : dQ, 1, at(i, 2));
  }
  addColumns(h, dK, h.keys, 1, biasAt(1));
  addColumns(h, dV, h.keys, 1, biasAt(2));
}

}  // namespace

template <class T>
void attention(const AttentionShape& shape, const T* qkv, const float* bias, T* mixed, float* logSums) {
  const int items = shape.rows * shape.heads;
  const int together = items < 16 * threadCount() ? 1 : 4;
  const Distances distances(shape);
  parallel((items + together - 1) / together, [&](int piece) {
    for (int item = piece * together; item < std::min(items, (piece + 1) * together); item++) {
      forwardHead(shape, distances, item, qkv, bias, mixed, logSums);
    }
  });
}

template <class T>
void attentionGradient(const AttentionShape& shape, const T* dMixed, const T* qkv, const float* bias, const T* mixed,
                       const float* logSums, T* dQkv, float* dBias, float* dDistances) {
  const int width = 3 * shape.hidden(), heads = shape.heads;
  std::vector<float> perRow(static_cast<size_t>(shape.rows) * width);  // summed in order, whoever computed them
  const Distances distances(shape);
  DistanceGradients gradients(shape, distances);
  const auto compute = [&](int row, int head, float* sums) {
    backwardHead(shape, distances, row * heads + head, dMixed, qkv, bias, mixed, logSums, dQkv, perRow.data(), sums);
  };
  if (distances.any) {
    parallel(gradients.groups * heads, [&](int piece) {
      const int group = piece / heads, head = piece % heads;
      for (int row = gradients.firstRow(group); row < gradients.firstRow(group + 1); row++) {
        compute(row, head, gradients.of(group, head));
      }
    });
    gradients.write(shape, distances, dDistances);
  } else {
    parallel(shape.rows * heads, [&](int item) { compute(item / heads, item % heads, nullptr); });
  }
  std::fill(dBias, dBias + width, 0.0f);
  for (int row = 0; row < shape.rows; row++) {
    for (int j = 0; j < width; j++) dBias[j] += perRow[static_cast<size_t>(row) * width + j];
  }
}

template <class T>
void rotate(const AttentionShape& shape, const float* cosines, const float* sines, bool backwards, T* qkv) {
  const int half = shape.size / 2;
  parallel(shape.rows, [&](int row) {
    for (int token = shape.offsets[row]; token < shape.offsets[row + 1]; token++) {
      const float* cos = cosines + static_cast<int64_t>(token - shape.offsets[row]) * half;
      const float* sin = sines + static_cast<int64_t>(token - shape.offsets[row]) * half;
      for (int head = 0; head < 2 * shape.heads; head++) {  // those of the queries, then those of the keys
        T* first = qkv + static_cast<int64_t>(token) * 3 * shape.hidden() + head * shape.size;
        for (int j = 0; j < half; j += W) {
          const int n = half - j;
          const vec c = load(cos + j, n), s = backwards ? -load(sin + j, n) : load(sin + j, n);
          const vec a = load(first + j, n), b = load(first + half + j, n);
          store(first + j, a * c - b * s, n);
          store(first + half + j, b * c + a * s, n);
        }
      }
    }
  });
}

template void rotate(const AttentionShape&, const float*, const float*, bool, float*);
template void rotate(const AttentionShape&, const float*, const float*, bool, bf16*);
template void attention(const AttentionShape&, const float*, const float*, float*, float*);
template void attention(const AttentionShape&, const bf16*, const float*, bf16*, float*);
template void attentionGradient(const AttentionShape&, const float*, const float*, const float*, const float*,
                                const float*, float*, float*, float*);
template void attentionGradient(const AttentionShape&, const bf16*, const bf16*, const float*, const bf16*,
                                const float*, bf16*, float*, float*);

}  // namespace spanlab
