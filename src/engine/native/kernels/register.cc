// The kernels' names in TensorFlow. Loading this addon makes them known; the operations then run like TensorFlow's own.
#include <node_api.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <initializer_list>
#include <memory>
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

  template <class T>
  const T* input(int i) {
    return static_cast<const T*>(TF_TensorData(tensor(i)));
  }
  /** Nothing where the tensor is empty. */
  template <class T>
  const T* optional(int i) {
    return size(i) > 0 ? input<T>(i) : nullptr;
  }
  int64_t size(int i) { return TF_TensorElementCount(tensor(i)); }
  int rows(int i) { return static_cast<int>(TF_Dim(tensor(i), 0)); }
  int columns(int i) { return static_cast<int>(TF_Dim(tensor(i), 1)); }

  template <class T>
  T* output(int i, TF_DataType type, std::initializer_list<int64_t> shape) {
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
      tensors_.push_back(inputs_[i]);
    }
    return inputs_[i];
  }

  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> inputs_, tensors_;
};

// inputs: qkv, bias, offsets, keys, seed
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
  const AttentionShape shape = attentionShape(call, attributes, 0);
  T* mixed = call.output<T>(0, attributes.type, {shape.tokens, shape.hidden()});
  float* logSums = call.output<float>(1, TF_FLOAT, {shape.tokens, shape.heads});
  if (logSums) attention(shape, call.input<T>(0), call.optional<float>(1), mixed, logSums);
}

template <class T>
void runAttentionGradient(Call& call, const Attributes& attributes) {
  const AttentionShape shape = attentionShape(call, attributes, 3);
  T* dQkv = call.output<T>(0, attributes.type, {shape.tokens, 3 * shape.hidden()});
  float* dBias = call.output<float>(1, TF_FLOAT, {3 * shape.hidden()});
  if (!dBias) return;
  attentionGradient(shape, call.input<T>(0), call.input<T>(3), call.optional<float>(4), call.input<T>(1),
                    call.input<float>(2), dQkv, dBias);
}

// inputs: qkv, cosines, sines, offsets, keys; `qkv` changes in place: its owner alone holds it
template <class T>
void runRotate(Call& call, const Attributes& attributes) {
  AttentionShape shape = {};
  shape.offsets = call.input<int32_t>(3);
  shape.rows = call.rows(4);
  shape.heads = attributes.heads;
  shape.size = call.columns(0) / 3 / attributes.heads;
  rotate(shape, call.input<float>(1), call.input<float>(2), attributes.flag != 0, const_cast<T*>(call.input<T>(0)));
  if (float* done = call.output<float>(0, TF_FLOAT, {})) *done = 0;
}

template <class T>
void runSum(Call& call, const Attributes&) {
  const Rows rows = {call.rows(0), call.columns(0)};
  float* y = call.output<float>(0, TF_FLOAT, {rows.tokens, rows.width});
  if (y) add(rows, call.input<T>(0), call.input<float>(1), y);
}

template <class T>
void runResidualNorm(Call& call, const Attributes& attributes) {
  const Rows rows = {call.rows(0), call.columns(0)};
  const NormOptions options = {attributes.epsilon, attributes.rate, call.input<int32_t>(5)};
  float* y = call.output<float>(0, TF_FLOAT, {rows.tokens, rows.width});
  T* normal = call.output<T>(1, attributes.type, {rows.tokens, rows.width});
  float* inverse = call.output<float>(2, TF_FLOAT, {rows.tokens});
  if (!inverse) return;
  residualNorm(rows, options, call.input<T>(0), call.optional<float>(1), call.input<float>(2), call.input<float>(3),
               call.optional<float>(4), y, normal, inverse);
}

template <class T>
void runResidualNormGradient(Call& call, const Attributes& attributes) {
  const Rows rows = {call.rows(0), call.columns(0)};
  const NormOptions options = {0, attributes.rate, call.input<int32_t>(4)};
  T* dx = call.output<T>(0, attributes.type, {rows.tokens, rows.width});
  float* dResidual = call.output<float>(1, TF_FLOAT, {rows.tokens, rows.width});
  float* dGain = call.output<float>(2, TF_FLOAT, {rows.width});
  float* dOffset = call.output<float>(3, TF_FLOAT, {rows.width});
  float* dBias = call.output<float>(4, TF_FLOAT, {rows.width});
  if (!dBias) return;
  residualNormGradient(rows, options, call.input<float>(0), call.input<T>(1), call.input<float>(2),
                       call.input<float>(3), dx, dResidual, dGain, dOffset, dBias);
}

/** The rows that an activation gives; gated, its input has twice their width. */
Rows activatedRows(Call& call, const Attributes& attributes, int x) {
  return {call.rows(x), attributes.flag ? call.columns(x) / 2 : call.columns(x)};
}

template <class T>
void runActivation(Call& call, const Attributes& attributes) {
  const Rows rows = activatedRows(call, attributes, 0);
  const Activation kind = static_cast<Activation>(attributes.kind);
  T* y = call.output<T>(0, attributes.type, {rows.tokens, rows.width});
  if (y) activation(rows, kind, attributes.flag != 0, call.input<T>(0), call.optional<float>(1), y);
}

template <class T>
void runActivationGradient(Call& call, const Attributes& attributes) {
  const Rows rows = activatedRows(call, attributes, 1);
  const Activation kind = static_cast<Activation>(attributes.kind);
  T* y = call.output<T>(0, attributes.type, {rows.tokens, rows.width});
  T* dx = call.output<T>(1, attributes.type, {rows.tokens, call.columns(1)});
  float* dBias = call.output<float>(2, TF_FLOAT, {call.columns(1)});
  if (!dBias) return;
  activationGradient(rows, kind, attributes.flag != 0, call.input<T>(0), call.input<T>(1), call.optional<float>(2), y,
                     dx, dBias);
}

// inputs: options [8], decays [n], then n weights, n first moments, n second moments and n gradients
void runAdamW(Call& call, const Attributes& attributes) {
  const float* o = call.input<float>(0);
  const int32_t* decays = call.input<int32_t>(1);
  const int n = attributes.count;
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
  TF_DeleteStatus(status);
  return attributes.release();
}

template <Run RUN>
void compute(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  RUN(call, *static_cast<Attributes*>(kernel));
}

/** Every operation has the same attributes; those that it does not need keep their default. */
void define(const char* name, std::initializer_list<const char*> inputs, std::initializer_list<const char*> outputs) {
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(name);
  for (const char* attribute : {"T: {float, bfloat16}", "N: int >= 1 = 1", "heads: int = 1", "window: int = -1",
                                "kind: int = 0", "flag: int = 0", "rate: float = 0.0", "epsilon: float = 0.0"}) {
    TF_OpDefinitionBuilderAddAttr(builder, attribute);
  }
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(builder, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(builder, output);
  TF_Status* status = TF_NewStatus();
  TF_RegisterOpDefinition(builder, status);
  TF_DeleteStatus(status);
}

template <Run RUN>
void implement(const char* name, TF_DataType type) {
  TF_KernelBuilder* builder = TF_NewKernelBuilder(name, "CPU", readAttributes, compute<RUN>, [](void* kernel) {
    delete static_cast<Attributes*>(kernel);
  });
  TF_Status* status = TF_NewStatus();
  TF_KernelBuilder_TypeConstraint(builder, "T", type, status);
  TF_RegisterKernelBuilder((std::string(name) + std::to_string(type)).c_str(), builder, status);
  TF_DeleteStatus(status);
}

template <Run SINGLE, Run HALF>
void add(const char* name, std::initializer_list<const char*> inputs, std::initializer_list<const char*> outputs) {
  define(name, inputs, outputs);
  implement<SINGLE>(name, TF_FLOAT);
  implement<HALF>(name, TF_BFLOAT16);
}

void addAll() {
  add<runAttention<float>, runAttention<bf16>>(
      "SpanlabAttention", {"qkv: T", "bias: float", "offsets: int32", "keys: int32", "seed: int32"},
      {"mixed: T", "log_sums: float"});
  add<runAttentionGradient<float>, runAttentionGradient<bf16>>(
      "SpanlabAttentionGradient",
      {"d_mixed: T", "mixed: T", "log_sums: float", "qkv: T", "bias: float", "offsets: int32", "keys: int32",
       "seed: int32"},
      {"d_qkv: T", "d_bias: float"});
  add<runRotate<float>, runRotate<bf16>>(
      "SpanlabRotate", {"qkv: T", "cosines: float", "sines: float", "offsets: int32", "keys: int32"}, {"done: float"});
  add<runSum<float>, runSum<bf16>>("SpanlabSum", {"a: T", "b: float"}, {"y: float"});
  add<runResidualNorm<float>, runResidualNorm<bf16>>(
      "SpanlabResidualNorm",
      {"x: T", "bias: float", "residual: float", "gain: float", "offset: float", "seed: int32"},
      {"y: float", "normal: T", "inverse: float"});
  add<runResidualNormGradient<float>, runResidualNormGradient<bf16>>(
      "SpanlabResidualNormGradient", {"dy: float", "normal: T", "inverse: float", "gain: float", "seed: int32"},
      {"dx: T", "d_residual: float", "d_gain: float", "d_offset: float", "d_bias: float"});
  add<runActivation<float>, runActivation<bf16>>("SpanlabActivation", {"x: T", "bias: float"}, {"y: T"});
  add<runActivationGradient<float>, runActivationGradient<bf16>>(
      "SpanlabActivationGradient", {"dy: T", "x: T", "bias: float"}, {"y: T", "dx: T", "d_bias: float"});
  define("SpanlabAdamW",
         {"options: float", "decays: int32", "weights: N * float", "first: N * float", "second: N * float",
          "gradients: N * float"},
         {"done: float"});
  implement<runAdamW>("SpanlabAdamW", TF_FLOAT);
  define("SpanlabSquaredNorm", {"tensors: N * float"}, {"total: float"});
  implement<runSquaredNorm>("SpanlabSquaredNorm", TF_FLOAT);
}

}  // namespace
}  // namespace spanlab

NAPI_MODULE_INIT() {
#ifdef __GLIBC__
  // large tensors come and go every step: by default glibc gives their memory back, and the system clears it each time anew
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
  spanlab::addAll();
  return exports;
}
