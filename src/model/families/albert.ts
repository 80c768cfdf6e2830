// ALBERT (Lan et al. 2020): BERT whose layers share their weights, with embeddings narrower than they are. The reference:
// `AlbertForQuestionAnswering`.
import { type Family, embeddingDropout, linear, norm, repeat, table } from '../family';
import { type BertConfig, bertConfig } from './bert';
import { type PostNormNames, postNormLayer, postNormWeights } from './post-norm';

export interface AlbertConfig extends BertConfig {
  /** How many layers there are of their own; the others repeat them. */
  groups: number;
}

const NAMES: PostNormNames = {
  q: 'attention.query',
  k: 'attention.key',
  v: 'attention.value',
  out: 'attention.dense',
  attentionNorm: 'attention.LayerNorm',
  up: 'ffn',
  down: 'ffn_output',
  outputNorm: 'full_layer_layer_norm',
};

function weights(config: AlbertConfig) {
  const { vocabularySize, maxPositions, typeVocabularySize, hiddenSize, embeddingSize: width, groups } = config;
  const group = (index: number) => `albert.encoder.albert_layer_groups.${index}.albert_layers.0`;
  return {
    embeddings: {
      word: table('albert.embeddings.word_embeddings', vocabularySize, width),
      position: table('albert.embeddings.position_embeddings', maxPositions, width),
      type: table('albert.embeddings.token_type_embeddings', typeVocabularySize, width),
      norm: norm('albert.embeddings.LayerNorm', width),
    },
    projection: linear('albert.encoder.embedding_hidden_mapping_in', hiddenSize, width),
    layers: repeat(groups, (index) => postNormWeights(config, group(index), NAMES)),
    answer: linear('qa_outputs', 2, hiddenSize),
  };
}

export const albert: Family<AlbertConfig, ReturnType<typeof weights>> = {
  classNames: { albert: 'AlbertForQuestionAnswering' },
  prefix: 'albert',
  weights,
  readConfig(read) {
    read.refuseUnless('inner_group_num', [1]);
    const config = bertConfig(read, { activation: 'gelu_new', dropout: 0 });
    const groups = read.count('num_hidden_groups', 1);
    return { ...config, embeddingSize: read.count('embedding_size', 128), groups };
  },
  embed(ops, { embeddings, projection }, config) {
    const rows = ops.embed([
      { table: embeddings.word, ids: 'tokens', paddingId: config.paddingId },
      { table: embeddings.position, ids: 'positions' },
      { table: embeddings.type, ids: 'types' },
    ]);
    const normed = ops.norm(rows, embeddings.norm, config.layerNormEpsilon);
    const dropped = ops.dropout(normed, embeddingDropout(config.hiddenDropout));
    return ops.tap(ops.linear(dropped, projection));
  },
  layers:
    (ops, { layers }, config) =>
    (x, index) => {
      const layer = layers[Math.floor((index * config.groups) / config.layers)];
      return postNormLayer(ops, index, x, layer, config, { outputDropout: 0 }); // the reference has none there
    },
};
