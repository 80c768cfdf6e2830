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
};

template <int ROWS>
void storeTile(const vec (&sums)[ROWS][PANEL_VECTORS], const Finish& finish, const float* bias, Place place) {
  for (int n = 0; n < PANEL_VECTORS; n++) {
    const int left = place.columns - n * W;
    if (left <= 0) break;
    const vec added = bias ? load(bias + n * W, left) : vec{};
    for (int m = 0; m < ROWS; m++) {
      const vec value = sums[m][n] + added;
      float* to = place.to + static_cast<int64_t>(m) * place.stride + n * W;
      store(to, finish.active ? activate(finish.activation, value) : value, left);
    }
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
    vec sums[ROWS][PANEL_VECTORS] = {};
    const float* from = a + static_cast<int64_t>(row) * weight.inner;
    multiplyTile<ROWS>(weight.inner, from, weight.panel(strip.panel), strip.ahead(tiles++), sums);
    float* to = c + static_cast<int64_t>(row) * weight.columns + first;
    storeTile<ROWS>(sums, strip.finish, bias, {to, weight.columns, weight.columns - first});
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
  const int block = std::clamp(BLOCK / weight.inner / PANEL_ROWS * PANEL_ROWS, 4 * PANEL_ROWS, 32 * PANEL_ROWS);
  const int blocks = (rows + block - 1) / block, panels = weight.count(), threads = threadCount();
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
