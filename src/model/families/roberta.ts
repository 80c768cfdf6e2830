// RoBERTa (Liu et al. 2019) and what was trained like it in other languages: XLM-RoBERTa (Conneau et al. 2020), CamemBERT (Martin et
// al. 2020). BERT with positions that are counted from the padding's id on. The reference: `RobertaForQuestionAnswering`.
import type { ModelConfig } from '../config';
import { type Family, embeddingDropout, linear, norm, repeat, table } from '../family';
import { bertConfig } from './bert';
import { postNormLayer, postNormWeights } from './post-norm';

export interface RobertaConfig extends ModelConfig {
  /** Rows of the table of positions: more than a row has tokens, since the first ones are padding's. */
  positionRows: number;
}

function weights(config: RobertaConfig) {
  const { vocabularySize, positionRows, typeVocabularySize, hiddenSize, layers } = config;
  return {
    embeddings: {
      word: table('roberta.embeddings.word_embeddings', vocabularySize, hiddenSize),
      position: table('roberta.embeddings.position_embeddings', positionRows, hiddenSize),
      type: table('roberta.embeddings.token_type_embeddings', typeVocabularySize, hiddenSize),
      norm: norm('roberta.embeddings.LayerNorm', hiddenSize),
    },
    layers: repeat(layers, (index) => postNormWeights(config, `roberta.encoder.layer.${index}`)),
    answer: linear('qa_outputs', 2, hiddenSize),
  };
}

export const roberta: Family<RobertaConfig, ReturnType<typeof weights>> = {
  classNames: {
    roberta: 'RobertaForQuestionAnswering',
    'xlm-roberta': 'XLMRobertaForQuestionAnswering',
    camembert: 'CamembertForQuestionAnswering',
  },
  prefix: 'roberta',
  weights,
  readConfig(read) {
    const config = bertConfig(read, { paddingId: 1 });
    return { ...config, positionRows: config.maxPositions, maxPositions: config.maxPositions - config.paddingId - 1 };
  },
  embed(ops, { embeddings }, config) {
    const { paddingId } = config;
    const rows = ops.embed([
      { table: embeddings.word, ids: 'tokens', paddingId },
      { table: embeddings.position, ids: 'positions', paddingId },
      { table: embeddings.type, ids: 'types' },
    ]);
    const normed = ops.norm(rows, embeddings.norm, config.layerNormEpsilon);
    return ops.tap(ops.dropout(normed, embeddingDropout(config.hiddenDropout)));
  },
  layers:
    (ops, { layers }, config) =>
    (x, index) =>
      postNormLayer(ops, index, x, layers[index], config),
};
