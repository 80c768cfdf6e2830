// The addon of `@tensorflow/tfjs-node-gpu`, and beside its functions those that write operations down as a TensorFlow function instead
// of running them, and run such a function on the tensors that TensorFlow.js has. Both are one addon because they share one eager
// context. It is compiled with -fno-access-control: the binding keeps context and tensors to itself.
#include <node_api.h>

// the binding's own registration becomes a function that ours calls
#undef NAPI_MODULE
#define NAPI_MODULE(name, init) \
  napi_value InitBinding(napi_env env, napi_value exports) { return init(env, exports); }
#include "tfjs_binding.cc"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

#if defined(__GNUC__)
namespace tsl {
/** Whether float32 products may round their factors to TF32; the C interface has no function for it. */
__attribute__((weak)) void enable_tensor_float_32_execution(bool enabled);
}  // namespace tsl
#endif

namespace spanlab {
namespace {

using tfnodejs::TFJSBackend;

/** Constants that a function takes over from tensors are small: axes, shapes, scalars, masks of a vocabulary. */
constexpr size_t LARGEST_CONSTANT = 1 << 20;

/** A function in the making. Values and operations are numbered in the order in which they were made. */
struct Graph {
  TF_Graph* graph = TF_NewGraph();
  std::vector<TF_Output> values;
  std::vector<TF_Operation*> operations;

  ~Graph() { TF_DeleteGraph(graph); }
};

struct Status {
  TF_Status* status = TF_NewStatus();

  ~Status() { TF_DeleteStatus(status); }
  bool failed(napi_env env, const char* what) const {
    if (TF_GetCode(status) == TF_OK) return false;
    napi_throw_error(env, "E_GRAPH", (std::string(what) + ": " + TF_Message(status)).c_str());
    return true;
  }
};

/** The arguments of a call; anything of another type than expected reads as zero, empty or null. */
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = MAX;
    napi_get_cb_info(env, info, &count, values_, nullptr, nullptr);
  }

  napi_value operator[](int i) const { return values_[i]; }

  Graph* graph() const {
    void* pointer = nullptr;
    napi_get_value_external(env_, values_[0], &pointer);
    return static_cast<Graph*>(pointer);
  }

 private:
  static constexpr size_t MAX = 6;
  napi_env env_;
  napi_value values_[MAX] = {};
};

int64_t toInteger(napi_env env, napi_value value) {
  int64_t number = 0;
  napi_get_value_int64(env, value, &number);
  return number;
}

double toNumber(napi_env env, napi_value value) {
  double number = 0;
  napi_get_value_double(env, value, &number);
  return number;
}

bool toBool(napi_env env, napi_value value) {
  bool flag = false;
  napi_get_value_bool(env, value, &flag);
  return flag;
}

std::string toText(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return "";
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, &text[0], length + 1, &length);
  return text;
}

bool isArray(napi_env env, napi_value value) {
  bool is = false;
  napi_is_array(env, value, &is);
  return is;
}

std::vector<napi_value> toList(napi_env env, napi_value value) {
  uint32_t length = 0;
  if (isArray(env, value)) napi_get_array_length(env, value, &length);
  std::vector<napi_value> list(length);
  for (uint32_t i = 0; i < length; i++) napi_get_element(env, value, i, &list[i]);
  return list;
}

std::vector<int64_t> toIntegers(napi_env env, napi_value value) {
  std::vector<int64_t> integers;
  for (napi_value item : toList(env, value)) integers.push_back(toInteger(env, item));
  return integers;
}

napi_value property(napi_env env, napi_value object, const char* name) {
  napi_value value = nullptr;
  napi_get_named_property(env, object, name, &value);
  return value;
}

napi_value fromInteger(napi_env env, int64_t number) {
  napi_value value = nullptr;
  napi_create_int64(env, number, &value);
  return value;
}

napi_value fail(napi_env env, const std::string& message) {
  napi_throw_error(env, "E_GRAPH", message.c_str());
  return nullptr;
}

/** The number of a value with its shape and type, as the binding describes tensors. */
napi_value describe(napi_env env, Graph& graph, TF_Output output) {
  Status status;
  const int rank = TF_GraphGetTensorNumDims(graph.graph, output, status.status);
  if (status.failed(env, "shape")) return nullptr;
  std::vector<int64_t> shape(std::max(rank, 0));
  // of unknown rank: the value of a variable, until `setShape`
  if (rank >= 0) TF_GraphGetTensorShape(graph.graph, output, shape.data(), rank, status.status);
  if (status.failed(env, "shape")) return nullptr;
  napi_value dimensions = nullptr, result = nullptr;
  napi_create_array_with_length(env, shape.size(), &dimensions);
  for (size_t i = 0; i < shape.size(); i++) napi_set_element(env, dimensions, i, fromInteger(env, shape[i]));
  napi_create_object(env, &result);
  graph.values.push_back(output);
  napi_set_named_property(env, result, "id", fromInteger(env, graph.values.size() - 1));
  napi_set_named_property(env, result, "shape", dimensions);
  napi_set_named_property(env, result, "dtype", fromInteger(env, TF_OperationOutputType(output)));
  return result;
}

/** Attributes as the binding takes them for its own `executeOp`. */
void setAttribute(napi_env env, TF_OperationDescription* description, napi_value attribute) {
  const std::string name = toText(env, property(env, attribute, "name"));
  const napi_value value = property(env, attribute, "value");
  switch (toInteger(env, property(env, attribute, "type"))) {
    case TF_ATTR_STRING: {
      const std::string text = toText(env, value);
      return TF_SetAttrString(description, name.c_str(), text.data(), text.size());
    }
    case TF_ATTR_INT:
      if (isArray(env, value)) {
        const std::vector<int64_t> list = toIntegers(env, value);
        return TF_SetAttrIntList(description, name.c_str(), list.data(), static_cast<int>(list.size()));
      }
      return TF_SetAttrInt(description, name.c_str(), toInteger(env, value));
    case TF_ATTR_FLOAT:
      return TF_SetAttrFloat(description, name.c_str(), static_cast<float>(toNumber(env, value)));
    case TF_ATTR_BOOL:
      return TF_SetAttrBool(description, name.c_str(), toBool(env, value));
    case TF_ATTR_TYPE:
      if (isArray(env, value)) {
        std::vector<TF_DataType> list;
        for (int64_t type : toIntegers(env, value)) list.push_back(static_cast<TF_DataType>(type));
        return TF_SetAttrTypeList(description, name.c_str(), list.data(), static_cast<int>(list.size()));
      }
      return TF_SetAttrType(description, name.c_str(), static_cast<TF_DataType>(toInteger(env, value)));
    case TF_ATTR_SHAPE: {
      const std::vector<int64_t> shape = toIntegers(env, value);
      return TF_SetAttrShape(description, name.c_str(), shape.data(), static_cast<int>(shape.size()));
    }
    default:
      napi_throw_error(env, "E_GRAPH", ("attribute " + name + " has a kind that graphs do not know").c_str());
  }
}

/** A name of its own for each operation of a graph. */
TF_OperationDescription* begin(Graph& graph, const char* kind) {
  return TF_NewOperation(graph.graph, kind, ("n" + std::to_string(graph.operations.size())).c_str());
}

TF_Operation* finish(napi_env env, Graph& graph, TF_OperationDescription* description, const char* kind) {
  Status status;
  TF_Operation* operation = TF_FinishOperation(description, status.status);
  if (status.failed(env, kind)) return nullptr;
  graph.operations.push_back(operation);
  return operation;
}

napi_value newGraph(napi_env env, napi_callback_info) {
  napi_value result = nullptr;
  const auto remove = [](napi_env, void* graph, void*) { delete static_cast<Graph*>(graph); };
  napi_create_external(env, new Graph, remove, nullptr, &result);
  return result;
}

/** (graph, name, attributes, inputs) → { node, outputs }; an input is a number, or a list of numbers where the operation takes a list. */
napi_value addNode(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Graph& graph = *given.graph();
  const std::string kind = toText(env, given[1]);
  TF_OperationDescription* description = begin(graph, kind.c_str());
  for (napi_value input : toList(env, given[3])) {
    if (isArray(env, input)) {
      std::vector<TF_Output> list;
      for (int64_t i : toIntegers(env, input)) list.push_back(graph.values.at(i));
      TF_AddInputList(description, list.data(), static_cast<int>(list.size()));
    } else {
      TF_AddInput(description, graph.values.at(toInteger(env, input)));
    }
  }
  for (napi_value attribute : toList(env, given[2])) setAttribute(env, description, attribute);
  TF_Operation* operation = finish(env, graph, description, kind.c_str());
  if (!operation) return nullptr;
  napi_value outputs = nullptr, result = nullptr;
  const int count = TF_OperationNumOutputs(operation);
  napi_create_array_with_length(env, count, &outputs);
  for (int i = 0; i < count; i++) napi_set_element(env, outputs, i, describe(env, graph, {operation, i}));
  napi_create_object(env, &result);
  napi_set_named_property(env, result, "node", fromInteger(env, graph.operations.size() - 1));
  napi_set_named_property(env, result, "outputs", outputs);
  return result;
}

napi_value addTensor(napi_env env, Graph& graph, TF_Tensor* tensor) {
  Status status;
  TF_OperationDescription* description = begin(graph, "Const");
  TF_SetAttrTensor(description, "value", tensor, status.status);
  TF_SetAttrType(description, "dtype", TF_TensorType(tensor));
  TF_DeleteTensor(tensor);
  TF_Operation* operation = finish(env, graph, description, "Const");
  return operation ? describe(env, graph, {operation, 0}) : nullptr;
}

/** (graph, type, shape, values) → a constant; the values are a typed array of the type's width. */
napi_value addConstant(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const std::vector<int64_t> shape = toIntegers(env, given[2]);
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, given[3], &type, &length, &data, nullptr, nullptr) != napi_ok) {
    return fail(env, "a constant's values must be a typed array");
  }
  const size_t width = type == napi_uint8_array ? 1 : 4;
  TF_Tensor* tensor = TF_AllocateTensor(static_cast<TF_DataType>(toInteger(env, given[1])), shape.data(),
                                        static_cast<int>(shape.size()), length * width);
  if (length > 0) std::memcpy(TF_TensorData(tensor), data, length * width);
  return addTensor(env, *given.graph(), tensor);
}

TFE_TensorHandle* handleOf(napi_env env, TFJSBackend& backend, int64_t id) {
  const auto found = backend.tfe_handle_map_.find(static_cast<int32_t>(id));
  if (found != backend.tfe_handle_map_.end()) return found->second;
  napi_throw_error(env, "E_GRAPH", ("there is no tensor " + std::to_string(id)).c_str());
  return nullptr;
}

/** (graph, tensor) → a constant with the values that a tensor outside has now. */
napi_value addCopy(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  TFE_TensorHandle* handle = handleOf(env, *tfnodejs::GetTFJSBackend(env), toInteger(env, given[1]));
  if (!handle) return nullptr;
  Status status;
  TF_Tensor* tensor = TFE_TensorHandleResolve(handle, status.status);
  if (status.failed(env, "constant")) return nullptr;
  if (TF_TensorByteSize(tensor) > LARGEST_CONSTANT) {
    TF_DeleteTensor(tensor);
    return fail(env, "a tensor that is no input is too large for a constant");
  }
  return addTensor(env, *given.graph(), tensor);
}

/** (graph, type, shape) → an input. */
napi_value addInput(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const std::vector<int64_t> shape = toIntegers(env, given[2]);
  TF_OperationDescription* description = begin(*given.graph(), "Placeholder");
  TF_SetAttrType(description, "dtype", static_cast<TF_DataType>(toInteger(env, given[1])));
  TF_SetAttrShape(description, "shape", shape.data(), static_cast<int>(shape.size()));
  TF_Operation* operation = finish(env, *given.graph(), description, "Placeholder");
  return operation ? describe(env, *given.graph(), {operation, 0}) : nullptr;
}

/** (graph, value, shape): says what TensorFlow cannot infer, such as the shape of a variable. */
napi_value setShape(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const std::vector<int64_t> shape = toIntegers(env, given[2]);
  Status status;
  TF_GraphSetTensorShape(given.graph()->graph, given.graph()->values.at(toInteger(env, given[1])), shape.data(),
                         static_cast<int>(shape.size()), status.status);
  status.failed(env, "shape");
  return nullptr;
}

/** (graph, name, inputs, outputs, nodes that must run): makes the function known to the binding's context. */
napi_value addFunction(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Graph& graph = *given.graph();
  const std::string name = toText(env, given[1]);
  std::vector<TF_Output> inputs, outputs;
  std::vector<const TF_Operation*> effects;
  for (int64_t i : toIntegers(env, given[2])) inputs.push_back(graph.values.at(i));
  for (int64_t i : toIntegers(env, given[3])) outputs.push_back(graph.values.at(i));
  for (int64_t i : toIntegers(env, given[4])) effects.push_back(graph.operations.at(i));
  Status status;
  TF_Function* function = TF_GraphToFunctionWithControlOutputs(
      graph.graph, name.c_str(), 0, -1, nullptr, static_cast<int>(inputs.size()), inputs.data(),
      static_cast<int>(outputs.size()), outputs.data(), nullptr, static_cast<int>(effects.size()), effects.data(), nullptr,
      nullptr, nullptr, status.status);
  if (status.failed(env, "function")) return nullptr;
  TFE_ContextAddFunction(tfnodejs::GetTFJSBackend(env)->tfe_context_, function, status.status);
  TF_DeleteFunction(function);
  status.failed(env, "function");
  return nullptr;
}

/** (name): forgets a function. */
napi_value removeFunction(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Status status;
  TFE_ContextRemoveFunction(tfnodejs::GetTFJSBackend(env)->tfe_context_, toText(env, given[0]).c_str(), status.status);
  status.failed(env, "function");
  return nullptr;
}

/** (name, tensors, number of results, whether XLA compiles it) → results, as from the binding's `executeOp`. */
napi_value runFunction(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  TFJSBackend& backend = *tfnodejs::GetTFJSBackend(env);
  const std::string name = toText(env, given[0]);
  Status status;
  std::unique_ptr<TFE_Op, decltype(&TFE_DeleteOp)> op(
      TFE_NewOp(backend.tfe_context_, name.c_str(), status.status), &TFE_DeleteOp);
  if (status.failed(env, name.c_str())) return nullptr;
  TFE_OpSetDevice(op.get(), backend.device_name.c_str(), status.status);
  if (status.failed(env, name.c_str())) return nullptr;
  for (int64_t id : toIntegers(env, given[1])) {
    TFE_TensorHandle* handle = handleOf(env, backend, id);
    if (!handle) return nullptr;
    TFE_OpAddInput(op.get(), handle, status.status);
    if (status.failed(env, name.c_str())) return nullptr;
  }
  if (toBool(env, given[3])) TFE_OpSetAttrBool(op.get(), "_XlaMustCompile", 1);
  int count = static_cast<int>(toInteger(env, given[2]));
  std::vector<TFE_TensorHandle*> results(count, nullptr);
  TFE_Execute(op.get(), results.data(), &count, status.status);
  if (status.failed(env, name.c_str())) return nullptr;
  napi_value list = nullptr;
  napi_create_array_with_length(env, count, &list);
  for (int i = 0; i < count; i++) napi_set_element(env, list, i, backend.GenerateOutputTensorInfo(env, results[i]));
  return list;
}

/** (flag): whether products of float32 may be computed in TF32, for all that is compiled or run from now on. */
napi_value allowTensorFloat32(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
#if defined(__GNUC__)
  if (tsl::enable_tensor_float_32_execution) tsl::enable_tensor_float_32_execution(toBool(env, given[0]));
#endif
  return nullptr;
}

}  // namespace
}  // namespace spanlab

NAPI_MODULE_INIT() {
  if (!tfnodejs::InitBinding(env, exports)) return nullptr;
  const std::pair<const char*, napi_callback> functions[] = {
      {"newGraph", spanlab::newGraph},       {"addNode", spanlab::addNode},
      {"addConstant", spanlab::addConstant}, {"addCopy", spanlab::addCopy},
      {"addInput", spanlab::addInput},       {"setShape", spanlab::setShape},
      {"addFunction", spanlab::addFunction}, {"removeFunction", spanlab::removeFunction},
      {"runFunction", spanlab::runFunction}, {"allowTensorFloat32", spanlab::allowTensorFloat32},
  };
  for (const auto& [name, function] : functions) {
    napi_value value = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
    napi_set_named_property(env, exports, name, value);
  }
  return exports;
}
