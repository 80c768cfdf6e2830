// From scores of tokens to answers: the best spans of each question over all its windows.
import type { SquadRecord } from '../squad/record';
import type { Features } from '../tokens/features';
import type { Logits } from './logits';

/** A span of the context as an answer. */
export interface Span {
  text: string;
  /** UTF-16 positions in the context; both 0 for "no answer". */
  start: number;
  end: number;
  /** Sum of the start's and the end's logit. */
  logit: number;
  /** Share among the question's n best, by softmax. */
  probability: number;
}

export interface Prediction {
  id: string;
  /** The best answers, best first; never empty. */
  best: Span[];
  /** Score of "no answer" less that of the best answer: above the threshold the answer is withheld. */
  nullOdds: number;
}

export interface SpanOptions {
  /** How many answers are kept, and how many starts and ends are tried in each window. */
  nBest?: number;
  /** In tokens. */
  maxAnswerLength?: number;
}

/**
 * The best spans of every question. Source: `postprocess_qa_predictions` of transformers' run_qa example: spans lie inside
 * the context and one window, n-best 20, at most 30 tokens; "no answer" has the lowest `[CLS]` score of the windows.
 *
 * @example predictSpans(records, features, logits)[0].best[0].text
 */
export function predictSpans(
  records: SquadRecord[],
  features: Features,
  logits: Logits,
  { nBest = 20, maxAnswerLength = 30 }: SpanOptions = {},
): Prediction[] {
  const candidates: Candidate[][] = records.map(() => []);
  const nullScores = new Float32Array(records.length).fill(Infinity);
  for (let row = 0; row < features.count; row++) {
    const record = features.record[row];
    const first = features.rowStart[row];
    nullScores[record] = Math.min(nullScores[record], logits.startLogits[first] + logits.endLogits[first]);
    candidates[record].push(...windowSpans(features, logits, row, nBest, maxAnswerLength));
  }
  return records.map((record, i) => toPrediction(record, candidates[i], nullScores[i], nBest));
}

interface Candidate {
  start: number;
  end: number;
  logit: number;
}

function windowSpans(features: Features, logits: Logits, row: number, nBest: number, maxLength: number): Candidate[] {
  const from = features.rowStart[row] + features.contextStart[row];
  const to = features.rowStart[row] + features.contextEnd[row];
  const starts = topIndices(logits.startLogits, from, to, nBest);
  const ends = topIndices(logits.endLogits, from, to, nBest);
  const spans: Candidate[] = [];
  for (const start of starts) {
    for (const end of ends) {
      if (end < start || end - start + 1 > maxLength) continue;
      const logit = logits.startLogits[start] + logits.endLogits[end];
      spans.push({ start: features.offsets[2 * start], end: features.offsets[2 * end + 1], logit });
    }
  }
  return spans;
}

/** The indices of the `count` highest scores in [from, to), highest first. */
function topIndices(scores: Float32Array, from: number, to: number, count: number): number[] {
  const top: number[] = [];
  for (let i = from; i < to; i++) {
    if (top.length === count && scores[i] <= scores[top[count - 1]]) continue;
    let at = top.length;
    while (at > 0 && scores[top[at - 1]] < scores[i]) at--;
    top.splice(at, 0, i);
    if (top.length > count) top.pop();
  }
  return top;
}

function toPrediction(
  { id, context }: SquadRecord,
  candidates: Candidate[],
  nullScore: number,
  nBest: number,
): Prediction {
  const none: Candidate = { start: 0, end: 0, logit: nullScore };
  const sorted = candidates.sort((a, b) => b.logit - a.logit);
  const best = mergeSame(sorted).slice(0, nBest);
  const list = best.length > 0 ? best : [none];
  const shares = softmax(list.map((span) => span.logit));
  const toSpan = (span: Candidate, i: number): Span => ({
    ...span,
    text: context.slice(span.start, span.end),
    probability: shares[i],
  });
  return { id, best: list.map(toSpan), nullOdds: nullScore - (best[0]?.logit ?? nullScore) };
}

/** Two windows may hold the same span: its best score stays. */
function mergeSame(sorted: Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return sorted.filter(({ start, end }) => {
    const key = `${start}:${end}`;
    return !seen.has(key) && seen.add(key);
  });
}

function softmax(logits: number[]): number[] {
  const highest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/**
 * The answer to each question by id. With `nullThreshold` an answer is withheld (the empty string) where "no answer" scores
 * more than that above it; without, every question is answered.
 */
export function toAnswers(predictions: Prediction[], nullThreshold = Infinity): Record<string, string> {
  const text = ({ best, nullOdds }: Prediction) => (nullOdds > nullThreshold ? '' : best[0].text);
  return Object.fromEntries(predictions.map((prediction) => [prediction.id, text(prediction)]));
}
