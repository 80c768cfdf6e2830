// `spanlab/publish`: the model as ONNX files, as a web page, on the Hugging Face hub, and the card that goes with it.
export type { CardOptions } from './card-facts';
export { modelCard, writeCard } from './card';
export { PublishError } from './errors';
export type { Pushed, PushOptions } from './hub';
export { pushModel } from './hub';
export { exportOnnx } from './onnx/export';
export { decodeModel } from './onnx/messages';
export type { OnnxPrecision } from './onnx/numbers';
export { writeOnnx } from './onnx/write';
export type { WebOptions } from './web';
export { writeWebPage } from './web';
