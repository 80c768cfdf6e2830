#include "panels.h"

#include <algorithm>

#include "activate.h"
#include "threads.h"

namespace spanlab {
namespace {

/** Of `a`, in floats: what one thread multiplies with one panel after another stays in its second cache. */
constexpr int BLOCK = 1 << 18;
/** Panels that one thread takes one after another, at most. */
constexpr int RUN = 4;
/** Floats of a cache line, and how many lines a row of a panel has. */
constexpr int LINE = 16, LINES = (PANEL + LINE - 1) / LINE;

/**
 * [ROWS, inner] · [inner, PANEL], rows of `a` lying `inner` apart. Meanwhile `inner` cache lines from `ahead` on come into the second
 * cache: weights are read once a pass, and the processor alone does not look as far as the next panel.
 */
template <int ROWS>
inline void multiplyTile(int inner, const float* a, const float* b, const float* ahead, vec (&sums)[ROWS][PANEL_VECTORS]) {
#pragma GCC unroll 16
  for (int m = 0; m < ROWS; m++) {
#pragma GCC unroll 8
    for (int n = 0; n < PANEL_VECTORS; n++) sums[m][n] = vec{};
  }
  for (int k = 0; k < inner; k++) {
    __builtin_prefetch(ahead + k * LINE, 0, 2);
    vec right[PANEL_VECTORS];
    for (int n = 0; n < PANEL_VECTORS; n++) right[n] = load(b + k * PANEL + n * W);
    for (int m = 0; m < ROWS; m++) {
      const vec left = splat(a[static_cast<int64_t>(m) * inner + k]);
      for (int n = 0; n < PANEL_VECTORS; n++) sums[m][n] = multiplyAdd(left, right[n], sums[m][n]);
    }
  }
}

/** Where a tile goes: its first number, how far its rows are apart, and how many of its columns there are. */
struct Place {
  float* to;
  int stride, columns;

  float* row(int m) const { return to + static_cast<int64_t>(m) * stride; }
};

/** A tile with all of its columns, from registers: loops that are not unrolled would make memory of the sums. */
template <int ROWS>
inline void storeWhole(const vec (&sums)[ROWS][PANEL_VECTORS], const float* bias, Place place) {
#pragma GCC unroll 8
  for (int n = 0; n < PANEL_VECTORS; n++) {
    const vec added = bias ? load(bias + n * W) : vec{};
#pragma GCC unroll 16
    for (int m = 0; m < ROWS; m++) store(place.row(m) + n * W, sums[m][n] + added);
  }
}

/** A tile of the last panel, which may have fewer columns. */
template <int ROWS>
inline void storePart(const vec (&sums)[ROWS][PANEL_VECTORS], const float* bias, Place place) {
  float whole[ROWS * PANEL];
  storeWhole<ROWS>(sums, nullptr, {whole, PANEL, PANEL});
  for (int m = 0; m < ROWS; m++) {
    for (int j = 0; j < place.columns; j++) place.row(m)[j] = whole[m * PANEL + j] + (bias ? bias[j] : 0);
  }
}

/** A tile that was stored. */
void activateTile(int rows, Activation kind, Place place) {
  const int width = std::min(PANEL, place.columns);
  for (int m = 0; m < rows; m++) {
    float* row = place.row(m);
    for (int j = 0; j < width; j += W) store(row + j, activate(kind, load(row + j, width - j)), width - j);
  }
}

/** Rows of `a` times one panel; `next` is the panel that will be wanted behind it. */
struct Strip {
  const Panels& weight;
  int panel, next;
  const Finish& finish;

  /** What to fetch while tile number `i` is computed: all of the next panel during the first ones, then nothing new. */
  const float* ahead(int i) const {
    const int64_t line = static_cast<int64_t>(LINE) * weight.inner;
    return i < LINES ? weight.panel(next) + i * line : weight.panel(panel);
  }
};

/** `ROWS` rows at a time, and fewer where fewer are left; `tiles` came before. */
template <int ROWS>
void multiplyRows(int rows, const float* a, const Strip& strip, float* c, int tiles = 0) {
  const Panels& weight = strip.weight;
  const int first = strip.panel * PANEL;
  const float* bias = strip.finish.bias ? strip.finish.bias + first : nullptr;
  int row = 0;
  for (; row + ROWS <= rows; row += ROWS) {
    vec sums[ROWS][PANEL_VECTORS];
    const float* from = a + static_cast<int64_t>(row) * weight.inner;
    multiplyTile<ROWS>(weight.inner, from, weight.panel(strip.panel), strip.ahead(tiles++), sums);
    const Place place = {c + static_cast<int64_t>(row) * weight.columns + first, weight.columns, weight.columns - first};
    place.columns < PANEL ? storePart<ROWS>(sums, bias, place) : storeWhole<ROWS>(sums, bias, place);
    if (strip.finish.active) activateTile(ROWS, strip.finish.activation, place);
  }
  if constexpr (ROWS > 1) {
    if (row == rows) return;
    const float* rest = a + static_cast<int64_t>(row) * weight.inner;
    multiplyRows<ROWS - 1>(rows - row, rest, strip, c + static_cast<int64_t>(row) * weight.columns, tiles);
  }
}

}  // namespace

Panels::Panels(const float* weight, int columns, int inner)
    : columns(columns), inner(inner), values_(allocateAligned<float>(static_cast<int64_t>(count()) * PANEL * inner)) {
  parallel(count(), [&](int i) {
    float* to = values_.get() + static_cast<int64_t>(i) * PANEL * inner;
    for (int n = 0; n < PANEL; n++) {
      const int column = i * PANEL + n;
      const float* from = weight + static_cast<int64_t>(column) * inner;
      for (int k = 0; k < inner; k++) to[k * PANEL + n] = column < columns ? from[k] : 0;
    }
  });
}

void product(int rows, const float* a, const Panels& weight, const Finish& finish, float* c) {
  const int most = std::clamp(BLOCK / weight.inner / PANEL_ROWS * PANEL_ROWS, 4 * PANEL_ROWS, 32 * PANEL_ROWS);
  const int blocks = (rows + most - 1) / most, panels = weight.count(), threads = threadCount();
  const int block = roundUp((rows + blocks - 1) / blocks, PANEL_ROWS);
  const int run = std::clamp(blocks * panels / threads / 2, 1, RUN), runs = (panels + run - 1) / run;
  parallel(blocks * runs, [&](int i) {
    const int row = i / runs * block, first = i % runs * run, end = std::min(panels, first + run);
    for (int panel = first; panel < end; panel++) {
      // behind its run a thread finds the others' runs taken
      const int next = panel + 1 < end ? panel + 1 : first + threads * run;
      const Strip strip = {weight, panel, next < panels ? next : 0, finish};
      multiplyRows<PANEL_ROWS>(std::min(block, rows - row), a + static_cast<int64_t>(row) * weight.inner, strip,
                               c + static_cast<int64_t>(row) * weight.columns);
    }
  });
}

}  // namespace spanlab
