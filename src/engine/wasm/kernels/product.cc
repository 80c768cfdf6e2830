// The matrix product after Goto and van de Geijn (2008): what the innermost loop reads lies one behind another in cache.
#include "product.h"

#include <algorithm>
#include <vector>

#include "../../native/kernels/simd.h"
#include "../../native/kernels/threads.h"

namespace spanlab {
namespace {

constexpr int TILE = 4;     // rows of a tile
constexpr int VECTORS = 2;  // its width in vectors: with more sums than these eight V8 has no registers left for the factors
constexpr int PANEL = VECTORS * W;
constexpr int DEPTH = 256;      // of a piece of the sum: a panel of b stays in the first cache
constexpr int BLOCK = 24 * TILE;  // rows that one thread takes at most: they stay in the second cache

/** [4, 4] to its transpose. */
inline void turn(vec& a, vec& b, vec& c, vec& d) {
  const vec ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const vec AB = __builtin_shufflevector(a, b, 2, 6, 3, 7), CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  a = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
  b = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  c = __builtin_shufflevector(AB, CD, 0, 1, 4, 5);
  d = __builtin_shufflevector(AB, CD, 2, 3, 6, 7);
}

/** `width` lines of `x`, `across` from each other, to [depth, WIDTH], zeros where there is none. */
template <int WIDTH>
void pack(const float* x, int64_t across, int64_t along, int width, int depth, float* to) {
  int k = 0;
  if (width == WIDTH && across == 1) {
    for (; k < depth; k++) std::copy_n(x + k * along, WIDTH, to + k * WIDTH);
  } else if (width == WIDTH && along == 1) {
    for (; k + 4 <= depth; k += 4) {
      int i = 0;
      for (; i + 4 <= WIDTH; i += 4) {
        const float* from = x + i * across + k;
        vec a = load(from), b = load(from + across), c = load(from + 2 * across), d = load(from + 3 * across);
        turn(a, b, c, d);
        float* at = to + k * WIDTH + i;
        store(at, a);
        store(at + WIDTH, b);
        store(at + 2 * WIDTH, c);
        store(at + 3 * WIDTH, d);
      }
      for (; i < WIDTH; i++) {
        for (int n = 0; n < 4; n++) to[(k + n) * WIDTH + i] = x[i * across + k + n];
      }
    }
  }
  for (; k < depth; k++) {
    for (int i = 0; i < WIDTH; i++) to[k * WIDTH + i] = i < width ? x[i * across + k * along] : 0;
  }
}

/** One tile: [TILE, depth] · [depth, PANEL], both packed. */
inline void multiplyTile(int depth, const float* __restrict a, const float* __restrict b, vec (&sums)[TILE][VECTORS]) {
  for (int k = 0; k < depth; k++) {
    vec right[VECTORS];
    for (int n = 0; n < VECTORS; n++) right[n] = load(b + n * W);
    for (int m = 0; m < TILE; m++) {
      const vec left = splat(a[m]);
      for (int n = 0; n < VECTORS; n++) sums[m][n] = multiplyAdd(left, right[n], sums[m][n]);
    }
    a += TILE;
    b += PANEL;
  }
}

struct Piece {
  int rows, columns, depth;
  bool add;
};

/** `rows` of c, or their next summand, from packed rows and all packed panels. */
void multiplyRows(Piece piece, const float* a, const float* b, float* c, int64_t stride) {
  for (int n = 0; n < piece.columns; n += PANEL) {
    const int width = std::min(PANEL, piece.columns - n);
    for (int m = 0; m < piece.rows; m += TILE) {
      vec sums[TILE][VECTORS] = {};
      multiplyTile(piece.depth, a + static_cast<int64_t>(m) * piece.depth, b + static_cast<int64_t>(n) * piece.depth, sums);
      const int height = std::min(TILE, piece.rows - m);
      for (int i = 0; i < TILE; i++) {
        if (i >= height) break;
        float* to = c + (m + i) * stride + n;
        for (int j = 0; j < VECTORS; j++) {
          const int left = width - j * W;
          if (left <= 0) break;
          store(to + j * W, piece.add ? load(to + j * W, left) + sums[i][j] : sums[i][j], left);
        }
      }
    }
  }
}

/** How many rows a thread takes at a time: enough pieces for all, whatever their number. */
int blockRows(int rows) { return std::clamp(roundUp((rows + 15) / 16, TILE), TILE, BLOCK); }

}  // namespace

void product(int rows, int columns, int inner, Layout a, Layout b, float* c) {
  const int block = blockRows(rows), blocks = (rows + block - 1) / block;
  const int panels = (columns + PANEL - 1) / PANEL;
  std::vector<float> packed(static_cast<size_t>(panels) * PANEL * std::min(DEPTH, inner));
  if (inner == 0) std::fill(c, c + static_cast<int64_t>(rows) * columns, 0.0f);
  for (int from = 0; from < inner; from += DEPTH) {
    const int depth = std::min(DEPTH, inner - from);
    const int group = 8;  // panels
    parallel((panels + group - 1) / group, [&](int i) {
      for (int n = i * group; n < std::min(panels, (i + 1) * group); n++) {
        const float* start = b.at + n * PANEL * b.column + from * b.row;
        pack<PANEL>(start, b.column, b.row, std::min(PANEL, columns - n * PANEL), depth, packed.data() + static_cast<int64_t>(n) * PANEL * depth);
      }
    });
    parallel(blocks, [&](int i) {
      const int first = i * block, count = std::min(block, rows - first);
      float* mine = threadMemory(static_cast<size_t>(roundUp(count, TILE)) * depth);
      for (int m = 0; m < count; m += TILE) {
        const float* start = a.at + (first + m) * a.row + from * a.column;
        pack<TILE>(start, a.row, a.column, std::min(TILE, count - m), depth, mine + static_cast<int64_t>(m) * depth);
      }
      multiplyRows({count, columns, depth, from > 0}, mine, packed.data(), c + static_cast<int64_t>(first) * columns, columns);
    });
  }
}

}  // namespace spanlab
