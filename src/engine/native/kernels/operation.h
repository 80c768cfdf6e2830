// An operation of ours in TensorFlow: its attributes, one call of it, and how it is made known.
#pragma once

#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "tensorflow.h"

namespace spanlab {

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

  /** Input `i` for longer than the call: its memory stays until the pointer goes. */
  std::shared_ptr<const float> keep(int i) {
    TF_Tensor* own = nullptr;
    TF_GetInput(context_, i, &own, status_);
    if (!own) return nullptr;
    return {static_cast<const float*>(TF_TensorData(own)), [own](const float*) { TF_DeleteTensor(own); }};
  }
  int rank(int i) { return TF_NumDims(tensor(i)); }
  int64_t length(int i, int axis) { return TF_Dim(tensor(i), axis); }

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

/** Sequences follow each other without gap and end with the tokens; each has at least one key. */
inline bool areRows(Call& call, const int32_t* offsets, const int32_t* keys, int rows, int tokens) {
  bool good = offsets[0] == 0 && offsets[rows] == tokens;
  for (int i = 0; i < rows; i++) {
    const int64_t length = static_cast<int64_t>(offsets[i + 1]) - offsets[i];
    good = good && length >= 0 && keys[i] >= (length > 0 ? 1 : 0) && keys[i] <= length;
  }
  if (!good) call.fail("offsets and keys do not describe rows of " + std::to_string(tokens) + " tokens");
  return good;
}

using Run = void (*)(Call&, const Attributes&);

/** Reads what `define` gave an operation; TensorFlow keeps it for the kernel. */
void* readAttributes(TF_OpKernelConstruction* construction);

/** Reads a status, adds what is wrong to `problem`, and frees it. */
void settle(TF_Status* status, const std::string& name, std::string& problem);

/** Every operation has the same attributes; those that it does not need keep their default. */
void define(const char* name, std::initializer_list<const char*> inputs, std::initializer_list<const char*> outputs,
            std::string& problem);

template <Run RUN>
void compute(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  RUN(call, *static_cast<Attributes*>(kernel));
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

/** The operations of a whole model, in whole.cc. */
void addWhole(std::string& problem);

}  // namespace spanlab
