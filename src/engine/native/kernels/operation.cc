#include "operation.h"

namespace spanlab {

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

void settle(TF_Status* status, const std::string& name, std::string& problem) {
  if (TF_GetCode(status) != TF_OK) problem += name + ": " + TF_Message(status) + "; ";
  TF_DeleteStatus(status);
}

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

}  // namespace spanlab
