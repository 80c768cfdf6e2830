// One question and its text inside the model, as plain numbers with the tokens that they belong to.
import * as tf from '@tensorflow/tfjs';
import { checkScores } from '../evaluation/score-checks';
import { softmax } from '../evaluation/softmax';
import { bestPairs } from '../evaluation/top';
import { inspect } from '../model/inspect';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Encoding } from '../tokens/encoding';
import type { Tokenizer } from '../tokens/tokenizer';

export { softmax };

/** Scores of every token of a row, before the softmax. */
export interface TokenScores {
  startLogits: Float32Array; // [sequence]
  endLogits: Float32Array; // [sequence]
}

/** A row of tokens and what the model computed from it. */
export interface Reading extends TokenScores {
  /** The texts that the row was made of: question and context, or one text alone. */
  texts: string[];
  inputIds: Int32Array; // [sequence]
  tokenTypeIds: Uint8Array; // [sequence]
  tokens: string[]; // [sequence]
  /** UTF-16 start and end in the text that the token came from. */
  offsets: [start: number, end: number][]; // [sequence]
  /** Number of the text that the token came from; undefined for special tokens. */
  sources: (number | undefined)[]; // [sequence]
  /** Number of the token's word in its text; undefined for special tokens. */
  words: (number | undefined)[]; // [sequence]
  /** The embeddings, then each layer's output: [layers + 1] of [sequence * hidden]. */
  hiddenStates: Float32Array[];
  /** [layers] of [heads * sequence * sequence]; row: the token that looks, column: the token looked at. */
  attentions: Float32Array[];
  heads: number;
}

/**
 * The model's way through a question and a text, which is cut where the row gets longer than `maxLength`.
 *
 * @throws TokenError, ModelError; EvaluationError `E_SCORES`
 * @example const reading = await readInside(model, tokenizer, 'Who won?', 'Ada won.')
 */
export async function readInside(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  question: string,
  context: string,
  maxLength = 384,
): Promise<Reading> {
  const options = { truncation: 'only_second', maxLength: Math.min(maxLength, model.config.maxPositions) } as const;
  return inspectRow(model, await tokenizer.encode(question, context, options), [question, context]);
}

/** The same for a single text: `[CLS] text [SEP]`. */
export async function readText(model: QuestionAnsweringModel, tokenizer: Tokenizer, text: string): Promise<Reading> {
  const options = { truncation: true, maxLength: model.config.maxPositions };
  return inspectRow(model, await tokenizer.encode(text, undefined, options), [text]);
}

async function inspectRow(model: QuestionAnsweringModel, row: Encoding, texts: string[]): Promise<Reading> {
  const inputs = {
    inputIds: tf.tensor2d(row.inputIds, [1, row.length], 'int32'),
    tokenTypeIds: tf.tensor2d(row.tokenTypeIds, [1, row.length], 'int32'),
  };
  const { hiddenStates, attentions, startLogits, endLogits } = inspect(model, inputs);
  const kept = [...hiddenStates, ...attentions, startLogits, endLogits];
  const values = (await Promise.all(kept.map((tensor) => tensor.data()))) as Float32Array[];
  tf.dispose([...Object.values(inputs), ...kept]);
  values.slice(-2).forEach(checkScores);
  const { offsets } = row;
  return {
    texts,
    inputIds: row.inputIds,
    tokenTypeIds: row.tokenTypeIds,
    tokens: row.tokens(),
    offsets: Array.from({ length: row.length }, (_, i) => [offsets[2 * i], offsets[2 * i + 1]]),
    sources: row.sequenceIds(),
    words: row.wordIds(),
    hiddenStates: values.slice(0, hiddenStates.length),
    attentions: values.slice(hiddenStates.length, -2),
    startLogits: values[values.length - 2],
    endLogits: values[values.length - 1],
    heads: model.config.heads,
  };
}

/** Tokens `[start, end]`, both inclusive, as an answer. */
export interface TokenSpan {
  start: number;
  end: number;
  text: string;
  /** Probability of the start times that of the end, over all tokens of the row. */
  probability: number;
}

/**
 * The best answer of the last text (the context) by `scores`; at most `maxTokens` long. "No answer" is left out.
 *
 * @example bestSpan(reading).text
 */
export function bestSpan(reading: Reading, scores: TokenScores = reading, maxTokens = 15): TokenSpan {
  const starts = softmax(scores.startLogits);
  const ends = softmax(scores.endLogits);
  const context = reading.texts.length - 1;
  const range = [Math.max(0, reading.sources.indexOf(context)), reading.sources.lastIndexOf(context) + 1] as const;
  const best = bestPairs(starts, ends, range, { capacity: 1, maxLength: maxTokens });
  const [start, end] = [best.starts[0], best.ends[0]];
  return { start, end, text: spanText(reading, start, end), probability: starts[start] * ends[end] };
}

/** The characters under tokens `[start, end]` of one text. */
export function spanText({ texts, sources, offsets }: Reading, start: number, end: number): string {
  return texts[sources[start] ?? 0].slice(offsets[start][0], offsets[end][1]);
}
