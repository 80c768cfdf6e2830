// Vectors of floats in the compiler's own notation: AVX-512, AVX2 or NEON, whichever the machine has.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace spanlab {

#if defined(__AVX512F__)
constexpr int W = 16;
#elif defined(__AVX2__)
constexpr int W = 8;
#else
constexpr int W = 4;
#endif

typedef float vec __attribute__((vector_size(W * 4)));
typedef int32_t ivec __attribute__((vector_size(W * 4)));
typedef uint32_t uvec __attribute__((vector_size(W * 4)));
typedef uint16_t hvec __attribute__((vector_size(W * 2)));

/** TensorFlow's bfloat16: the upper half of a float. */
struct bf16 {
  uint16_t bits;
};

constexpr int roundUp(int n, int to) { return (n + to - 1) / to * to; }

inline vec load(const float* p) {
  vec v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

inline void store(float* p, vec v) { std::memcpy(p, &v, sizeof v); }

inline vec load(const bf16* p) {
  hvec h;
  std::memcpy(&h, p, sizeof h);
  return (vec)(__builtin_convertvector(h, uvec) << 16);
}

/** Rounds to the nearest, ties to even; what is not a number stays so. */
inline void store(bf16* p, vec v) {
  const uvec bits = (uvec)v;
  const uvec rounded = bits + 0x7fff + ((bits >> 16) & 1);
  const uvec kept = (v == v) ? rounded : (bits | 0x400000);
  const hvec h = __builtin_convertvector(kept >> 16, hvec);
  std::memcpy(p, &h, sizeof h);
}

/** The first `n` elements, zeros behind them. */
template <class T>
inline vec load(const T* p, int n) {
  if (n >= W) return load(p);
  T part[W] = {};
  std::memcpy(part, p, n * sizeof(T));
  return load(part);
}

template <class T>
inline void store(T* p, vec v, int n) {
  if (n >= W) return store(p, v);
  T part[W];
  store(part, v);
  std::memcpy(p, part, n * sizeof(T));
}

inline vec splat(float x) { return x - vec{}; }

inline vec max(vec a, vec b) { return a > b ? a : b; }
inline vec min(vec a, vec b) { return a < b ? a : b; }

inline float sum(vec v) {
  float total = 0;
  for (int i = 0; i < W; i++) total += v[i];
  return total;
}

inline float max(vec v) {
  float most = v[0];
  for (int i = 1; i < W; i++) most = v[i] > most ? v[i] : most;
  return most;
}

/** Lane numbers from `first` on. */
inline uvec count(uint32_t first) {
#if defined(__AVX512F__)
  return uvec{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15} + first;
#elif defined(__AVX2__)
  return uvec{0, 1, 2, 3, 4, 5, 6, 7} + first;
#else
  return uvec{0, 1, 2, 3} + first;
#endif
}

/** a b + sum, rounded once where the machine is able to. */
inline vec multiplyAdd(vec a, vec b, vec sum) {
#if defined(__wasm_relaxed_simd__)
  return __builtin_wasm_relaxed_madd_f32x4(a, b, sum);
#else
  return sum + a * b;  // which compilers make one instruction of
#endif
}

/** e^x to 2 units in the last place, 0 below -87: 2^n e^r with |r| ≤ ln 2 / 2, Taylor's polynomial of degree 7. */
inline vec exp(vec x) {
  const vec bounded = min(max(x, splat(-87.3f)), splat(88.0f));
  const vec shifted = bounded * 1.44269504f + 12582912.0f;  // the sum's last bits are the rounded product
  const vec n = shifted - 12582912.0f;
  const vec r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;
  vec p = splat(1.0f / 5040);
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const ivec power = ((ivec)shifted - 0x4b400000) << 23;
  const vec result = (vec)((ivec)p + power);
  return x < -87.3f ? vec{} : result;
}

}  // namespace spanlab
