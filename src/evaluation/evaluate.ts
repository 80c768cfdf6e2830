// A model's marks on a data set: the lesson's accuracy and the official exact match and F1.
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { SquadRecord } from '../squad/record';
import type { Features } from '../tokens/features';
import type { Tokenizer } from '../tokens/tokenizer';
import type { WindowOptions } from '../tokens/windows';
import { windows } from '../tokens/windows';
import type { PositionAccuracy } from './accuracy';
import { lessonAccuracy } from './accuracy';
import type { Logits, LogitsOptions } from './logits';
import { computeLogits } from './logits';
import type { SquadMetrics } from './metrics';
import { squadMetrics } from './metrics';
import type { Prediction } from './spans';
import { predictSpans, toAnswers } from './spans';

export interface EvaluateOptions extends LogitsOptions, WindowOptions {
  /** Answers are withheld where "no answer" scores more than this above them; by default 0 if any question is impossible. */
  nullThreshold?: number;
}

/** The marks and everything they came from. */
export interface Evaluation {
  metrics: SquadMetrics & PositionAccuracy;
  predictions: Prediction[];
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
  const features = await windows(records, tokenizer, options);
  const logits = await computeLogits(model, features, options);
  const predictions = predictSpans(records, features, logits);
  const threshold = options.nullThreshold ?? defaultThreshold(records);
  const official = squadMetrics(records, toAnswers(predictions, threshold));
  return { metrics: { ...official, ...lessonAccuracy(features, logits) }, predictions, features, logits };
}

/** Where every question has an answer (SQuAD v1.1), none is withheld. */
export function defaultThreshold(records: SquadRecord[]): number {
  return records.some((record) => record.isImpossible) ? 0 : Infinity;
}
