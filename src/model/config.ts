// What a model looks like: Hugging Face's config.json, read into one shape for BERT, DistilBERT and ELECTRA.
import path from 'node:path';
import { readJsonObject } from '../json-file';
import { quoted } from '../printable';
import { finishReplacing } from '../staged-folder';
import { checkNumbers, modelType } from './config-checks';
import { ModelError } from './errors';

/** ELECTRA's encoder is BERT's under another name. */
export type Architecture = 'bert' | 'distilbert' | 'electra';
const ARCHITECTURES: unknown[] = ['bert', 'distilbert', 'electra'];

/** The sizes and rates of an encoder. */
export interface ModelConfig {
  architecture: Architecture;
  vocabularySize: number;
  hiddenSize: number;
  layers: number;
  heads: number;
  intermediateSize: number;
  /** Longest row, in tokens. */
  maxPositions: number;
  /** 0 where there are no token types (DistilBERT). */
  typeVocabularySize: number;
  hiddenDropout: number;
  attentionDropout: number;
  /** Before the answer head; BERT has none there. */
  answerDropout: number;
  layerNormEpsilon: number;
  initializerRange: number;
  paddingId: number;
  /** Null odds above which the model withholds an answer; absent where nobody chose it. Our own field of config.json. */
  nullThreshold?: number;
  /** The file as it was, so that what we do not use is saved again. */
  raw: Record<string, unknown>;
}

type Json = Record<string, unknown>;

/** Bytes. Names of a hundred thousand labels are the most that such a file holds. */
const LARGEST_FILE = 1 << 24;

/**
 * Reads `config.json` of a model folder.
 *
 * @throws ModelError `E_MODEL_CONFIG` with the field that is missing or not supported.
 * @example readConfig('models/distilbert-custom').layers // 6
 */
export function readConfig(folder: string): ModelConfig {
  finishReplacing(folder);
  const file = path.join(folder, 'config.json');
  const fail = (problem: string) => new ModelError('E_MODEL_CONFIG', problem);
  return parseConfig(readJsonObject(file, LARGEST_FILE, fail), file);
}

/** @throws ModelError `E_MODEL_CONFIG` */
export function parseConfig(raw: Json, file = 'config.json'): ModelConfig {
  const type = modelType(raw);
  if (!isArchitecture(type)) {
    throw new ModelError(
      'E_MODEL_CONFIG',
      `${file}: model_type is ${quoted(type)}; use a bert, distilbert or electra model`,
    );
  }
  const config = type === 'distilbert' ? distilbert(raw, file) : bert(raw, file, type);
  checkActivation(raw, file, type);
  if (raw[NULL_THRESHOLD] !== undefined) config.nullThreshold = threshold(raw, file);
  checkNumbers(config, file);
  return config;
}

/** Named as run_qa names its option; Python keeps fields that it does not know. */
export const NULL_THRESHOLD = 'null_score_diff_threshold';

function threshold(raw: Json, file: string): number {
  const value = raw[NULL_THRESHOLD];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new ModelError('E_MODEL_CONFIG', `${file}: ${NULL_THRESHOLD} is ${quoted(value)}; a number is needed`);
}

function checkActivation(raw: Json, file: string, type: Architecture): void {
  const field = type === 'distilbert' ? 'activation' : 'hidden_act';
  const activation = raw[field] ?? 'gelu';
  if (activation === 'gelu') return;
  throw new ModelError(
    'E_MODEL_CONFIG',
    `${file}: ${field} ${quoted(activation)} is not supported; only "gelu" is`,
  );
}

function isArchitecture(type: unknown): type is Architecture {
  return ARCHITECTURES.includes(type);
}

function bert(raw: Json, file: string, architecture: Architecture): ModelConfig {
  const number = reader(raw, file);
  const [hidden, embedding] = [number('hidden_size'), number('embedding_size', raw.hidden_size as number)];
  if (embedding !== hidden) {
    const problem = `embedding_size ${embedding} differs from hidden_size ${hidden}`;
    throw new ModelError('E_MODEL_CONFIG', `${file}: ${problem}, which is not supported; take a larger ELECTRA`);
  }
  return {
    architecture,
    vocabularySize: number('vocab_size'),
    hiddenSize: hidden,
    layers: number('num_hidden_layers'),
    heads: number('num_attention_heads'),
    intermediateSize: number('intermediate_size'),
    maxPositions: number('max_position_embeddings', 512),
    typeVocabularySize: number('type_vocab_size', 2),
    hiddenDropout: number('hidden_dropout_prob', 0.1),
    attentionDropout: number('attention_probs_dropout_prob', 0.1),
    answerDropout: 0,
    layerNormEpsilon: number('layer_norm_eps', 1e-12),
    initializerRange: number('initializer_range', 0.02),
    paddingId: number('pad_token_id', 0),
    raw,
  };
}

function distilbert(raw: Json, file: string): ModelConfig {
  const number = reader(raw, file);
  return {
    architecture: 'distilbert',
    vocabularySize: number('vocab_size'),
    hiddenSize: number('dim', 768),
    layers: number('n_layers', 6),
    heads: number('n_heads', 12),
    intermediateSize: number('hidden_dim', 3072),
    maxPositions: number('max_position_embeddings', 512),
    typeVocabularySize: 0,
    hiddenDropout: number('dropout', 0.1),
    attentionDropout: number('attention_dropout', 0.1),
    answerDropout: number('qa_dropout', 0.1),
    layerNormEpsilon: 1e-12, // fixed in the reference implementation
    initializerRange: number('initializer_range', 0.02),
    paddingId: number('pad_token_id', 0),
    raw,
  };
}

function reader(raw: Json, file: string): (field: string, fallback?: number) => number {
  return (field, fallback) => {
    const value = raw[field] ?? fallback;
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    throw new ModelError('E_MODEL_CONFIG', `${file}: ${field} is ${quoted(value)}; a number is needed`);
  };
}
