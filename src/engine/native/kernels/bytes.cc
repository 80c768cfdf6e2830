#include "bytes.h"

#include <algorithm>
#include <cmath>

#if defined(__AVX512VNNI__) || defined(__AVXVNNI__)
#include <immintrin.h>
#endif

#include "activate.h"
#include "threads.h"

namespace spanlab {
namespace {

/** Tokens that are rounded at a time. */
constexpr int FEW = 16;
/** Rows that one thread multiplies with one panel after another. */
constexpr int BLOCK = 256;
constexpr int RUN = 4;  // panels

/** sums + the four products of bytes of `a`, without sign, and `b`, with sign, in each lane. */
inline ivec addProducts(ivec sums, ivec a, ivec b) {
#if defined(__AVX512VNNI__)
  return (ivec)_mm512_dpbusd_epi32((__m512i)sums, (__m512i)a, (__m512i)b);
#elif defined(__AVXVNNI__)
  return (ivec)_mm256_dpbusd_avx_epi32((__m256i)sums, (__m256i)a, (__m256i)b);
#else
  for (int i = 0; i < W; i++) {  // nobody asks for this: see multipliesBytes
    for (int k = 0; k < 32; k += 8) sums[i] += ((a[i] >> k) & 255) * static_cast<int8_t>(b[i] >> k);
  }
  return sums;
#endif
}

inline ivec loadInts(const void* p) {
  ivec v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

inline int32_t four(const uint8_t* p) {
  int32_t bytes;
  std::memcpy(&bytes, p, sizeof bytes);
  return bytes;
}

template <int ROWS>
inline void multiplyTile(int fours, const uint8_t* a, int stride, const int8_t* b, const int8_t* ahead,
                         ivec (&sums)[ROWS][PANEL_VECTORS]) {
  for (int k = 0; k < fours; k++) {
    __builtin_prefetch(ahead + k * 64, 0, 2);
    ivec right[PANEL_VECTORS];
    for (int n = 0; n < PANEL_VECTORS; n++) right[n] = loadInts(b + (k * PANEL + n * W) * 4);
    for (int m = 0; m < ROWS; m++) {
      const ivec left = four(a + static_cast<int64_t>(m) * stride + 4 * k) - ivec{};
      for (int n = 0; n < PANEL_VECTORS; n++) sums[m][n] = addProducts(sums[m][n], left, right[n]);
    }
  }
}

/** One panel, and the rows that it is multiplied with. */
struct Strip {
  const ByteRows& a;
  const BytePanels& weight;
  int panel;
  const Finish& finish;
  float* c;

  int first() const { return panel * PANEL; }
  /** The next panel comes into cache during the first tiles of this one. */
  const int8_t* ahead(int tile) const {
    constexpr int lines = (PANEL * 4 + 63) / 64;  // of a row of a panel
    const int next = tile < lines && panel + 1 < weight.count() ? panel + 1 : panel;
    return weight.panel(next) + static_cast<int64_t>(tile < lines ? tile : 0) * 64 * weight.fours();
  }
};

/** Back to floats: what the rows' zeros have added goes, scales and bias come. */
template <int ROWS>
void storeTile(const Strip& s, int row, const ivec (&sums)[ROWS][PANEL_VECTORS]) {
  for (int n = 0; n < PANEL_VECTORS; n++) {
    const int column = s.first() + n * W, left = s.weight.columns - column;
    if (left <= 0) break;
    const ivec ofBytes = loadInts(s.weight.sums() + column);
    const vec scales = load(s.weight.scales() + column), bias = s.finish.bias ? load(s.finish.bias + column, left) : vec{};
    for (int m = 0; m < ROWS; m++) {
      const ivec exact = sums[m][n] - ofBytes * s.a.zero(row + m);
      const vec value = __builtin_convertvector(exact, vec) * (scales * s.a.scale(row + m)) + bias;
      float* to = s.c + static_cast<int64_t>(row + m) * s.weight.columns + column;
      store(to, s.finish.active ? activate(s.finish.activation, value) : value, left);
    }
  }
}

/** `ROWS` rows at a time, and fewer where fewer are left; `tiles` came before. */
template <int ROWS>
void multiplyRows(const Strip& s, int row, int end, int tiles = 0) {
  for (; row + ROWS <= end; row += ROWS) {
    ivec sums[ROWS][PANEL_VECTORS] = {};
    multiplyTile<ROWS>(s.weight.fours(), s.a.row(row), s.a.stride(), s.weight.panel(s.panel), s.ahead(tiles++), sums);
    storeTile<ROWS>(s, row, sums);
  }
  if constexpr (ROWS > 1) {
    if (row < end) multiplyRows<ROWS - 1>(s, row, end, tiles);
  }
}

/** The least and the most of a row, and 0: what is 0 stays 0. */
void rangeOf(const float* x, int width, float& least, float& most) {
  vec low = {}, high = {};
  for (int j = 0; j < width; j += W) {
    const vec v = load(x + j, width - j);
    low = min(low, v);
    high = max(high, v);
  }
  least = -max(-low);
  most = max(high);
}

/** Rounds to the nearest: the sum's last bits are the rounded number. */
inline ivec nearest(vec x) { return (ivec)(x + 12582912.0f) - 0x4b400000; }

}  // namespace

bool multipliesBytes() {
#if defined(__AVX512VNNI__) || (defined(__AVXVNNI__) && !defined(__AVX512F__))
  return true;
#else
  return false;
#endif
}

void ByteRows::round(int rows, int width, const float* x) {
  typedef uint8_t bvec __attribute__((vector_size(W)));
  stride_ = roundUp(width, 4);
  const int64_t bytes = static_cast<int64_t>(rows) * stride_ + W;  // the last vector of a row may reach into the next
  if (bytes > room_) bytes_ = allocateAligned<uint8_t>(room_ = bytes);
  scales_.resize(rows);
  zeros_.resize(rows);
  parallel((rows + FEW - 1) / FEW, [&](int few) {
    const int end = std::min(rows, (few + 1) * FEW);
    for (int i = few * FEW; i < end; i++) {
      const float* from = x + static_cast<int64_t>(i) * width;
      uint8_t* to = bytes_.get() + static_cast<int64_t>(i) * stride_;
      float least, most;
      rangeOf(from, width, least, most);
      const float scale = most > least ? (most - least) / 255 : 1;
      const int zero = static_cast<int>(std::lround(-least / scale));
      scales_[i] = scale;
      zeros_[i] = zero;
      for (int j = 0; j < width; j += W) {
        const vec scaled = min(max(load(from + j, width - j) * (1 / scale) + static_cast<float>(zero), vec{}), splat(255));
        const bvec rounded = __builtin_convertvector(nearest(scaled), bvec);
        std::memcpy(to + j, &rounded, std::min(W, stride_ - j));
      }
    }
  });
}

BytePanels::BytePanels(const float* weight, int columns, int inner)
    : columns(columns),
      inner(inner),
      values_(allocateAligned<int8_t>(static_cast<int64_t>(count()) * PANEL * 4 * fours())),
      scales_(allocateAligned<float>(static_cast<int64_t>(count()) * PANEL)),
      sums_(allocateAligned<int32_t>(static_cast<int64_t>(count()) * PANEL)) {
  parallel(count(), [&](int panel) { fill(panel, weight); });
}

void BytePanels::fill(int panel, const float* weight) {
  int8_t* to = values_.get() + static_cast<int64_t>(panel) * PANEL * 4 * fours();
  std::fill(to, to + static_cast<int64_t>(PANEL) * 4 * fours(), static_cast<int8_t>(0));
  for (int n = 0; n < PANEL; n++) {
    const int column = panel * PANEL + n;
    scales_[column] = 0;
    sums_[column] = 0;
    if (column >= columns) continue;
    const float* from = weight + static_cast<int64_t>(column) * inner;
    float most = 0;
    for (int k = 0; k < inner; k++) most = std::max(most, std::fabs(from[k]));
    const float scale = most > 0 ? most / 127 : 1;
    scales_[column] = scale;
    for (int k = 0; k < inner; k++) {
      const int value = static_cast<int>(std::lround(from[k] / scale));
      to[(static_cast<int64_t>(k / 4) * PANEL + n) * 4 + k % 4] = static_cast<int8_t>(value);
      sums_[column] += value;
    }
  }
}

void product(int rows, const ByteRows& a, const BytePanels& weight, const Finish& finish, float* c) {
  const int blocks = (rows + BLOCK - 1) / BLOCK, panels = weight.count();
  const int run = std::clamp(blocks * panels / threadCount() / 2, 1, RUN), runs = (panels + run - 1) / run;
  parallel(blocks * runs, [&](int i) {
    const int row = i / runs * BLOCK, first = i % runs * run;
    for (int panel = first; panel < std::min(panels, first + run); panel++) {
      multiplyRows<PANEL_ROWS>({a, weight, panel, finish, c}, row, std::min(rows, row + BLOCK));
    }
  });
}

}  // namespace spanlab
