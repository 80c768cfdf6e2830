// MPNet (Song et al. 2020): BERT with RoBERTa's positions, no types, and a bias of the attention scores by distance that all layers
// share. The reference: `MPNetForQuestionAnswering`.
import { type Family, embeddingDropout, linear, norm, repeat, table } from '../family';
import { bertConfig } from './bert';
import { type PostNormNames, BERT_NAMES, postNormLayer, postNormWeights } from './post-norm';
import type { RobertaConfig } from './roberta';

const NAMES: PostNormNames = {
  ...BERT_NAMES,
  q: 'attention.attn.q',
  k: 'attention.attn.k',
  v: 'attention.attn.v',
  out: 'attention.attn.o',
  attentionNorm: 'attention.LayerNorm',
};

/** Fixed in the reference implementation, whatever config.json says. */
const PADDING_ID = 1;
const BUCKETS = 32;
const LONGEST = 128;

/**
 * The row of the table of biases for a distance: each of the smaller ones has its own, larger ones share theirs, the more the
 * larger (Raffel et al. 2020). Rounded as the reference does it, in single precision.
 *
 * @example mpnetBucket(3) // 3
 */
export function mpnetBucket(distance: number): number {
  const half = BUCKETS / 2;
  const exact = half / 2;
  const [far, side] = [Math.abs(distance), distance < 0 ? half : 0];
  if (far < exact) return side + far;
  const log = Math.fround(Math.fround(Math.log(far / exact)) / Math.fround(Math.log(LONGEST / exact)));
  return side + Math.min(half - 1, exact + Math.trunc(Math.fround(log * (half - exact))));
}

function weights(config: RobertaConfig) {
  const { vocabularySize, positionRows, hiddenSize, heads, layers } = config;
  return {
    embeddings: {
      word: table('mpnet.embeddings.word_embeddings', vocabularySize, hiddenSize),
      position: table('mpnet.embeddings.position_embeddings', positionRows, hiddenSize),
      norm: norm('mpnet.embeddings.LayerNorm', hiddenSize),
    },
    layers: repeat(layers, (index) => postNormWeights(config, `mpnet.encoder.layer.${index}`, NAMES)),
    biases: table('mpnet.encoder.relative_attention_bias', BUCKETS, heads),
    answer: linear('qa_outputs', 2, hiddenSize),
  };
}

export const mpnet: Family<RobertaConfig, ReturnType<typeof weights>> = {
  classNames: { mpnet: 'MPNetForQuestionAnswering' },
  prefix: 'mpnet',
  weights,
  readConfig(read) {
    read.refuseUnless('relative_attention_num_buckets', [BUCKETS]);
    const config = { ...bertConfig(read), typeVocabularySize: 0, paddingId: PADDING_ID };
    return { ...config, positionRows: config.maxPositions, maxPositions: config.maxPositions - PADDING_ID - 1 };
  },
  embed(ops, { embeddings }, config) {
    const rows = ops.embed([
      { table: embeddings.word, ids: 'tokens', paddingId: PADDING_ID },
      { table: embeddings.position, ids: 'positions', paddingId: PADDING_ID },
    ]);
    const normed = ops.norm(rows, embeddings.norm, config.layerNormEpsilon);
    return ops.tap(ops.dropout(normed, embeddingDropout(config.hiddenDropout)));
  },
  layers(ops, { layers, biases }, config) {
    const relative = { kind: 'bias', values: ops.rows(biases), bucket: mpnetBucket } as const;
    return (x, index) => postNormLayer(ops, index, x, layers[index], config, { relative });
  },
};
