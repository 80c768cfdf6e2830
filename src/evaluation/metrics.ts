// Exact match and F1, as the official SQuAD evaluation computes them.
import type { SquadRecord } from '../squad/record';
import { EvaluationError } from './errors';
import { answerWords, normalizeAnswer } from './normalize';
import { bestThreshold } from './threshold';

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
  /** Highest metric that any threshold on the null odds would give, and the threshold. */
  best_exact?: number;
  best_exact_thresh?: number;
  best_f1?: number;
  best_f1_thresh?: number;
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
    if (!Object.hasOwn(predictions, id)) return { id, exact: 0, f1: 0 };
    const predicted = predictions[id];
    const texts = answers.map((answer) => answer.text).filter((text) => normalizeAnswer(text) !== '');
    const golds = texts.length > 0 ? texts : [''];
    const best = (score: typeof f1Score) => Math.max(...golds.map((gold) => score(gold, predicted)));
    return { id, exact: best(exactMatch), f1: best(f1Score) };
  });
}

/** How sure a model is that questions have no answer. */
export interface NoAnswer {
  /** By question id; the higher, the surer. */
  nullOdds: Record<string, number>;
  /** Answers are withheld above it; the official default is 1, meant for probabilities. */
  nullThreshold?: number;
}

/**
 * The official metrics, to the last digit; `best_*` with their thresholds only where `nullOdds` are given. A question without
 * a prediction counts as wrong (the official script fails there). Of questions with the same id the last counts.
 *
 * Source: `evaluate-v2.0.py` of SQuAD 2.0.
 *
 * @throws {EvaluationError} `E_SCORE_ODDS` for a prediction without null odds
 * @example squadMetrics(records, { q1: 'Denver Broncos' }).f1
 */
export function squadMetrics(records: SquadRecord[], predictions: Predictions, noAnswer?: NoAnswer): SquadMetrics {
  const unique = Array.from(new Map(records.map((record) => [record.id, record])).values());
  const raw = scoreQuestions(unique, predictions);
  const answerable = unique.map((record) => record.answers.length > 0);
  const scores = noAnswer ? raw.map((score, i) => withhold(score, answerable[i], predictions, noAnswer)) : raw;
  const parts: SquadMetrics = { ...means(scores), total: scores.length };
  for (const [prefix, wanted] of [['HasAns', true] as const, ['NoAns', false] as const]) {
    const part = scores.filter((_, i) => answerable[i] === wanted);
    if (part.length === 0) continue;
    const { exact, f1 } = means(part);
    Object.assign(parts, { [`${prefix}_exact`]: exact, [`${prefix}_f1`]: f1, [`${prefix}_total`]: part.length });
  }
  return noAnswer ? { ...parts, ...bestMetrics(raw, answerable, predictions, noAnswer.nullOdds) } : parts;
}

function means(scores: QuestionScore[]): { exact: number; f1: number } {
  const mean = (of: 'exact' | 'f1') => (100 * scores.reduce((sum, score) => sum + score[of], 0)) / (scores.length || 1);
  return { exact: mean('exact'), f1: mean('f1') };
}

/** An answer that is withheld is right where there is none. */
function withhold(score: QuestionScore, answerable: boolean, predictions: Predictions, noAnswer: NoAnswer) {
  const { nullOdds, nullThreshold = 1 } = noAnswer;
  if (!Object.hasOwn(predictions, score.id)) return score;
  if (!Object.hasOwn(nullOdds, score.id)) {
    throw new EvaluationError(
      'E_SCORE_ODDS',
      `question ${score.id} has a prediction but no null odds; give both for every question`,
    );
  }
  return nullOdds[score.id] > nullThreshold
    ? { id: score.id, exact: Number(!answerable), f1: Number(!answerable) }
    : score;
}

function bestMetrics(
  raw: QuestionScore[],
  answerable: boolean[],
  predictions: Predictions,
  nullOdds: Record<string, number>,
): Partial<SquadMetrics> {
  const place = new Map(raw.map(({ id }, i) => [id, i]));
  const known = Object.keys(nullOdds).filter((id) => place.has(id) && Object.hasOwn(predictions, id));
  const best = (of: 'exact' | 'f1') => {
    const questions = known.map((id) => {
      const i = place.get(id)!;
      return { score: raw[i][of], answerable: answerable[i], predicted: predictions[id], nullOdds: nullOdds[id] };
    });
    const { sum, threshold } = bestThreshold(questions);
    return [(100 * sum) / (raw.length || 1), threshold];
  };
  const [[exact, exactThreshold], [f1, f1Threshold]] = [best('exact'), best('f1')];
  return { best_exact: exact, best_exact_thresh: exactThreshold, best_f1: f1, best_f1_thresh: f1Threshold };
}
