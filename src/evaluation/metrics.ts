// Exact match and F1, as the official SQuAD evaluation computes them.
import type { SquadRecord } from '../squad/record';
import { answerWords, normalizeAnswer } from './normalize';

/** Scores of a data set in percent, with the names of the official evaluation. */
export interface SquadMetrics {
  exact: number;
  f1: number;
  total: number;
  HasAns_exact?: number;
  HasAns_f1?: number;
  HasAns_total?: number;
  NoAns_exact?: number;
  NoAns_f1?: number;
  NoAns_total?: number;
}

/** Predicted answers by question id; the empty string says that there is none. */
export type Predictions = Record<string, string>;

export interface QuestionScore {
  id: string;
  exact: number; // 0 or 1
  f1: number; // 0 to 1
}

/** 1 when both are the same after normalization. */
export function exactMatch(gold: string, predicted: string): number {
  return Number(normalizeAnswer(gold) === normalizeAnswer(predicted));
}

/** Harmonic mean of precision and recall over words; two empty answers agree fully. */
export function f1Score(gold: string, predicted: string): number {
  const [goldWords, predictedWords] = [answerWords(gold), answerWords(predicted)];
  if (goldWords.length === 0 || predictedWords.length === 0) return Number(goldWords.length === predictedWords.length);
  const common = countCommon(goldWords, predictedWords);
  if (common === 0) return 0;
  const [precision, recall] = [common / predictedWords.length, common / goldWords.length];
  return (2 * precision * recall) / (precision + recall);
}

function countCommon(a: string[], b: string[]): number {
  const counts = new Map<string, number>();
  for (const word of a) counts.set(word, (counts.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of b) {
    const left = counts.get(word) ?? 0;
    if (left > 0) common++;
    counts.set(word, left - 1);
  }
  return common;
}

/** Each question's best score over its true answers; a question without any expects the empty answer. */
export function scoreQuestions(records: SquadRecord[], predictions: Predictions): QuestionScore[] {
  return records.map(({ id, answers }) => {
    const predicted = predictions[id];
    if (predicted === undefined) return { id, exact: 0, f1: 0 };
    const texts = answers.map((answer) => answer.text).filter((text) => normalizeAnswer(text) !== '');
    const golds = texts.length > 0 ? texts : [''];
    const best = (score: typeof f1Score) => Math.max(...golds.map((gold) => score(gold, predicted)));
    return { id, exact: best(exactMatch), f1: best(f1Score) };
  });
}

/**
 * The official metrics. A question without a prediction counts as wrong.
 *
 * @example squadMetrics(records, { q1: 'Denver Broncos' }).f1
 */
export function squadMetrics(records: SquadRecord[], predictions: Predictions): SquadMetrics {
  const scores = scoreQuestions(records, predictions);
  const answerable = records.map((record) => record.answers.length > 0);
  const hasAnswer = scores.filter((_, i) => answerable[i]);
  const noAnswer = scores.filter((_, i) => !answerable[i]);
  const all = means(scores);
  const parts: SquadMetrics = { exact: all.exact, f1: all.f1, total: scores.length };
  for (const [prefix, part] of [['HasAns', hasAnswer] as const, ['NoAns', noAnswer] as const]) {
    if (part.length === 0) continue;
    const { exact, f1 } = means(part);
    Object.assign(parts, { [`${prefix}_exact`]: exact, [`${prefix}_f1`]: f1, [`${prefix}_total`]: part.length });
  }
  return parts;
}

function means(scores: QuestionScore[]): { exact: number; f1: number } {
  const mean = (of: 'exact' | 'f1') => (100 * scores.reduce((sum, score) => sum + score[of], 0)) / (scores.length || 1);
  return { exact: mean('exact'), f1: mean('f1') };
}
