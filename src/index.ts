// `spanlab`: what a training and an answer need. Plots and tables are in `spanlab/show`, a look inside the model in
// `spanlab/inspect`, ONNX files, pages and the hub in `spanlab/publish`: they load more.
export { DATA_SETS, fetchDataSet } from './download/data-sets';
export { DownloadError } from './download/errors';
export { AdamW } from './engine/adamw';
export type { BackendChoice, BackendName } from './engine/backend';
export { chooseBackend } from './engine/backend';
export { EngineError } from './engine/errors';
export type { OperationsKind } from './engine/operations';
export { operations, operationsKind } from './engine/operations';
export { createParameters } from './engine/parameters';
export { hasNarrowInstructions } from './engine/precision';
export { Random } from './engine/random';
export { FileError, SpanlabError } from './errors';
export * from './evaluation';
export type { Profile } from './lesson/profile';
export { chooseProfile, profileData, profileEncoder } from './lesson/profile';
export type { ReadyModel, ReadyOptions } from './lesson/ready-model';
export { readyModel } from './lesson/ready-model';
export * from './model';
export { version } from './root';
export * from './squad';
export * from './tokens';
export * from './training';
