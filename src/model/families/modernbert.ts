// ModernBERT (Warner et al. 2024) and what was built like it: Ettin, mmBERT. Norms before each half, rotary positions, a gated
// activation, no biases; most layers look only at near tokens. The reference: `ModernBertForQuestionAnswering`.
import type { Activation, Norm } from '../../engine/ops';
import { quoted } from '../../printable';
import type { ModelConfig } from '../config';
import type { ConfigReader } from '../config-reader';
import {
  type Family,
  type WeightSpec,
  answerDropout,
  embeddingDropout,
  layerDropout,
  linear,
  norm,
  repeat,
  table,
} from '../family';

export interface ModernBertConfig extends ModelConfig {
  /** Of each layer: the base of its rotary positions, and how far it looks to either side. */
  reach: { rope: number; window?: number }[];
  biases: Record<'attention' | 'feedForward' | 'norm' | 'head', boolean>;
  embeddingDropout: number;
  feedForwardDropout: number;
  headActivation: Activation;
}

function weights(config: ModernBertConfig) {
  const { vocabularySize, hiddenSize: width, intermediateSize: inner, layers, biases } = config;
  const normOf = (name: string): Norm<WeightSpec> => norm(name, width, biases.norm);
  return {
    embeddings: {
      word: table('model.embeddings.tok_embeddings', vocabularySize, width),
      norm: normOf('model.embeddings.norm'),
    },
    layers: repeat(layers, (index) => {
      const layer = `model.layers.${index}`;
      return {
        attentionNorm: index === 0 ? undefined : normOf(`${layer}.attn_norm`), // the embeddings have just been normalized
        attention: {
          qkv: linear(`${layer}.attn.Wqkv`, 3 * width, width, biases.attention),
          out: linear(`${layer}.attn.Wo`, width, width, biases.attention),
        },
        feedForwardNorm: normOf(`${layer}.mlp_norm`),
        feedForward: {
          up: linear(`${layer}.mlp.Wi`, 2 * inner, width, biases.feedForward),
          down: linear(`${layer}.mlp.Wo`, width, inner, biases.feedForward),
        },
      };
    }),
    finalNorm: normOf('model.final_norm'),
    head: { dense: linear('head.dense', width, width, biases.head), norm: normOf('head.norm') },
    answer: linear('classifier', 2, width),
  };
}

/** Which layers look everywhere, in the newer and in the older form of the file. */
function reachOf(read: ConfigReader, layers: number): ModernBertConfig['reach'] {
  const every = read.count('global_attn_every_n_layers', 3);
  const window = Math.floor(read.count('local_attention', 128) / 2);
  const types = read.raw.layer_types as unknown[] | undefined;
  const ropes = (read.raw.rope_parameters ?? {}) as Record<
    string,
    { rope_theta?: number; rope_type?: string } | undefined
  >;
  for (const { rope_type: type = 'default' } of Object.values(ropes).filter((rope) => rope instanceof Object)) {
    if (type !== 'default') read.fail(`rope_parameters with rope_type "${type}" are not supported`);
  }
  const globally = baseOf(read, ropes.full_attention?.rope_theta ?? read.number('global_rope_theta', 160_000));
  const locally = baseOf(read, ropes.sliding_attention?.rope_theta ?? read.number('local_rope_theta', 10_000));
  return repeat(layers, (index) => {
    const isGlobal = types ? types[index] === 'full_attention' : index % every === 0;
    return isGlobal ? { rope: globally } : { rope: locally, window };
  });
}

/** Angles are powers of it. */
function baseOf(read: ConfigReader, theta: unknown): number {
  if (typeof theta === 'number' && theta > 0 && Number.isFinite(theta)) return theta;
  return read.fail(`rope_theta is ${quoted(theta)}; a number above 0 is needed`);
}

/** Rotary positions turn the numbers of a head in pairs. */
function headsOf(read: ConfigReader): number {
  const [width, heads] = [read.number('hidden_size', 768), read.number('num_attention_heads', 12)];
  if ((width / heads) % 2 === 0) return heads;
  return read.fail(`hidden_size ${width} over num_attention_heads ${heads} is not even; rotary positions need pairs`);
}

export const modernbert: Family<ModernBertConfig, ReturnType<typeof weights>> = {
  classNames: { modernbert: 'ModernBertForQuestionAnswering' },
  prefix: 'model',
  optional: [
    { tensor: /^layers\.\d+\.attn\.W\w+\.bias$/, field: 'attention_bias', absent: false },
    { tensor: /^layers\.\d+\.mlp\.W\w+\.bias$/, field: 'mlp_bias', absent: false },
    { tensor: /norm\.bias$/, field: 'norm_bias', absent: false },
    { tensor: /^head\.dense\.bias$/, field: 'classifier_bias', absent: false },
  ],
  weights,
  readConfig(read) {
    const layers = read.number('num_hidden_layers', 22);
    return {
      architecture: read.type,
      vocabularySize: read.number('vocab_size', 50368),
      hiddenSize: read.number('hidden_size', 768),
      layers,
      heads: headsOf(read),
      intermediateSize: read.number('intermediate_size', 1152),
      activation: read.activation('hidden_activation'),
      maxPositions: read.number('max_position_embeddings', 8192),
      typeVocabularySize: 0,
      hiddenDropout: read.number('attention_dropout', 0), // the reference has one rate for both
      attentionDropout: read.number('attention_dropout', 0),
      answerDropout: read.number('classifier_dropout', 0),
      layerNormEpsilon: read.number('norm_eps', 1e-5),
      initializerRange: read.number('initializer_range', 0.02),
      paddingId: read.number('pad_token_id', 50283),
      reach: reachOf(read, layers),
      biases: {
        attention: read.boolean('attention_bias', false),
        feedForward: read.boolean('mlp_bias', false),
        norm: read.boolean('norm_bias', false),
        head: read.boolean('classifier_bias', false),
      },
      embeddingDropout: read.number('embedding_dropout', 0),
      feedForwardDropout: read.number('mlp_dropout', 0),
      headActivation: read.activation('classifier_activation'),
    };
  },
  embed(ops, { embeddings }, config) {
    const rows = ops.embed([{ table: embeddings.word, ids: 'tokens', paddingId: config.paddingId }]);
    const normed = ops.norm(rows, embeddings.norm, config.layerNormEpsilon);
    return ops.tap(ops.dropout(normed, embeddingDropout(config.embeddingDropout)));
  },
  layers(ops, { layers }, config) {
    const { heads, layerNormEpsilon: epsilon, activation } = config;
    return (x, index) => {
      const output = ops.layer(index, { x, layer: layers[index] }, ({ x, layer }) => {
        const dropout = layerDropout(config.attentionDropout, index, 0);
        const before = layer.attentionNorm ? ops.norm(x, layer.attentionNorm, epsilon) : x;
        const attended = ops.attend(before, layer.attention, { heads, dropout, ...config.reach[index] });
        const middle = ops.add(ops.dropout(attended, layerDropout(config.hiddenDropout, index, 1)), x);
        const thought = ops.feedForward(ops.norm(middle, layer.feedForwardNorm, epsilon), layer.feedForward, {
          activation,
          gated: true,
          dropout: layerDropout(config.feedForwardDropout, index, 3),
        });
        return ops.add(thought, middle);
      });
      return index + 1 < config.layers ? ops.tap(output) : output;
    };
  },
  finish(ops, { finalNorm }, config, x) {
    return ops.tap(ops.norm(x, finalNorm, config.layerNormEpsilon)); // the last hidden state of the reference has its norm
  },
  head(ops, { head, answer }, config, hidden) {
    const active = ops.activate(ops.linear(hidden, head.dense), config.headActivation);
    const normed = ops.norm(active, head.norm, config.layerNormEpsilon);
    return ops.linear(ops.dropout(normed, answerDropout(config.answerDropout)), answer);
  },
};
