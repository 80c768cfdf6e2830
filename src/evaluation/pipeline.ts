// From scores of tokens to answers as Hugging Face's question-answering pipeline gives them: by probabilities, whole words.
import type { BatchEncoding } from '../tokens/batch-encoding';
import type { Encoding } from '../tokens/encoding';
import { sequenceRange } from '../tokens/positions';
import type { Logits } from './logits';
import { softmax } from './softmax';
import { bestPairs, type TopPairs } from './top';

/** An answer with the names of Hugging Face's question-answering task. */
export interface AskedAnswer {
  /** Empty where the model says that the text holds none. */
  answer: string;
  /**
   * Probability of the start times that of the end within their window. Spans with the same words add up, so that over several
   * windows it may exceed 1; not where the model has a temperature, which makes a probability of it.
   */
  score: number;
  /** UTF-16 positions in the context; both 0 for "no answer". */
  start: number;
  end: number;
}

export interface RankOptions {
  topK: number;
  maxAnswerLength: number;
  alignToWords: boolean;
  /** Whether "no answer" may be among the answers. */
  allowsNone: boolean;
  /** Log odds above which "no answer" comes before an answer; 0 ranks by score alone, as the pipeline does. */
  nullThreshold: number;
  /** Scores are divided by it before they become probabilities, so that these mean what they say; absent: the pipeline's. */
  temperature?: number;
}

/**
 * The best answers to one question, best first; fewer than `topK` where the text has no more.
 *
 * Source: `postprocess` of `QuestionAnsweringPipeline` in transformers 4.57. It fills up with empty answers of score 0 where a
 * text has few tokens; here they are left out.
 *
 * @param rows The windows of the question, rows [from, to) of `encodings`; `logits` are aligned with all rows.
 */
export function rankAnswers(
  context: string,
  encodings: BatchEncoding,
  logits: Logits,
  [from, to]: readonly [from: number, to: number],
  options: RankOptions,
): AskedAnswer[] {
  const found = new Map<string, AskedAnswer>();
  let none = Infinity;
  for (let row = from; row < to; row++) {
    const { rowStart, sequences } = encodings.rows;
    const [begin, stop] = [rowStart[row], rowStart[row + 1]];
    const range = sequenceRange(sequences.subarray(begin, stop), 1);
    const { temperature } = options;
    const starts = shares(logits.startLogits.subarray(begin, stop), range, temperature);
    const ends = shares(logits.endLogits.subarray(begin, stop), range, temperature);
    none = Math.min(none, starts[0] * ends[0]);
    // some become the same when they are widened to words
    const capacity = options.alignToWords ? 2 * options.topK + 10 : options.topK;
    const best = bestPairs(starts, ends, range, { capacity, maxLength: options.maxAnswerLength });
    addSpans(found, context, encodings.at(row), best, options.alignToWords);
  }
  return sorted([...found.values()], none, options).slice(0, options.topK);
}

/** Probabilities of the context's tokens and of `[CLS]`, which stands for "no answer"; 0 for the others. */
function shares(logits: Float32Array, [from, to]: readonly [number, number], temperature = 1): Float64Array {
  const counted = Float32Array.of(logits[0], ...logits.subarray(from, to));
  const chosen = softmax(counted, temperature);
  const all = new Float64Array(logits.length);
  all[0] = chosen[0];
  all.set(chosen.subarray(1), from);
  return all;
}

/** Spans with the same words, in whatever case, are one answer, at the place of the first. */
function addSpans(
  found: Map<string, AskedAnswer>,
  context: string,
  encoding: Encoding,
  spans: TopPairs,
  alignToWords: boolean,
): void {
  for (let i = 0; i < spans.size; i++) {
    const [first, last] = [spans.starts[i], spans.ends[i]];
    const start = bounds(encoding, first, alignToWords).start;
    const end = bounds(encoding, last, alignToWords).end;
    const answer = context.slice(start, end);
    const key = answer.toLowerCase();
    const known = found.get(key);
    if (known) known.score += spans.scores[i];
    else found.set(key, { answer, score: spans.scores[i], start, end });
  }
}

/** The characters of a token, or of the word that it is part of. */
function bounds(encoding: Encoding, token: number, alignToWords: boolean) {
  const word = alignToWords ? encoding.tokenToWord(token) : undefined;
  const ofWord = word === undefined || word < 0 ? undefined : encoding.wordToChars(word, 1);
  return ofWord ?? encoding.tokenToChars(token)!;
}

function sorted(
  answers: AskedAnswer[],
  none: number,
  { allowsNone, nullThreshold, temperature }: RankOptions,
): AskedAnswer[] {
  const empty: AskedAnswer = { answer: '', score: none, start: 0, end: 0 };
  // 0 times infinity is no number
  const weighed = none === 0 ? 0 : none * Math.exp(-nullThreshold / (temperature ?? 1));
  const rank = (one: AskedAnswer) => (one === empty ? weighed : one.score);
  const ranked = (allowsNone ? [...answers, empty] : answers).sort((a, b) => rank(b) - rank(a));
  // each window has shares of its own, so the sum over several can be more than all
  for (const answer of ranked) answer.score = Math.min(1, answer.score);
  return ranked;
}
