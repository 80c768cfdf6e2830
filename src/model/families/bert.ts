// BERT (Devlin et al. 2019) and ELECTRA (Clark et al. 2020), whose encoder is BERT's under another name, with embeddings that may
// be narrower than the layers. The reference: `BertForQuestionAnswering` and `ElectraForQuestionAnswering` of transformers.
import type { ModelConfig } from '../config';
import type { ConfigReader } from '../config-reader';
import { type Family, embeddingDropout, linear, norm, repeat, table } from '../family';
import { postNormLayer, postNormWeights } from './post-norm';

export interface BertConfig extends ModelConfig {
  embeddingSize: number;
}

/** What a descendant's configuration class has in the place of BERT's defaults. */
export interface BertDefaults {
  activation?: string;
  dropout?: number;
  epsilon?: number;
  types?: number;
  paddingId?: number;
}

/** The table of token types, which a model may do without. */
export const TYPES = { tensor: /^embeddings\.token_type_embeddings\./, field: 'type_vocab_size', absent: 2 };

/** The fields of config.json that BERT and its descendants share. */
export function bertConfig(read: ConfigReader, defaults: BertDefaults = {}) {
  read.refuseUnless('position_embedding_type', ['absolute']);
  const dropout = defaults.dropout ?? 0.1;
  return {
    architecture: read.type,
    vocabularySize: read.number('vocab_size'),
    hiddenSize: read.number('hidden_size'),
    layers: read.number('num_hidden_layers'),
    heads: read.number('num_attention_heads'),
    intermediateSize: read.number('intermediate_size'),
    activation: read.activation('hidden_act', defaults.activation),
    maxPositions: read.number('max_position_embeddings', 512),
    typeVocabularySize: read.number('type_vocab_size', defaults.types ?? 2),
    hiddenDropout: read.number('hidden_dropout_prob', dropout),
    attentionDropout: read.number('attention_probs_dropout_prob', dropout),
    answerDropout: 0,
    layerNormEpsilon: read.number('layer_norm_eps', defaults.epsilon ?? 1e-12),
    initializerRange: read.number('initializer_range', 0.02),
    paddingId: read.number('pad_token_id', defaults.paddingId ?? 0),
  };
}

function weights(config: BertConfig) {
  const { architecture: name, hiddenSize, embeddingSize: width, layers } = config;
  const embeddings = {
    word: table(`${name}.embeddings.word_embeddings`, config.vocabularySize, width),
    position: table(`${name}.embeddings.position_embeddings`, config.maxPositions, width),
    type:
      config.typeVocabularySize > 0
        ? table(`${name}.embeddings.token_type_embeddings`, config.typeVocabularySize, width)
        : undefined,
    norm: norm(`${name}.embeddings.LayerNorm`, width),
  };
  return {
    embeddings,
    projection: width === hiddenSize ? undefined : linear(`${name}.embeddings_project`, hiddenSize, width),
    layers: repeat(layers, (index) => postNormWeights(config, `${name}.encoder.layer.${index}`)),
    answer: linear('qa_outputs', 2, hiddenSize),
  };
}

/** One family under two names; the prefix of a file's tensors is the name. */
function family(name: string, className: string): Family<BertConfig, ReturnType<typeof weights>> {
  return {
    classNames: { [name]: className },
    prefix: name,
    optional: [TYPES],
    weights,
    readConfig(read) {
      const config = bertConfig(read);
      return { ...config, embeddingSize: read.count('embedding_size', config.hiddenSize) };
    },
    embed(ops, { embeddings, projection }, config) {
      const rows = ops.embed([
        { table: embeddings.word, ids: 'tokens', paddingId: config.paddingId },
        { table: embeddings.position, ids: 'positions' },
        ...(embeddings.type ? [{ table: embeddings.type, ids: 'types' } as const] : []),
      ]);
      const normed = ops.norm(rows, embeddings.norm, config.layerNormEpsilon);
      const dropped = ops.dropout(normed, embeddingDropout(config.hiddenDropout));
      return ops.tap(projection ? ops.linear(dropped, projection) : dropped);
    },
    layers:
      (ops, { layers }, config) =>
      (x, index) =>
        postNormLayer(ops, index, x, layers[index], config),
  };
}

export const bert = family('bert', 'BertForQuestionAnswering');
export const electra = family('electra', 'ElectraForQuestionAnswering');
