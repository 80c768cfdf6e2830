// What a model looks like: Hugging Face's config.json, read into one shape for all families.
import path from 'node:path';
import type { Activation } from '../engine/ops';
import { readJsonObject } from '../json-file';
import { readLimited } from '../limited-file';
import { quoted } from '../printable';
import { finishReplacing } from '../staged-folder';
import { decodeText } from '../text-file';
import { checkNumbers } from './config-checks';
import { type Json, ConfigReader } from './config-reader';
import { floatFields } from './config-text';
import { ModelError } from './errors';
import { FAMILIES, familyOf } from './families';

/** The sizes and rates of an encoder; a family may add to them. */
export interface ModelConfig {
  /** `model_type` of the file, as in `bert`. */
  architecture: string;
  vocabularySize: number;
  hiddenSize: number;
  layers: number;
  heads: number;
  intermediateSize: number;
  activation: Activation;
  /** Longest row, in tokens. */
  maxPositions: number;
  /** 0 where there are no token types. */
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
  /** Scores are divided by it before they become probabilities; absent where nobody chose it. Our own field of config.json. */
  temperature?: number;
  /** The file as it was, so that what we do not use is saved again. */
  raw: Record<string, unknown>;
  /** Its fields with whole numbers that are floats there; see `configText`. */
  floatFields?: string[];
}

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
  const config = parseConfig(readJsonObject(file, LARGEST_FILE, fail, true), file);
  return { ...config, floatFields: floatFields(decodeText(readLimited(file, LARGEST_FILE), file)) };
}

/** @throws ModelError `E_MODEL_CONFIG` */
export function parseConfig(raw: Json, file = 'config.json'): ModelConfig {
  const reader: ConfigReader = new ConfigReader(raw, file);
  const family = familyOf(reader.type);
  if (!family) {
    const known = FAMILIES.flatMap(({ classNames }) => Object.keys(classNames)).join(', ');
    reader.fail(`model_type is ${quoted(reader.type)}; use a model of one of these: ${known}`);
  }
  refuseOtherModels(reader);
  const config: ModelConfig = { ...(family.readConfig(reader) as Omit<ModelConfig, 'raw'>), raw };
  if (raw[NULL_THRESHOLD] !== undefined) config.nullThreshold = threshold(reader);
  if (raw[TEMPERATURE] !== undefined) config.temperature = temperature(reader);
  checkNumbers(config, file);
  return config;
}

/** Fields that make another model of the same weights, in every family, where they are anything but false or empty; and what to do. */
const OTHERS: Record<string, string> = {
  is_decoder: 'a decoder, whose tokens see only those before them; take an encoder, or set it to false if it is one',
  is_encoder_decoder: 'an encoder with a decoder; take an encoder',
  add_cross_attention: 'attention to another text; take an encoder',
  quantization_config:
    'weights that are packed; take the folder that they were made from, or save them again in float32',
  pruned_heads: 'layers with fewer heads than the others; take the model before it was pruned',
};

function refuseOtherModels(reader: ConfigReader): void {
  for (const [field, why] of Object.entries(OTHERS)) {
    const value = reader.raw[field] ?? false;
    const isEmpty = typeof value === 'object' && Object.keys(value).length === 0;
    if (value !== false && !isEmpty) reader.fail(`${field} ${quoted(value)} is not supported: ${why}`);
  }
}

/** Named as run_qa names its option; Python keeps fields that it does not know. */
export const NULL_THRESHOLD = 'null_score_diff_threshold';

/** Of the answers' probabilities; not that of texts that a model writes, which Python calls `temperature`. */
export const TEMPERATURE = 'answer_temperature';

/** Takes the temperature away: it was chosen for weights that are about to change. */
export function forgetTemperature(config: ModelConfig): void {
  delete config.temperature;
  config.raw = Object.fromEntries(Object.entries(config.raw).filter(([name]) => name !== TEMPERATURE));
}

function temperature(reader: ConfigReader): number {
  const value = reader.raw[TEMPERATURE];
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  return reader.fail(`${TEMPERATURE} is ${quoted(value)}; a number above 0 is needed`);
}

function threshold(reader: ConfigReader): number {
  const value = reader.raw[NULL_THRESHOLD];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return reader.fail(`${NULL_THRESHOLD} is ${quoted(value)}; a number is needed`);
}
