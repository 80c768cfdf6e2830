// Occlusion: a word is hidden from the model, and the change of the answer's score says how much the answer needed it.
import * as tf from '@tensorflow/tfjs';
import { Random } from '../engine/random';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Tokenizer } from '../tokens/tokenizer';
import { attentionFrom } from './attention';
import { type Reading, bestSpan, readInside, spanText } from './reading';
import { checkScores } from '../evaluation/score-checks';
import { crossEntropy } from '../evaluation/softmax';

/** A word and what the answer lost without it. */
export interface Occlusion {
  word: string;
  /** 0 for the question, 1 for the context. */
  source: number;
  /** Its first and last token. */
  start: number;
  end: number;
  /** What the answer's tokens take from the word: mean of all layers and heads, the word's tokens summed. */
  attention: number;
  /** Fall of the answer's log probability (start and end together) without the word; negative where it rose. */
  drop: number;
}

type HiddenWord = Pick<Occlusion, 'word' | 'source' | 'start' | 'end'>;

/** Rows that go through the model at once. */
const BATCH = 32;

/**
 * Hides every word but the answer's own, one at a time, with `[MASK]` in its place, and scores the model's answer again. Source: Zeiler and
 * Fergus 2014, for words Li, Monroe and Jurafsky 2016.
 *
 * @param words Which words; all by default. They are those of `wordsOf`.
 * @example (await occlude(model, tokenizer, reading)).sort((a, b) => b.drop - a.drop)[0].word
 */
export async function occlude(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  reading: Reading,
  words = wordsOf(reading),
): Promise<Occlusion[]> {
  const maskId = tokenizer.maskId ?? tokenizer.unkId;
  const span = bestSpan(reading);
  const attention = attentionFrom(reading, span);
  const full = logProbability(reading.startLogits, reading.endLogits, span);
  const found: Occlusion[] = [];
  for (let from = 0; from < words.length; from += BATCH) {
    const part = words.slice(from, from + BATCH);
    const rows = part.map(({ start, end }) => reading.inputIds.map((id, i) => (i >= start && i <= end ? maskId : id)));
    const scores = await scoreRows(model, reading, rows);
    part.forEach((word, i) => {
      const total = sum(attention.slice(word.start, word.end + 1));
      found.push({ ...word, attention: total, drop: full - logProbability(...scores[i], span) });
    });
  }
  return found;
}

/** The words of question and context, without those of the answer. */
export function wordsOf(reading: Reading): HiddenWord[] {
  const { sources, words, tokens } = reading;
  const answer = bestSpan(reading);
  const isPart = (i: number, of: number) => sources[i] === sources[of] && words[i] === words[of];
  const starts = [...tokens.keys()].filter((i) => sources[i] !== undefined && !(i > 0 && isPart(i - 1, i)));
  const found = starts.map((start) => {
    let end = start;
    while (end + 1 < tokens.length && isPart(end + 1, start)) end++;
    return { word: spanText(reading, start, end), source: sources[start]!, start, end };
  });
  return found.filter(({ start, end }) => end < answer.start || start > answer.end);
}

type Scores = [startLogits: Float32Array, endLogits: Float32Array];

/** The tokens of `rows` under the token types of `reading`. */
async function scoreRows(model: QuestionAnsweringModel, reading: Reading, rows: Int32Array[]): Promise<Scores[]> {
  const sequence = reading.tokens.length;
  const [startLogits, endLogits] = tf.tidy(() => {
    const types = tf.tensor2d(reading.tokenTypeIds, [1, sequence], 'int32');
    const outputs = model.forward({
      inputIds: tf.tensor2d(rows.flatMap((row) => [...row]), [rows.length, sequence], 'int32'), // prettier-ignore
      tokenTypeIds: tf.tile(types, [rows.length, 1]),
    });
    return [outputs.startLogits, outputs.endLogits];
  });
  const [starts, ends] = await Promise.all([startLogits.data(), endLogits.data()]);
  tf.dispose([startLogits, endLogits]);
  [starts, ends].forEach(checkScores);
  const slice = (values: ArrayLike<number>, i: number) =>
    (values as Float32Array).subarray(i * sequence, (i + 1) * sequence);
  return rows.map((_, i) => [slice(starts, i), slice(ends, i)]);
}

function logProbability(
  starts: Float32Array,
  ends: Float32Array,
  { start, end }: { start: number; end: number },
): number {
  return -crossEntropy(starts, start) - crossEntropy(ends, end);
}

/** One question of a study: the fall of the answer's log probability without different words. */
export interface OcclusionTrial {
  question: string;
  answer: string;
  /** Without the context's word that the answer attends to most. */
  mostAttended: number;
  /** Without the word right next to the answer: the one before it, or at the text's beginning the one after it. */
  neighbour: number;
  /** Without other words of the context, drawn at random: their mean. */
  random: number;
}

/** Random words a question. */
const DRAWS = 4;

/**
 * Hides, for each question, the context's word that the answer attends to most, the one next to the answer, and a few random ones.
 * Questions whose context has hardly any words are left out.
 *
 * @example await occlusionStudy(model, tokenizer, records.slice(0, 20))
 */
export async function occlusionStudy(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  records: { question: string; context: string }[],
  seed = 0,
): Promise<OcclusionTrial[]> {
  const trials: OcclusionTrial[] = [];
  for (const [i, { question, context }] of records.entries()) {
    const reading = await readInside(model, tokenizer, question, context);
    const chosen = chooseWords(reading, new Random(seed, i));
    if (chosen.length === 0) continue;
    const [mostAttended, neighbour, ...random] = (await occlude(model, tokenizer, reading, chosen)).map(
      ({ drop }) => drop,
    );
    trials.push({ question, answer: bestSpan(reading).text, mostAttended, neighbour, random: sum(random) / DRAWS });
  }
  return trials;
}

/** The most attended word, the one next to the answer, then random ones; nothing where the context is too short. */
function chooseWords(reading: Reading, random: Random): HiddenWord[] {
  const words = wordsOf(reading).filter(({ source, word }) => source === 1 && /[\p{L}\p{N}]/u.test(word));
  if (words.length < DRAWS + 2) return [];
  const answer = bestSpan(reading);
  const attention = attentionFrom(reading, answer);
  const total = (word: HiddenWord) => sum(attention.slice(word.start, word.end + 1));
  const neighbour = words.filter(({ end }) => end < answer.start).pop() ?? words[0];
  const most = words.reduce((a, b) => (total(b) > total(a) ? b : a));
  const others = words.filter((word) => word !== most && word !== neighbour);
  return [most, neighbour, ...random.shuffle(others).slice(0, DRAWS)];
}

function sum(values: number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
