// RemBERT (Chung et al. 2021): BERT with embeddings much narrower than its layers. The reference: `RemBertForQuestionAnswering`.
import { type Family, embeddingDropout, linear, norm, repeat, table } from '../family';
import { type BertConfig, bertConfig } from './bert';
import { postNormLayer, postNormWeights } from './post-norm';

function weights(config: BertConfig) {
  const { vocabularySize, maxPositions, typeVocabularySize, hiddenSize, embeddingSize: width, layers } = config;
  return {
    embeddings: {
      word: table('rembert.embeddings.word_embeddings', vocabularySize, width),
      position: table('rembert.embeddings.position_embeddings', maxPositions, width),
      type: table('rembert.embeddings.token_type_embeddings', typeVocabularySize, width),
      norm: norm('rembert.embeddings.LayerNorm', width),
    },
    projection: linear('rembert.encoder.embedding_hidden_mapping_in', hiddenSize, width),
    layers: repeat(layers, (index) => postNormWeights(config, `rembert.encoder.layer.${index}`)),
    answer: linear('qa_outputs', 2, hiddenSize),
  };
}

export const rembert: Family<BertConfig, ReturnType<typeof weights>> = {
  classNames: { rembert: 'RemBertForQuestionAnswering' },
  prefix: 'rembert',
  fields: { embeddingSize: 'input_embedding_size' },
  weights,
  readConfig(read) {
    const config = bertConfig(read, { dropout: 0 });
    return { ...config, embeddingSize: read.count('input_embedding_size', 256) };
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
    (x, index) =>
      postNormLayer(ops, index, x, layers[index], config),
};
