// From scores of tokens to answers: the best spans of each question over all its windows.
import type { SquadRecord } from '../squad/record';
import type { Features } from '../tokens/features';
import type { Logits } from './logits';
import { contextOffsets, isMaxContext } from './max-context';
import { softmax } from './softmax';
import { topIndices, TopPairs } from './top';

/** A span of the context as an answer. */
export interface Span {
  text: string;
  /** UTF-16 positions in the context; both 0 for "no answer". */
  start: number;
  end: number;
  /** Sum of the start's and the end's logit. */
  logit: number;
  /** Share among the question's n best, by softmax; 0 where the tokenizer kept nothing of the text. */
  probability: number;
}

export interface Prediction {
  id: string;
  /** The best answers, best first; never empty. Where windows overlap, the same span may come from both. */
  best: Span[];
  /** Score of "no answer" less that of the best answer: above the threshold the answer is withheld. */
  nullOdds: number;
}

/** A span with the two scores that it is made of. */
export interface ScoredSpan extends Span {
  startLogit: number;
  endLogit: number;
}

/** All that {@link predictSpans} knows of a question. */
export interface ScoredPrediction extends Prediction {
  best: ScoredSpan[];
  /** "No answer": the lowest score of `[CLS]` over the windows. */
  none: ScoredSpan;
}

export interface SpanOptions {
  /** How many answers are kept, and how many starts and ends are tried in each window. */
  nBest?: number;
  /** In tokens. */
  maxAnswerLength?: number;
  /** An answer counts only in the window that has the most context around its start; run_qa leaves this off. */
  maxContext?: boolean;
}

/**
 * The best spans of every question. Source: `postprocess_qa_predictions` of transformers' run_qa example: the 20 best starts
 * and ends of each window, those of them that lie in the context and make a span of at most 30 tokens, the 20 best spans over
 * all windows; "no answer" has the lowest `[CLS]` score of the windows. Where that leaves no span (run_qa answers "empty"), only
 * the context's own tokens are tried.
 *
 * @example predictSpans(records, features, logits)[0].best[0].text
 */
export function predictSpans(
  records: SquadRecord[],
  features: Features,
  logits: Logits,
  { nBest = 20, maxAnswerLength = 30, maxContext = false }: SpanOptions = {},
): ScoredPrediction[] {
  const search = new SpanSearch(features, logits, { nBest, maxAnswerLength, maxContext });
  let row = 0;
  return records.map((record, i) => {
    const from = row;
    while (row < features.count && features.record[row] === i) row++;
    return search.predict(record, from, row);
  });
}

class SpanSearch {
  private readonly found: TopPairs;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly firstTokens?: Int32Array; // [rows]

  constructor(
    private readonly features: Features,
    private readonly logits: Logits,
    private readonly options: Required<SpanOptions>,
  ) {
    const { nBest, maxContext } = options;
    this.found = new TopPairs(nBest);
    [this.starts, this.ends] = [new Int32Array(nBest), new Int32Array(nBest)];
    if (maxContext) this.firstTokens = contextOffsets(features);
  }

  /** The answers of a record whose windows are the rows [from, to). */
  predict({ id, context }: SquadRecord, from: number, to: number): ScoredPrediction {
    this.found.clear();
    for (let row = from; row < to; row++) this.searchRow(row, [from, to], 'row');
    if (this.found.size === 0) for (let row = from; row < to; row++) this.searchRow(row, [from, to], 'context');
    const none = this.noAnswer(from, to);
    const spans = Array.from({ length: this.found.size }, (_, i) => this.span(i, context));
    const best = spans.length > 0 ? spans : [none];
    // where nothing of a text was read, "no answer" is no finding
    if (spans.length > 0) setProbabilities(best);
    const [{ startLogit, endLogit }] = best;
    return { id, best, none, nullOdds: Math.fround(Math.fround(none.logit - startLogit) - endLogit) };
  }

  /** `among` is what the best starts and ends are chosen from. */
  private searchRow(row: number, rows: readonly [number, number], among: 'row' | 'context'): void {
    const { rowStart, contextStart, contextEnd } = this.features;
    const { startLogits, endLogits } = this.logits;
    const [from, to] = [rowStart[row] + contextStart[row], rowStart[row] + contextEnd[row]];
    const [first, last] = among === 'row' ? [rowStart[row], rowStart[row + 1]] : [from, to];
    const startCount = topIndices(startLogits, first, last, this.starts);
    const endCount = topIndices(endLogits, first, last, this.ends);
    for (let i = 0; i < startCount; i++) {
      const start = this.starts[i];
      if (start < from || start >= to || !this.counts(row, rows, start - from)) continue;
      for (let j = 0; j < endCount; j++) {
        const end = this.ends[j];
        const score = startLogits[start] + endLogits[end];
        if (score < this.found.floor) break; // the ends that follow score less
        if (end >= start && end < to && end - start < this.options.maxAnswerLength) this.found.offer(start, end, score);
      }
    }
  }

  private counts(row: number, rows: readonly [number, number], token: number): boolean {
    if (!this.firstTokens) return true;
    return isMaxContext(this.features, this.firstTokens, rows, row, this.firstTokens[row] + token);
  }

  private span(i: number, context: string): ScoredSpan {
    const [startToken, endToken] = [this.found.starts[i], this.found.ends[i]];
    const [start, end] = [this.features.offsets[2 * startToken], this.features.offsets[2 * endToken + 1]];
    const [startLogit, endLogit] = [this.logits.startLogits[startToken], this.logits.endLogits[endToken]];
    const logit = this.found.scores[i];
    return { text: context.slice(start, end), start, end, startLogit, endLogit, logit, probability: 0 };
  }

  private noAnswer(from: number, to: number): ScoredSpan {
    const none: ScoredSpan = {
      text: '',
      start: 0,
      end: 0,
      startLogit: 0,
      endLogit: 0,
      logit: Infinity,
      probability: 0,
    };
    for (let row = from; row < to; row++) {
      const cls = this.features.rowStart[row];
      const [startLogit, endLogit] = [this.logits.startLogits[cls], this.logits.endLogits[cls]];
      const logit = Math.fround(startLogit + endLogit);
      if (logit < none.logit) Object.assign(none, { startLogit, endLogit, logit });
    }
    return none;
  }
}

/** Shares of the spans, by softmax. */
function setProbabilities(spans: Span[]): void {
  const shares = softmax(spans.map(({ logit }) => logit));
  spans.forEach((span, i) => (span.probability = shares[i]));
}

/**
 * The answers with "no answer" among them in its place, their probabilities together 1: the list that run_qa writes for data
 * with impossible questions.
 */
export function withNoAnswer({ best, none }: ScoredPrediction, nBest = 20): ScoredSpan[] {
  if (best[0] === none) return best;
  const above = best.filter(({ logit }) => logit >= none.logit);
  const ranked = [...above, none, ...best.slice(above.length)].slice(0, nBest);
  const list = (ranked.includes(none) ? ranked : [...ranked, none]).map((span) => ({ ...span }));
  setProbabilities(list);
  return list;
}

/**
 * The answer to each question by id. With `nullThreshold` an answer is withheld (the empty string) where "no answer" scores
 * more than that above it; without, every question is answered.
 */
export function toAnswers(predictions: Prediction[], nullThreshold = Infinity): Record<string, string> {
  const text = ({ best, nullOdds }: Prediction) => (nullOdds > nullThreshold ? '' : best[0].text);
  return Object.fromEntries(predictions.map((prediction) => [prediction.id, text(prediction)]));
}
