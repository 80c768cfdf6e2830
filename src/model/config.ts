// What a model looks like: Hugging Face's config.json, read into one shape for all families.
import fs from 'node:fs';
import path from 'node:path';
import type { Activation } from '../engine/ops';
import { toFileError } from '../errors';
import { finishReplacing } from '../staged-folder';
import type { Json } from './config-reader';
import { ConfigReader } from './config-reader';
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
  /** The file as it was, so that what we do not use is saved again. */
  raw: Record<string, unknown>;
  /** Its fields with whole numbers that are floats there; see `configText`. */
  floatFields?: string[];
}

/**
 * Reads `config.json` of a model folder.
 *
 * @throws ModelError `E_MODEL_CONFIG` with the field that is missing or not supported.
 * @example readConfig('models/distilbert-custom').layers // 6
 */
export function readConfig(folder: string): ModelConfig {
  finishReplacing(folder);
  const file = path.join(folder, 'config.json');
  const text = readText(file);
  return { ...parseConfig(parseJson(text, file), file), floatFields: floatFields(text) };
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw toFileError(error, file);
  }
}

function parseJson(text: string, file: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new ModelError('E_MODEL_CONFIG', `${file}: not valid JSON (${(error as Error).message}); fetch it again`);
  }
}

/** @throws ModelError `E_MODEL_CONFIG` */
export function parseConfig(raw: Json, file = 'config.json'): ModelConfig {
  const reader: ConfigReader = new ConfigReader(raw, file);
  const family = familyOf(raw.model_type);
  if (!family) {
    const known = FAMILIES.flatMap(({ classNames }) => Object.keys(classNames)).join(', ');
    reader.fail(`model_type is ${JSON.stringify(raw.model_type)}; use a model of one of these: ${known}`);
  }
  const config: ModelConfig = { ...(family.readConfig(reader) as Omit<ModelConfig, 'raw'>), raw };
  if (raw[NULL_THRESHOLD] !== undefined) config.nullThreshold = threshold(reader);
  if (config.hiddenSize % config.heads !== 0) {
    reader.fail(`hidden size ${config.hiddenSize} is no multiple of ${config.heads} heads`);
  }
  return config;
}

/** Named as run_qa names its option; Python keeps fields that it does not know. */
export const NULL_THRESHOLD = 'null_score_diff_threshold';

function threshold(reader: ConfigReader): number {
  const value = reader.raw[NULL_THRESHOLD];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return reader.fail(`${NULL_THRESHOLD} is ${JSON.stringify(value)}; a number is needed`);
}
