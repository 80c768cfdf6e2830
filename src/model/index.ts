// `spanlab/model`: weights in, logits and gradients out, and saved again in Hugging Face's layout.
export type { ModelConfig } from './config';
export { readConfig } from './config';
export { ModelError } from './errors';
export type { LabelledInputs, ModelInputs, ModelOutputs } from './inputs';
export type { ComputeOptions, LossAndGradients } from './question-answering';
export { QuestionAnsweringModel } from './question-answering';
export { resolveModel } from './resolve';
export { savePretrained } from './save';
