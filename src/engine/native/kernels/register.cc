// The kernels' names in TensorFlow. Loading this addon makes them known; the operations then run like TensorFlow's own.
#include <node_api.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <initializer_list>
#include <mutex>
#include <string>
#include <vector>

#include "adamw.h"
#include "attention.h"
#include "operation.h"
#include "rowwise.h"
#include "simd.h"

namespace spanlab {
namespace {

bool isRate(Call& call, float rate) {
  if (rate >= 0 && rate < 1) return true;
  call.fail("a dropout rate of " + std::to_string(rate));
  return false;
}

/** What distances add to the scores of `heads` heads: a number, or queries and keys as wide as qkv. Rows have places for the longest. */
bool checkDistances(Call& call, int distances, int heads, int width, const int32_t* offsets, int rows) {
  if (call.size(distances) == 0) return true;
  if (!call.expectMatrix(distances, "distances")) return false;
  const int places = call.rows(distances), columns = call.columns(distances), longest = (places + 1) / 2;
  bool good = places % 2 == 1 && (columns == heads || columns == width);
  for (int row = 0; row < rows; row++) good = good && offsets[row + 1] - offsets[row] <= longest;
  if (!good) call.fail("distances of " + std::to_string(places) + " rows and " + std::to_string(columns) + " columns do not fit");
  return good;
}

// inputs: qkv, bias, offsets, keys, seed, distances
bool checkAttention(Call& call, const Attributes& attributes, int qkv) {
  if (!isRate(call, attributes.rate) || !call.expectMatrix(qkv, "qkv") || !call.expectVector(qkv + 3, "keys")) return false;
  const int tokens = call.rows(qkv), width = call.columns(qkv), rows = call.rows(qkv + 3), heads = attributes.heads;
  if (heads < 1 || width % (3 * static_cast<int64_t>(heads)) != 0 || width == 0) {
    call.fail(std::to_string(heads) + " heads for qkv of width " + std::to_string(width));
    return false;
  }
  const bool shapes = call.expectOptional(qkv + 1, "bias", {width}) && call.expect(qkv + 2, "offsets", {rows + 1}) &&
                      call.expect(qkv + 4, "seed", {2});
  return shapes && areRows(call, call.input<int32_t>(qkv + 2), call.input<int32_t>(qkv + 3), rows, tokens) &&
         checkDistances(call, qkv + 5, heads, width, call.input<int32_t>(qkv + 2), rows);
}

AttentionShape attentionShape(Call& call, const Attributes& attributes, int qkv) {
  AttentionShape shape;
  shape.offsets = call.input<int32_t>(qkv + 2);
  shape.keys = call.input<int32_t>(qkv + 3);
  shape.seed = call.input<int32_t>(qkv + 4);
  shape.rows = call.rows(qkv + 3);
  shape.tokens = call.rows(qkv);
  shape.heads = attributes.heads;
  shape.size = call.columns(qkv) / 3 / attributes.heads;
  shape.window = attributes.window;
  shape.rate = attributes.rate;
  shape.distances = call.optional<float>(qkv + 5);
  if (!shape.distances) return shape;
  shape.places = call.rows(qkv + 5);
  shape.disentangled = call.columns(qkv + 5) != shape.heads;
  return shape;
}

template <class T>
void runAttention(Call& call, const Attributes& attributes) {
  if (!checkAttention(call, attributes, 0)) return;
  const AttentionShape shape = attentionShape(call, attributes, 0);
  T* mixed = call.output<T>(0, attributes.type, {shape.tokens, shape.hidden()});
  float* logSums = call.output<float>(1, TF_FLOAT, {shape.tokens, shape.heads});
  if (call.ok()) attention(shape, call.input<T>(0), call.optional<float>(1), mixed, logSums);
}

template <class T>
void runAttentionGradient(Call& call, const Attributes& attributes) {
  if (!checkAttention(call, attributes, 3)) return;
  const int64_t tokens = call.rows(3), hidden = call.columns(3) / 3;
  if (!call.expect(0, "d_mixed", {tokens, hidden}) || !call.expect(1, "mixed", {tokens, hidden}) ||
      !call.expect(2, "log_sums", {tokens, attributes.heads})) {
    return;
  }
  const AttentionShape shape = attentionShape(call, attributes, 3);
  T* dQkv = call.output<T>(0, attributes.type, {shape.tokens, 3 * shape.hidden()});
  float* dBias = call.output<float>(1, TF_FLOAT, {3 * shape.hidden()});
  const int64_t places = shape.places, width = places > 0 ? call.columns(8) : 0;
  float* dDistances = call.output<float>(2, TF_FLOAT, {places, width});
  if (!call.ok()) return;
  attentionGradient(shape, call.input<T>(0), call.input<T>(3), call.optional<float>(4), call.input<T>(1),
                    call.input<float>(2), dQkv, dBias, dDistances);
}

// inputs: qkv, cosines, sines, offsets, keys; `qkv` changes in place: its owner alone holds it
template <class T>
void runRotate(Call& call, const Attributes& attributes) {
  if (!call.expectMatrix(0, "qkv") || !call.expectMatrix(1, "cosines") || !call.expectVector(4, "keys")) return;
  const int tokens = call.rows(0), width = call.columns(0), places = call.rows(1), rows = call.rows(4);
  const int64_t heads = attributes.heads;
  if (heads < 1 || width == 0 || width % (6 * heads) != 0) {
    return call.fail(std::to_string(heads) + " heads to rotate in a width of " + std::to_string(width));
  }
  const int64_t half = width / 6 / heads;
  if (!call.expect(1, "cosines", {places, half}) || !call.expect(2, "sines", {places, half}) ||
      !call.expect(3, "offsets", {rows + 1}) ||
      !areRows(call, call.input<int32_t>(3), call.input<int32_t>(4), rows, tokens)) {
    return;
  }
  AttentionShape shape = {};
  shape.offsets = call.input<int32_t>(3);
  shape.rows = rows;
  shape.heads = attributes.heads;
  shape.size = static_cast<int>(2 * half);
  for (int row = 0; row < rows; row++) {
    if (shape.offsets[row + 1] - shape.offsets[row] > places) {
      return call.fail("rows are longer than the " + std::to_string(places) + " angles");
    }
  }
  rotate(shape, call.input<float>(1), call.input<float>(2), attributes.flag != 0, const_cast<T*>(call.input<T>(0)));
  if (float* done = call.output<float>(0, TF_FLOAT, {})) *done = 0;
}

template <class T>
void runSum(Call& call, const Attributes&) {
  if (!call.expectMatrix(0, "a") || !call.expect(1, "b", {call.rows(0), call.columns(0)})) return;
  const Rows rows = {call.rows(0), call.columns(0)};
  float* y = call.output<float>(0, TF_FLOAT, {rows.tokens, rows.width});
  if (call.ok()) add(rows, call.input<T>(0), call.input<float>(1), y);
}

template <class T>
void runResidualNorm(Call& call, const Attributes& attributes) {
  if (!isRate(call, attributes.rate) || !call.expectMatrix(0, "x")) return;
  const int64_t tokens = call.rows(0), width = call.columns(0);
  if (!call.expectOptional(1, "bias", {width}) || !call.expect(2, "residual", {tokens, width}) ||
      !call.expect(3, "gain", {width}) || !call.expectOptional(4, "offset", {width}) ||
      !call.expect(5, "seed", {2})) {
    return;
  }
  const Rows rows = {call.rows(0), call.columns(0)};
  const NormOptions options = {attributes.epsilon, attributes.rate, call.input<int32_t>(5)};
  float* y = call.output<float>(0, TF_FLOAT, {rows.tokens, rows.width});
  T* normal = call.output<T>(1, attributes.type, {rows.tokens, rows.width});
  float* inverse = call.output<float>(2, TF_FLOAT, {rows.tokens});
  if (!call.ok()) return;
  residualNorm(rows, options, call.input<T>(0), call.optional<float>(1), call.input<float>(2), call.input<float>(3),
               call.optional<float>(4), y, normal, inverse);
}

template <class T>
void runResidualNormGradient(Call& call, const Attributes& attributes) {
  if (!isRate(call, attributes.rate) || !call.expectMatrix(0, "dy")) return;
  const int64_t tokens = call.rows(0), width = call.columns(0);
  if (!call.expect(1, "normal", {tokens, width}) || !call.expect(2, "inverse", {tokens}) ||
      !call.expect(3, "gain", {width}) || !call.expect(4, "seed", {2})) {
    return;
  }
  const Rows rows = {call.rows(0), call.columns(0)};
  const NormOptions options = {0, attributes.rate, call.input<int32_t>(4)};
  T* dx = call.output<T>(0, attributes.type, {rows.tokens, rows.width});
  float* dResidual = call.output<float>(1, TF_FLOAT, {rows.tokens, rows.width});
  float* dGain = call.output<float>(2, TF_FLOAT, {rows.width});
  float* dOffset = call.output<float>(3, TF_FLOAT, {rows.width});
  float* dBias = call.output<float>(4, TF_FLOAT, {rows.width});
  if (!call.ok()) return;
  residualNormGradient(rows, options, call.input<float>(0), call.input<T>(1), call.input<float>(2),
                       call.input<float>(3), dx, dResidual, dGain, dOffset, dBias);
}

/** Checks x and its bias, and what the activation is asked to be. */
bool checkActivation(Call& call, const Attributes& attributes, int x) {
  if (!call.expectMatrix(x, "x") || !call.expectOptional(x + 1, "bias", {call.columns(x)})) return false;
  if (attributes.kind < 0 || attributes.kind > static_cast<int>(Activation::silu)) {
    call.fail("no activation has the number " + std::to_string(attributes.kind));
  } else if (attributes.flag && call.columns(x) % 2 != 0) {
    call.fail("a gated activation of an odd width of " + std::to_string(call.columns(x)));
  }
  return call.ok();
}

/** The rows that an activation gives; gated, its input has twice their width. */
Rows activatedRows(Call& call, const Attributes& attributes, int x) {
  return {call.rows(x), attributes.flag ? call.columns(x) / 2 : call.columns(x)};
}

template <class T>
void runActivation(Call& call, const Attributes& attributes) {
  if (!checkActivation(call, attributes, 0)) return;
  const Rows rows = activatedRows(call, attributes, 0);
  const Activation kind = static_cast<Activation>(attributes.kind);
  T* y = call.output<T>(0, attributes.type, {rows.tokens, rows.width});
  if (call.ok()) activation(rows, kind, attributes.flag != 0, call.input<T>(0), call.optional<float>(1), y);
}

template <class T>
void runActivationGradient(Call& call, const Attributes& attributes) {
  if (!checkActivation(call, attributes, 1)) return;
  const Rows rows = activatedRows(call, attributes, 1);
  if (!call.expect(0, "dy", {rows.tokens, rows.width})) return;
  const Activation kind = static_cast<Activation>(attributes.kind);
  T* y = call.output<T>(0, attributes.type, {rows.tokens, rows.width});
  T* dx = call.output<T>(1, attributes.type, {rows.tokens, call.columns(1)});
  float* dBias = call.output<float>(2, TF_FLOAT, {call.columns(1)});
  if (!call.ok()) return;
  activationGradient(rows, kind, attributes.flag != 0, call.input<T>(0), call.input<T>(1), call.optional<float>(2), y,
                     dx, dBias);
}

// inputs: options [8], decays [n], then n weights, n first moments, n second moments and n gradients
void runAdamW(Call& call, const Attributes& attributes) {
  const int n = attributes.count;
  if (!call.expect(0, "options", {8}) || !call.expect(1, "decays", {n})) return;
  for (int i = 0; i < 3 * n; i++) {
    if (call.size(2 + i) == call.size(2 + i + n)) continue;
    return call.fail("weight " + std::to_string(i % n) + " and what belongs to it differ in size");
  }
  const float* o = call.input<float>(0);
  const int32_t* decays = call.input<int32_t>(1);
  std::vector<Weight> weights;
  for (int i = 0; i < n; i++) {
    // in place: their owner alone holds them
    const auto part = [&](int list) { return const_cast<float*>(call.input<float>(2 + list * n + i)); };
    weights.push_back({part(0), part(1), part(2), part(3), call.size(2 + i), decays[i] != 0});
  }
  adamw(weights, {o[0], o[1], o[2], o[3], o[4], o[5], o[6], o[7]});
  if (float* done = call.output<float>(0, TF_FLOAT, {})) *done = 0;
}

void runSquaredNorm(Call& call, const Attributes& attributes) {
  std::vector<const float*> tensors;
  std::vector<int64_t> sizes;
  for (int i = 0; i < attributes.count; i++) {
    tensors.push_back(call.input<float>(i));
    sizes.push_back(call.size(i));
  }
  if (float* total = call.output<float>(0, TF_FLOAT, {})) *total = static_cast<float>(squaredNorm(tensors, sizes));
}

template <Run SINGLE, Run HALF>
void add(std::string& problem, const char* name, std::initializer_list<const char*> inputs,
         std::initializer_list<const char*> outputs) {
  define(name, inputs, outputs, problem);
  implement<SINGLE>(name, TF_FLOAT, problem);
  implement<HALF>(name, TF_BFLOAT16, problem);
}

/** Makes the operations known; what TensorFlow said against it comes back, empty where nothing. */
std::string addAll() {
  std::string problem;
  add<runAttention<float>, runAttention<bf16>>(
      problem, "SpanlabAttention",
      {"qkv: T", "bias: float", "offsets: int32", "keys: int32", "seed: int32", "distances: float"},
      {"mixed: T", "log_sums: float"});
  add<runAttentionGradient<float>, runAttentionGradient<bf16>>(
      problem, "SpanlabAttentionGradient",
      {"d_mixed: T", "mixed: T", "log_sums: float", "qkv: T", "bias: float", "offsets: int32", "keys: int32",
       "seed: int32", "distances: float"},
      {"d_qkv: T", "d_bias: float", "d_distances: float"});
  add<runRotate<float>, runRotate<bf16>>(
      problem, "SpanlabRotate", {"qkv: T", "cosines: float", "sines: float", "offsets: int32", "keys: int32"}, {"done: float"});
  add<runSum<float>, runSum<bf16>>(problem, "SpanlabSum", {"a: T", "b: float"}, {"y: float"});
  add<runResidualNorm<float>, runResidualNorm<bf16>>(
      problem, "SpanlabResidualNorm",
      {"x: T", "bias: float", "residual: float", "gain: float", "offset: float", "seed: int32"},
      {"y: float", "normal: T", "inverse: float"});
  add<runResidualNormGradient<float>, runResidualNormGradient<bf16>>(
      problem, "SpanlabResidualNormGradient", {"dy: float", "normal: T", "inverse: float", "gain: float", "seed: int32"},
      {"dx: T", "d_residual: float", "d_gain: float", "d_offset: float", "d_bias: float"});
  add<runActivation<float>, runActivation<bf16>>(problem, "SpanlabActivation", {"x: T", "bias: float"}, {"y: T"});
  add<runActivationGradient<float>, runActivationGradient<bf16>>(
      problem, "SpanlabActivationGradient", {"dy: T", "x: T", "bias: float"}, {"y: T", "dx: T", "d_bias: float"});
  define("SpanlabAdamW",
         {"options: float", "decays: int32", "weights: N * float", "first: N * float", "second: N * float",
          "gradients: N * float"},
         {"done: float"}, problem);
  implement<runAdamW>("SpanlabAdamW", TF_FLOAT, problem);
  define("SpanlabSquaredNorm", {"tensors: N * float"}, {"total: float"}, problem);
  implement<runSquaredNorm>("SpanlabSquaredNorm", TF_FLOAT, problem);
  addWhole(problem);
  return problem;
}

}  // namespace
}  // namespace spanlab

NAPI_MODULE_INIT() {
#ifdef __GLIBC__
  // large tensors come and go every step: by default glibc gives their memory back, and the system clears it each time anew
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
  // a process has one TensorFlow, and a second thread of Node's finds the operations there
  static std::once_flag once;
  static std::string problem;
  std::call_once(once, [] { problem = spanlab::addAll(); });
  if (!problem.empty()) napi_throw_error(env, "E_KERNELS", problem.c_str());
  return exports;
}
