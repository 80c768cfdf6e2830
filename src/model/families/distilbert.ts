// DistilBERT (Sanh et al. 2019): BERT without token types, in half the layers. The reference: `DistilBertForQuestionAnswering`.
import type { ModelConfig } from '../config';
import { type Family, embeddingDropout, linear, norm, repeat, table } from '../family';
import { type PostNormNames, postNormLayer, postNormWeights } from './post-norm';

const NAMES: PostNormNames = {
  q: 'attention.q_lin',
  k: 'attention.k_lin',
  v: 'attention.v_lin',
  out: 'attention.out_lin',
  attentionNorm: 'sa_layer_norm',
  up: 'ffn.lin1',
  down: 'ffn.lin2',
  outputNorm: 'output_layer_norm',
};

function weights(config: ModelConfig) {
  const { vocabularySize, maxPositions, hiddenSize, layers } = config;
  return {
    embeddings: {
      word: table('distilbert.embeddings.word_embeddings', vocabularySize, hiddenSize),
      position: table('distilbert.embeddings.position_embeddings', maxPositions, hiddenSize),
      norm: norm('distilbert.embeddings.LayerNorm', hiddenSize),
    },
    layers: repeat(layers, (index) => postNormWeights(config, `distilbert.transformer.layer.${index}`, NAMES)),
    answer: linear('qa_outputs', 2, hiddenSize),
  };
}

export const distilbert: Family<ModelConfig, ReturnType<typeof weights>> = {
  classNames: { distilbert: 'DistilBertForQuestionAnswering' },
  prefix: 'distilbert',
  fields: { hiddenSize: 'dim', intermediateSize: 'hidden_dim', layers: 'n_layers', heads: 'n_heads' },
  weights,
  readConfig: (read) => ({
    architecture: 'distilbert',
    vocabularySize: read.number('vocab_size'),
    hiddenSize: read.number('dim', 768),
    layers: read.number('n_layers', 6),
    heads: read.number('n_heads', 12),
    intermediateSize: read.number('hidden_dim', 3072),
    activation: read.activation('activation'),
    maxPositions: read.number('max_position_embeddings', 512),
    typeVocabularySize: 0,
    hiddenDropout: read.number('dropout', 0.1),
    attentionDropout: read.number('attention_dropout', 0.1),
    answerDropout: read.number('qa_dropout', 0.1),
    layerNormEpsilon: 1e-12, // fixed in the reference implementation
    initializerRange: read.number('initializer_range', 0.02),
    paddingId: read.number('pad_token_id', 0),
  }),
  embed(ops, { embeddings }, config) {
    const rows = ops.embed([
      { table: embeddings.word, ids: 'tokens', paddingId: config.paddingId },
      { table: embeddings.position, ids: 'positions' },
    ]);
    const normed = ops.norm(rows, embeddings.norm, config.layerNormEpsilon);
    return ops.tap(ops.dropout(normed, embeddingDropout(config.hiddenDropout)));
  },
  layers:
    (ops, { layers }, config) =>
    (x, index) =>
      postNormLayer(ops, index, x, layers[index], config),
};
