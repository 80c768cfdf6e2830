// A model's metrics on a data set: the lesson's accuracy and the official exact match and F1.
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { SquadRecord } from '../squad/record';
import type { Features } from '../tokens/features';
import type { Tokenizer } from '../tokens/tokenizer';
import { type WindowOptions, windowsFor } from '../tokens/window-lengths';
import { windows } from '../tokens/windows';
import { type PositionAccuracy, lessonAccuracy } from './accuracy';
import { type Logits, type LogitsOptions, computeLogits } from './logits';
import { type SquadMetrics, squadMetrics } from './metrics';
import { type ScoredPrediction, type SpanOptions, predictSpans, toAnswers } from './spans';

export interface EvaluateOptions extends LogitsOptions, WindowOptions, SpanOptions {
  /**
   * Answers are withheld where "no answer" scores more than this above them. By default the threshold stored with the model
   * (0 where there is none) if any question is impossible; where all have answers, none is withheld.
   */
  nullThreshold?: number;
}

/** The metrics and everything they came from; `predictions[i]` belongs to `records[i]`. */
export interface Evaluation {
  /**
   * Of the questions that have a label. `best_*` only where some question is impossible: what the best threshold on these very
   * questions would give.
   */
  metrics: SquadMetrics & PositionAccuracy;
  records: SquadRecord[];
  predictions: ScoredPrediction[];
  /** The null odds above which answers were withheld; `Infinity` where none is. */
  threshold: number;
  features: Features;
  logits: Logits;
}

/**
 * Tokenizes, runs and scores `records`.
 *
 * @example const { metrics } = await evaluate(model, tokenizer, records); metrics.f1
 */
export async function evaluate(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  records: SquadRecord[],
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const features = await windows(records, tokenizer, windowsFor(model.config, options));
  const logits = await computeLogits(model, features, options);
  const predictions = predictSpans(records, features, logits, options);
  const threshold = options.nullThreshold ?? defaultThreshold(records, model.config.nullThreshold);
  const isLabelled = (record: number) => !records[record].isUnlabelled;
  const accuracy = lessonAccuracy(features, logits, undefined, (row) => isLabelled(features.record[row]));
  const metrics = { ...officialMetrics(records, predictions, threshold), ...accuracy };
  return { metrics, records, predictions, threshold, features, logits };
}

/**
 * The ids of the questions of whose text the tokenizer kept nothing (a text of U+0000, say): "no answer" is all that can come of
 * them, and says nothing of the model.
 *
 * @example unreadQuestions(await evaluate(model, tokenizer, records)) // []
 */
export function unreadQuestions({ records, features }: Pick<Evaluation, 'records' | 'features'>): string[] {
  const read = new Set<number>();
  features.record.forEach((record, row) => {
    if (features.contextEnd[row] > features.contextStart[row]) read.add(record);
  });
  return records.filter((_, i) => !read.has(i)).map(({ id }) => id);
}

function officialMetrics(all: SquadRecord[], predictions: ScoredPrediction[], nullThreshold: number): SquadMetrics {
  const records = all.filter(({ isUnlabelled }) => !isUnlabelled);
  const nullOdds = Object.fromEntries(predictions.map((prediction) => [prediction.id, prediction.nullOdds]));
  const noAnswer = hasImpossible(records) ? { nullOdds, nullThreshold } : undefined;
  return squadMetrics(records, toAnswers(predictions, noAnswer ? Infinity : nullThreshold), noAnswer);
}

/** Where every question has an answer (SQuAD v1.1), none is withheld; where nobody knows, the model's own threshold decides. */
export function defaultThreshold(records: SquadRecord[], stored?: number): number {
  const isUnknown = records.some(({ isUnlabelled }) => isUnlabelled);
  return hasImpossible(records) ? (stored ?? 0) : isUnknown ? (stored ?? Infinity) : Infinity;
}

/** Whether the data is of SQuAD v2's kind. */
export function hasImpossible(records: SquadRecord[]): boolean {
  return records.some(
    ({ answers, isImpossible, isUnlabelled }) => (isImpossible || answers.length === 0) && !isUnlabelled,
  );
}
