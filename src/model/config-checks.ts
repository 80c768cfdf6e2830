// The numbers of a config.json: whole where they must be, within what any model has, and in agreement with each other.
import { quoted } from '../printable';
import type { ModelConfig } from './config';
import { ModelError } from './errors';

type NumberField = Exclude<{ [K in keyof ModelConfig]: ModelConfig[K] extends number ? K : never }[keyof ModelConfig], undefined>; // prettier-ignore

interface Range {
  field: NumberField;
  /** What the field is called in a message: files name it in several ways. */
  name: string;
  lowest: number;
  highest: number;
  whole: boolean;
}

const whole = (field: NumberField, name: string, lowest: number, highest: number): Range => ({
  field,
  name,
  lowest,
  highest,
  whole: true,
});
const real = (field: NumberField, name: string, highest: number): Range => ({
  field,
  name,
  lowest: 0,
  highest,
  whole: false,
});

/** A rate of 1 drops everything, and what is kept is divided by nothing. */
const BELOW_ONE = 1 - Number.EPSILON;

/** Some way beyond the largest encoders there are, and far below what would exhaust a machine before the weights are looked at. */
const RANGES: Range[] = [
  whole('vocabularySize', 'vocabulary size', 1, 1 << 24),
  whole('hiddenSize', 'hidden size', 1, 1 << 16),
  whole('layers', 'number of layers', 1, 1 << 10),
  whole('heads', 'number of attention heads', 1, 1 << 12),
  whole('intermediateSize', 'intermediate size', 1, 1 << 20),
  whole('maxPositions', 'number of positions', 1, 1 << 20),
  whole('typeVocabularySize', 'number of token types', 0, 256),
  whole('paddingId', 'padding token id', 0, 1 << 24),
  real('hiddenDropout', 'hidden dropout', BELOW_ONE),
  real('attentionDropout', 'attention dropout', BELOW_ONE),
  real('answerDropout', 'answer dropout', BELOW_ONE),
  real('layerNormEpsilon', 'layer norm epsilon', 1),
  real('initializerRange', 'initializer range', 100),
];

/**
 * @throws ModelError `E_MODEL_CONFIG` for a number that no model has, or two that contradict each other
 * @example checkNumbers(config, 'models/mine/config.json')
 */
export function checkNumbers(config: ModelConfig, file: string): void {
  const fail = (problem: string) => new ModelError('E_MODEL_CONFIG', `${file}: ${problem}`);
  for (const { field, name, lowest, highest, whole: isWhole } of RANGES) {
    const value = config[field];
    if (isWhole && !Number.isSafeInteger(value))
      throw fail(`the ${name} is ${quoted(value)}; a whole number is needed`);
    if (value >= lowest && value <= highest) continue;
    const limit = highest === BELOW_ONE ? 'below 1' : `at most ${highest}`;
    throw fail(`the ${name} is ${value}; it must be at least ${lowest} and ${limit}`);
  }
  const { hiddenSize, heads, paddingId, vocabularySize } = config;
  if (hiddenSize % heads !== 0) throw fail(`hidden size ${hiddenSize} is no multiple of ${heads} heads`);
  if (paddingId >= vocabularySize) {
    throw fail(`padding token id ${paddingId} is outside the vocabulary of ${vocabularySize} tokens`);
  }
}

/** Fields that hold a rate or a factor; all others count something. */
const RATES = /dropout|prob|eps|range|theta|scale|factor|threshold/;
/** Fields of which there must be some; types, padding and the like may be 0. */
const SIZES =
  /^(?:vocab_size|hidden_size|dim|hidden_dim|n_layers|n_heads|intermediate_size|max_position_embeddings|num_\w+)$|every/;
/** More than any field counts; layers and their groups are made one by one from the number alone. */
const MOST = 1 << 24;
const MOST_LAYERS = 1 << 10;

/**
 * What is wrong with a number of config.json, whichever family reads it; undefined where it may be right.
 *
 * @example numberProblem('num_hidden_layers', 1.5) // 'a whole number is needed'
 */
export function numberProblem(field: string, value: unknown): string | undefined {
  const isRate = RATES.test(field);
  const least = SIZES.test(field) ? 1 : 0;
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'a number is needed';
  if (isRate) return value < 0 ? 'it must be at least 0' : undefined;
  if (!Number.isSafeInteger(value)) return 'a whole number is needed';
  const most = /layers|groups/.test(field) ? MOST_LAYERS : MOST;
  if (value < least) return `at least ${least} is needed`;
  return value > most ? `at most ${most} is possible` : undefined;
}

/** What the beginning of a class's name says of its architecture, for files from before `model_type`. */
const CLASS_PREFIXES: [prefix: RegExp, type: string][] = [
  [/^DistilBert/, 'distilbert'],
  [/^Electra/, 'electra'],
  [/^Bert(?!Japanese|Generation)/, 'bert'],
];

/**
 * The `model_type` of a config.json, and of one from before 2020, which has none, what its class or its fields say.
 *
 * @example modelType({ architectures: ['BertForQuestionAnswering'] }) // 'bert'
 */
export function modelType(raw: Record<string, unknown>): unknown {
  if (raw.model_type !== undefined && raw.model_type !== null) return raw.model_type;
  const [name] = Array.isArray(raw.architectures) ? (raw.architectures as unknown[]) : [];
  const known = CLASS_PREFIXES.find(([prefix]) => typeof name === 'string' && prefix.test(name));
  if (known) return known[1];
  if (name === undefined && 'dim' in raw && 'n_layers' in raw) return 'distilbert';
  // pytorch-pretrained-bert wrote nothing but the sizes
  if (name === undefined && 'hidden_size' in raw && 'type_vocab_size' in raw && !('embedding_size' in raw))
    return 'bert';
  return raw.model_type;
}
