// DeBERTa-v2 and v3 (He et al. 2021 and 2023), mDeBERTa included: BERT whose tokens look at each other's distance with queries and
// keys of its own, from the same weights, distances in buckets that widen. The reference: `DebertaV2ForQuestionAnswering`.
import type { ModelConfig } from '../config';
import type { ConfigReader } from '../config-reader';
import { type Family, embeddingDropout, linear, norm, repeat, table } from '../family';
import { bertConfig, TYPES } from './bert';
import { type PostNormNames, BERT_NAMES, postNormLayer, postNormWeights } from './post-norm';

export interface DebertaConfig extends ModelConfig {
  embeddingSize: number;
  /** Distances on each side that have a row of their own. */
  buckets: number;
  /** From this distance on all are in the last bucket; absent: no distance shares its bucket. */
  longest?: number;
  hasPositions: boolean;
  normsDistances: boolean;
}

const NAMES: PostNormNames = {
  ...BERT_NAMES,
  q: 'attention.self.query_proj',
  k: 'attention.self.key_proj',
  v: 'attention.self.value_proj',
};

/**
 * The row of the table of distances: near ones have their own, farther ones share theirs in logarithmic steps
 * (`make_log_bucket_position`, in single precision as there).
 *
 * @example debertaBucket(-3, 256, 512) // 253
 */
export function debertaBucket(distance: number, buckets: number, longest?: number): number {
  const bounded = (place: number) => Math.max(0, Math.min(2 * buckets - 1, place + buckets));
  const middle = Math.floor(buckets / 2);
  const far = Math.abs(distance);
  if (longest === undefined || far <= middle) return bounded(distance);
  const whole = Math.fround(Math.log(Math.fround((longest - 1) / middle)));
  const log = Math.fround(Math.fround(Math.log(Math.fround(far / middle))) / whole);
  return bounded(Math.sign(distance) * (Math.ceil(Math.fround(log * (middle - 1))) + middle));
}

function weights(config: DebertaConfig) {
  const { vocabularySize, maxPositions, typeVocabularySize, hiddenSize, embeddingSize: width, buckets } = config;
  const part = (has: boolean, name: string, rows: number) =>
    has ? table(`deberta.embeddings.${name}`, rows, width) : undefined;
  return {
    embeddings: {
      word: table('deberta.embeddings.word_embeddings', vocabularySize, width),
      position: part(config.hasPositions, 'position_embeddings', maxPositions),
      type: part(typeVocabularySize > 0, 'token_type_embeddings', typeVocabularySize),
      projection: width === hiddenSize ? undefined : linear('deberta.embeddings.embed_proj', hiddenSize, width, false),
      norm: norm('deberta.embeddings.LayerNorm', hiddenSize),
    },
    layers: repeat(config.layers, (index) => postNormWeights(config, `deberta.encoder.layer.${index}`, NAMES)),
    distances: table('deberta.encoder.rel_embeddings', 2 * buckets, hiddenSize),
    distanceNorm: config.normsDistances ? norm('deberta.encoder.LayerNorm', hiddenSize) : undefined,
    answer: linear('qa_outputs', 2, hiddenSize),
  };
}

/** What is never found in the models of v3, and in few of v2. */
function refuseVariants(read: ConfigReader): void {
  if (read.raw.relative_attention !== true)
    read.fail('relative_attention is not true; DeBERTa without it is not supported');
  if (read.raw.share_att_key !== true) read.fail('share_att_key is not true; only shared keys are supported');
  if (read.number('conv_kernel_size', 0) > 0) read.fail('conv_kernel_size is not supported; take a model without it');
  const types = [read.raw.pos_att_type].flat().flatMap((type) => String(type).split('|'));
  if (!['c2p', 'p2c'].every((type) => types.includes(type))) {
    read.fail(`pos_att_type ${JSON.stringify(read.raw.pos_att_type)} is not supported; only p2c and c2p together are`);
  }
}

export const deberta: Family<DebertaConfig, ReturnType<typeof weights>> = {
  classNames: { 'deberta-v2': 'DebertaV2ForQuestionAnswering' },
  prefix: 'deberta',
  // files have a table of positions also where `position_biased_input` is false, and do not use it
  optional: [
    { ...TYPES, absent: 0 },
    { tensor: /^encoder\.LayerNorm\./, field: 'norm_rel_ebd', absent: 'none' },
    { tensor: /^encoder\.conv\./, field: 'conv_kernel_size', absent: 0 },
  ],
  weights,
  readConfig(read) {
    refuseVariants(read);
    const config = bertConfig(read, { epsilon: 1e-7, types: 0 });
    const given = (field: string) => {
      const value = read.raw[field] ?? -1; // -1 stands for none
      return value === -1 || value === 0 ? 0 : read.count(field);
    };
    const longest = given('max_relative_positions') || config.maxPositions;
    const buckets = given('position_buckets');
    return {
      ...config,
      embeddingSize: read.count('embedding_size', config.hiddenSize),
      buckets: buckets || longest,
      longest: buckets ? longest : undefined,
      hasPositions: read.boolean('position_biased_input', true),
      normsDistances: String(read.raw.norm_rel_ebd ?? 'none').includes('layer_norm'),
    };
  },
  embed(ops, { embeddings }, config) {
    const { layerNormEpsilon: epsilon, hiddenDropout } = config;
    const rows = ops.embed([
      { table: embeddings.word, ids: 'tokens', paddingId: config.paddingId },
      ...(embeddings.position ? [{ table: embeddings.position, ids: 'positions' } as const] : []),
      ...(embeddings.type ? [{ table: embeddings.type, ids: 'types' } as const] : []),
    ]);
    const wide = embeddings.projection ? ops.linear(rows, embeddings.projection) : rows;
    return ops.tap(ops.dropout(ops.norm(wide, embeddings.norm, epsilon), embeddingDropout(hiddenDropout)));
  },
  layers(ops, { layers, distances, distanceNorm }, config) {
    const { layerNormEpsilon: epsilon, hiddenDropout, buckets, longest } = config;
    const values = distanceNorm ? ops.norm(ops.rows(distances), distanceNorm, epsilon) : ops.rows(distances);
    const bucket = (distance: number) => debertaBucket(distance, buckets, longest);
    const relative = { kind: 'disentangled', values, bucket } as const;
    const variation = { relative, relativeDropout: hiddenDropout };
    return (x, index) => postNormLayer(ops, index, x, layers[index], config, variation);
  },
};
