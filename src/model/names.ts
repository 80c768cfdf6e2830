// One table between our weights and the names they have in Hugging Face's files.
import type { LayerWeights } from '../engine/layer';
import type { Architecture, ModelConfig } from './config';

/** A weight: our name, its shape, and the tensors of the file that make it, stacked along the first axis. */
export interface WeightName {
  name: string;
  shape: number[];
  sources: string[];
}

type Linear = 'q' | 'k' | 'v' | 'out' | 'up' | 'down' | 'norm1' | 'norm2';

const BERT_PARTS: Record<Linear, string> = {
  q: 'attention.self.query',
  k: 'attention.self.key',
  v: 'attention.self.value',
  out: 'attention.output.dense',
  norm1: 'attention.output.LayerNorm',
  up: 'intermediate.dense',
  down: 'output.dense',
  norm2: 'output.LayerNorm',
};

const LAYER_NAMES: Record<Architecture, { prefix: string; parts: Record<Linear, string> }> = {
  bert: { prefix: 'bert.encoder.layer', parts: BERT_PARTS },
  electra: { prefix: 'electra.encoder.layer', parts: BERT_PARTS },
  distilbert: {
    prefix: 'distilbert.transformer.layer',
    parts: {
      q: 'attention.q_lin',
      k: 'attention.k_lin',
      v: 'attention.v_lin',
      out: 'attention.out_lin',
      norm1: 'sa_layer_norm',
      up: 'ffn.lin1',
      down: 'ffn.lin2',
      norm2: 'output_layer_norm',
    },
  },
};

/** Every weight of the model. */
export function weightNames(config: ModelConfig): WeightName[] {
  const layers = Array.from({ length: config.layers }, (_, index) => layerNames(config, index));
  const answer = { name: 'answer', sources: ['qa_outputs'] };
  return [
    ...embeddingNames(config),
    ...layers.flat(),
    { name: `${answer.name}.weight`, shape: [2, config.hiddenSize], sources: ['qa_outputs.weight'] },
    { name: `${answer.name}.bias`, shape: [2], sources: ['qa_outputs.bias'] },
  ];
}

function embeddingNames(config: ModelConfig): WeightName[] {
  const { architecture, hiddenSize, vocabularySize, maxPositions, typeVocabularySize } = config;
  const table = (name: string, part: string, rows: number): WeightName => ({
    name: `embeddings.${name}`,
    shape: [rows, hiddenSize],
    sources: [`${architecture}.embeddings.${part}_embeddings.weight`],
  });
  const norm = (name: string, part: string): WeightName => ({
    name: `embeddings.${name}`,
    shape: [hiddenSize],
    sources: [`${architecture}.embeddings.LayerNorm.${part}`],
  });
  const types = typeVocabularySize > 0 ? [table('type', 'token_type', typeVocabularySize)] : [];
  const tables = [table('word', 'word', vocabularySize), table('position', 'position', maxPositions), ...types];
  return [...tables, norm('normGain', 'weight'), norm('normBias', 'bias')];
}

function layerNames({ architecture, hiddenSize: h, intermediateSize }: ModelConfig, index: number): WeightName[] {
  const { prefix, parts } = LAYER_NAMES[architecture];
  const entry = (name: keyof LayerWeights, shape: number[], names: Linear[], kind: string): WeightName => ({
    name: `layer.${index}.${name}`,
    shape,
    sources: names.map((part) => `${prefix}.${index}.${parts[part]}.${kind}`),
  });
  return [
    entry('qkvWeight', [3 * h, h], ['q', 'k', 'v'], 'weight'),
    entry('qkvBias', [3 * h], ['q', 'k', 'v'], 'bias'),
    entry('outWeight', [h, h], ['out'], 'weight'),
    entry('outBias', [h], ['out'], 'bias'),
    entry('attentionNormGain', [h], ['norm1'], 'weight'),
    entry('attentionNormBias', [h], ['norm1'], 'bias'),
    entry('upWeight', [intermediateSize, h], ['up'], 'weight'),
    entry('upBias', [intermediateSize], ['up'], 'bias'),
    entry('downWeight', [h, intermediateSize], ['down'], 'weight'),
    entry('downBias', [h], ['down'], 'bias'),
    entry('outputNormGain', [h], ['norm2'], 'weight'),
    entry('outputNormBias', [h], ['norm2'], 'bias'),
  ];
}

/** The names under which a file may hold a tensor: with or without the model's prefix, and as old TensorFlow ports wrote norms. */
export function aliases(source: string): string[] {
  const bare = source.replace(/^(bert|distilbert|electra)\./, '');
  const old = (name: string) =>
    name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta');
  return [...new Set([source, bare, old(source), old(bare)])];
}
