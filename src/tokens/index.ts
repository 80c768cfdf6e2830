// `spanlab/tokens`: the tokenizer, token positions, and windows over long texts.
export { BatchEncoding } from './batch-encoding';
export { cachedWindows } from './cache';
export { Encoding } from './encoding';
export { TokenError } from './errors';
export { readFeatures, writeFeatures } from './feature-file';
export type { Features } from './features';
export { NO_ANSWER } from './features';
export { lessonFeatures } from './lesson';
export type { PositionOptions, TokenPositions } from './positions';
export { addTokenPositions, toFeatures } from './positions';
export type { EncodeOptions } from './tokenizer';
export { Tokenizer } from './tokenizer';
export type { WindowOptions } from './window-lengths';
export { WINDOW_DEFAULTS } from './window-lengths';
export { windows } from './windows';
export { tracePieces } from './wordpiece/trace';
