// The kernels' names in TensorFlow. Loading this addon makes them known; the operations then run like TensorFlow's own.
#include <node_api.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <initializer_list>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adamw.h"
#include "attention.h"
#include "rowwise.h"
#include "simd.h"
#include "tensorflow.h"

namespace spanlab {
namespace {

/** A kernel's attributes, read once. */
struct Attributes {
  TF_DataType type;
  int32_t heads = 0, count = 0, window = -1, kind = 0, flag = 0;
  float rate = 0, epsilon = 0;
};

/** One call: its inputs and outputs. */
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Call() {
    for (TF_Tensor* tensor : tensors_) TF_DeleteTensor(tensor);
    if (TF_GetCode(status_) != TF_OK) TF_OpKernelContext_Failure(context_, status_);
    TF_DeleteStatus(status_);
  }

  bool ok() const { return TF_GetCode(status_) == TF_OK; }

  void fail(const std::string& problem) { TF_SetStatus(status_, TF_INVALID_ARGUMENT, problem.c_str()); }

  /** Whether input `i` has this shape; what it has else becomes the call's error. Kernels trust what was checked here. */
  bool expect(int i, const char* name, std::initializer_list<int64_t> shape) {
    if (!ok() || !tensor(i)) return false;
    bool same = TF_NumDims(tensor(i)) == static_cast<int>(shape.size());
    int axis = 0;
    for (int64_t length : shape) same = same && TF_Dim(tensor(i), axis++) == length;
    if (!same) fail(std::string(name) + " has the shape " + shapeText(i) + ", " + text(shape) + " was expected");
    return same;
  }

  /** Whether input `i` is a matrix whose sides the kernels can count. */
  bool expectMatrix(int i, const char* name) {
    if (!ok() || !tensor(i)) return false;
    const int64_t most = std::numeric_limits<int>::max();
    const bool good = TF_NumDims(tensor(i)) == 2 && TF_Dim(tensor(i), 0) <= most && TF_Dim(tensor(i), 1) <= most / 4;
    if (!good) fail(std::string(name) + " has the shape " + shapeText(i) + ", a matrix was expected");
    return good;
  }

  /** The same for an input that may be empty. */
  bool expectOptional(int i, const char* name, std::initializer_list<int64_t> shape) {
    return size(i) == 0 || expect(i, name, shape);
  }

  bool expectVector(int i, const char* name) {
    if (!ok() || !tensor(i)) return false;
    const bool good = TF_NumDims(tensor(i)) == 1 && TF_Dim(tensor(i), 0) < std::numeric_limits<int>::max() / 4096;
    if (!good) fail(std::string(name) + " has the shape " + shapeText(i) + ", a vector was expected");
    return good;
  }

  template <class T>
  const T* input(int i) {
    return static_cast<const T*>(TF_TensorData(tensor(i)));
  }
  /** Nothing where the tensor is empty. */
  template <class T>
  const T* optional(int i) {
    return size(i) > 0 ? input<T>(i) : nullptr;
  }
  int64_t size(int i) { return tensor(i) ? TF_TensorElementCount(tensor(i)) : -1; }
  int rows(int i) { return static_cast<int>(TF_Dim(tensor(i), 0)); }
  int columns(int i) { return static_cast<int>(TF_Dim(tensor(i), 1)); }

  template <class T>
  T* output(int i, TF_DataType type, std::initializer_list<int64_t> shape) {
    if (!ok()) return nullptr;
    int64_t count = 1;
    for (int64_t length : shape) count *= length;
    TF_Tensor* made = TF_AllocateOutput(context_, i, type, shape.begin(), static_cast<int>(shape.size()),
                                        count * TF_DataTypeSize(type), status_);
    if (!made) return nullptr;
    tensors_.push_back(made);
    return static_cast<T*>(TF_TensorData(made));
  }

 private:
  TF_Tensor* tensor(int i) {
    if (static_cast<int>(inputs_.size()) <= i) inputs_.resize(i + 1, nullptr);
    if (!inputs_[i]) {
      TF_GetInput(context_, i, &inputs_[i], status_);
      if (inputs_[i]) tensors_.push_back(inputs_[i]);
    }
    return inputs_[i];
  }

  template <class Lengths>
  static std::string text(const Lengths& lengths) {
    std::string all;
    for (int64_t length : lengths) all += (all.empty() ? "" : ", ") + std::to_string(length);
    return "[" + all + "]";
  }

  std::string shapeText(int i) {
    std::vector<int64_t> lengths;
    for (int axis = 0; axis < TF_NumDims(tensor(i)); axis++) lengths.push_back(TF_Dim(tensor(i), axis));
    return text(lengths);
  }

  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> inputs_, tensors_;
};

bool isRate(Call& call, float rate) {
  if (rate >= 0 && rate < 1) return true;
  call.fail("a dropout rate of " + std::to_string(rate));
  return false;
}

/** Sequences follow each other without gap and end with the tokens; each has at least one key. */
bool areRows(Call& call, const int32_t* offsets, const int32_t* keys, int rows, int tokens) {
  bool good = offsets[0] == 0 && offsets[rows] == tokens;
  for (int i = 0; i < rows; i++) {
    const int64_t length = static_cast<int64_t>(offsets[i + 1]) - offsets[i];
    good = good && length >= 0 && keys[i] >= (length > 0 ? 1 : 0) && keys[i] <= length;
  }
  if (!good) call.fail("offsets and keys do not describe rows of " + std::to_string(tokens) + " tokens");
  return good;
}

// inputs: qkv, bias, offsets, keys, seed
bool checkAttention(Call& call, const Attributes& attributes, int qkv) {
  if (!isRate(call, attributes.rate) || !call.expectMatrix(qkv, "qkv") || !call.expectVector(qkv + 3, "keys")) return false;
  const int tokens = call.rows(qkv), width = call.columns(qkv), rows = call.rows(qkv + 3), heads = attributes.heads;
  if (heads < 1 || width % (3 * static_cast<int64_t>(heads)) != 0 || width == 0) {
    call.fail(std::to_string(heads) + " heads for qkv of width " + std::to_string(width));
    return false;
  }
  const bool shapes = call.expectOptional(qkv + 1, "bias", {width}) && call.expect(qkv + 2, "offsets", {rows + 1}) &&
                      call.expect(qkv + 4, "seed", {2});
  return shapes && areRows(call, call.input<int32_t>(qkv + 2), call.input<int32_t>(qkv + 3), rows, tokens);
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
  if (!call.ok()) return;
  attentionGradient(shape, call.input<T>(0), call.input<T>(3), call.optional<float>(4), call.input<T>(1),
                    call.input<float>(2), dQkv, dBias);
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

using Run = void (*)(Call&, const Attributes&);

void* readAttributes(TF_OpKernelConstruction* construction) {
  auto attributes = std::make_unique<Attributes>();
  TF_Status* status = TF_NewStatus();
  TF_OpKernelConstruction_GetAttrType(construction, "T", &attributes->type, status);
  TF_OpKernelConstruction_GetAttrInt32(construction, "heads", &attributes->heads, status);
  TF_OpKernelConstruction_GetAttrInt32(construction, "N", &attributes->count, status);
  TF_OpKernelConstruction_GetAttrInt32(construction, "window", &attributes->window, status);
  TF_OpKernelConstruction_GetAttrInt32(construction, "kind", &attributes->kind, status);
  TF_OpKernelConstruction_GetAttrInt32(construction, "flag", &attributes->flag, status);
  TF_OpKernelConstruction_GetAttrFloat(construction, "rate", &attributes->rate, status);
  TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &attributes->epsilon, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return attributes.release();
}

template <Run RUN>
void compute(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  RUN(call, *static_cast<Attributes*>(kernel));
}

/** Reads a status, adds what is wrong to `problem`, and frees it. */
void settle(TF_Status* status, const std::string& name, std::string& problem) {
  if (TF_GetCode(status) != TF_OK) problem += name + ": " + TF_Message(status) + "; ";
  TF_DeleteStatus(status);
}

/** Every operation has the same attributes; those that it does not need keep their default. */
void define(const char* name, std::initializer_list<const char*> inputs, std::initializer_list<const char*> outputs,
            std::string& problem) {
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(name);
  for (const char* attribute : {"T: {float, bfloat16}", "N: int >= 1 = 1", "heads: int = 1", "window: int = -1",
                                "kind: int = 0", "flag: int = 0", "rate: float = 0.0", "epsilon: float = 0.0"}) {
    TF_OpDefinitionBuilderAddAttr(builder, attribute);
  }
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(builder, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(builder, output);
  TF_Status* status = TF_NewStatus();
  TF_RegisterOpDefinition(builder, status);
  settle(status, name, problem);
}

template <Run RUN>
void implement(const char* name, TF_DataType type, std::string& problem) {
  TF_KernelBuilder* builder = TF_NewKernelBuilder(name, "CPU", readAttributes, compute<RUN>, [](void* kernel) {
    delete static_cast<Attributes*>(kernel);
  });
  TF_Status* status = TF_NewStatus();
  TF_KernelBuilder_TypeConstraint(builder, "T", type, status);
  settle(status, name, problem);
  status = TF_NewStatus();
  TF_RegisterKernelBuilder((std::string(name) + std::to_string(type)).c_str(), builder, status);
  settle(status, name, problem);
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
      problem, "SpanlabAttention", {"qkv: T", "bias: float", "offsets: int32", "keys: int32", "seed: int32"},
      {"mixed: T", "log_sums: float"});
  add<runAttentionGradient<float>, runAttentionGradient<bf16>>(
      problem, "SpanlabAttentionGradient",
      {"d_mixed: T", "mixed: T", "log_sums: float", "qkv: T", "bias: float", "offsets: int32", "keys: int32",
       "seed: int32"},
      {"d_qkv: T", "d_bias: float"});
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
