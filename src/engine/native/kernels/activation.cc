#include "activate.h"
#include "columns.h"
#include "rowwise.h"

namespace spanlab {
namespace {

/** The numbers of one row from j on, with their bias where there is one. */
template <class T>
inline vec biased(const T* x, const float* bias, int j, int n) {
  return bias ? load(x + j, n) + load(bias + j, n) : load(x + j, n);
}

template <Activation KIND, class T>
void forward(Rows rows, bool gated, const T* x, const float* bias, T* y) {
  const int width = rows.width, wide = gated ? 2 * width : width;
  parallel(pieces(rows.tokens), [&](int piece) {
    for (int i = piece * PIECE; i < std::min(rows.tokens, (piece + 1) * PIECE); i++) {
      const T* from = x + static_cast<int64_t>(i) * wide;
      T* to = y + static_cast<int64_t>(i) * width;
      for (int j = 0; j < width; j += W) {
        const int n = width - j;
        vec slope;
        const vec value = activate<KIND>(biased(from, bias, j, n), slope);
        store(to + j, gated ? value * biased(from + width, bias ? bias + width : nullptr, j, n) : value, n);
      }
    }
  });
}

template <Activation KIND, class T>
void backward(Rows rows, bool gated, const T* dy, const T* x, const float* bias, T* y, T* dx, float* dBias) {
  const int width = rows.width, wide = gated ? 2 * width : width;
  sumPieces(rows.tokens, wide, dBias, [&](int from, int to, float* sums) {
    for (int i = from; i < to; i++) {
      const int64_t at = static_cast<int64_t>(i) * width, wideAt = static_cast<int64_t>(i) * wide;
      for (int j = 0; j < width; j += W) {
        const int n = width - j;
        vec slope;
        const vec value = activate<KIND>(biased(x + wideAt, bias, j, n), slope);
        vec d = load(dy + at + j, n), result = value;
        if (gated) {
          const vec gate = biased(x + wideAt + width, bias ? bias + width : nullptr, j, n);
          const vec dGate = d * value;
          store(dx + wideAt + width + j, dGate, n);
          store(sums + width + j, load(sums + width + j, n) + dGate, n);
          d = d * gate;
          result = value * gate;
        }
        d = d * slope;
        store(y + at + j, result, n);
        store(dx + wideAt + j, d, n);
        store(sums + j, load(sums + j, n) + d, n);
      }
    }
  });
}

/** Calls `work` with the kind as a constant. */
template <class Work>
void choose(Activation kind, const Work& work) {
  using Kind = Activation;
  if (kind == Kind::gelu) work(std::integral_constant<Kind, Kind::gelu>());
  if (kind == Kind::geluTanh) work(std::integral_constant<Kind, Kind::geluTanh>());
  if (kind == Kind::relu) work(std::integral_constant<Kind, Kind::relu>());
  if (kind == Kind::silu) work(std::integral_constant<Kind, Kind::silu>());
}

}  // namespace

template <class T>
void activation(Rows rows, Activation kind, bool gated, const T* x, const float* bias, T* y) {
  choose(kind, [&](auto k) { forward<decltype(k)::value>(rows, gated, x, bias, y); });
}

template <class T>
void activationGradient(Rows rows, Activation kind, bool gated, const T* dy, const T* x, const float* bias, T* y, T* dx,
                        float* dBias) {
  choose(kind, [&](auto k) { backward<decltype(k)::value>(rows, gated, dy, x, bias, y, dx, dBias); });
}

template void activation(Rows, Activation, bool, const float*, const float*, float*);
template void activation(Rows, Activation, bool, const bf16*, const float*, bf16*);
template void activationGradient(Rows, Activation, bool, const float*, const float*, const float*, float*, float*,
                                 float*);
template void activationGradient(Rows, Activation, bool, const bf16*, const bf16*, const float*, bf16*, bf16*, float*);

}  // namespace spanlab
