// `spanlab/inspect`: what the model looks at, layer by layer, and what training changed.
export { attentionFrom, attentionMatrix, attentionTargets } from './attention';
export type { Exit } from './early-exit';
export { earlyExits, settledLayer } from './early-exit';
export type { Occlusion, OcclusionTrial } from './occlusion';
export { occlude, occlusionStudy, wordsOf } from './occlusion';
export type { Reading, TokenScores, TokenSpan } from './reading';
export { bestSpan, readInside, readText, softmax, spanText } from './reading';
export type { LayerSimilarity, WeightChange } from './similarity';
export { layerSimilarity, linearCka, weightChanges } from './similarity';
export type { Neighbour, Projection } from './vectors';
export { cosine, groupCosines, nearestTokens, project, wordVectors } from './vectors';
