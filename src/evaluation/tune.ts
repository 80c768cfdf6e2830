// The threshold for "no answer", chosen on held-out data: never on the data that the model is judged by.
import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../errors';
import { parseJsonObject } from '../json-file';
import { NULL_THRESHOLD, TEMPERATURE } from '../model/config';
import { configText, floatFields } from '../model/config-text';
import { writeAtomically } from '../staged-file';
import type { SquadRecord } from '../squad/record';
import { EvaluationError } from './errors';
import { scoreQuestions } from './metrics';
import { type Prediction, toAnswers } from './spans';
import { scoreAt, steadyThreshold } from './threshold';

/** A threshold and what F1 it gives on the data that it was chosen on, with that of threshold 0 to compare. */
export interface TunedThreshold {
  /** 0 where none was found. */
  threshold: number;
  /** Where the best is beyond all null odds of these questions: which answers it would withhold, so that no number follows. */
  edge?: 'all' | 'none';
  f1: number;
  f1AtZero: number;
}

/**
 * The threshold for a good F1 on other questions, by those of `records`, which neither training nor the final evaluation may
 * hold; see `steadyThreshold`.
 *
 * @throws EvaluationError `E_TUNE_DATA` when all questions have an answer, or none has.
 * @example tuneThreshold(heldOut, (await evaluate(model, tokenizer, heldOut)).predictions).threshold
 */
export function tuneThreshold(records: SquadRecord[], predictions: Prediction[]): TunedThreshold {
  const impossible = records.filter(({ answers }) => answers.length === 0).length;
  if (impossible === 0 || impossible === records.length) {
    const kind = impossible === 0 ? 'has an answer' : 'is impossible';
    throw new EvaluationError('E_TUNE_DATA', `every question ${kind}; a threshold needs questions of both kinds`);
  }
  const metrics = scoreQuestions(records, toAnswers(predictions));
  const questions = predictions.map(({ nullOdds, best }, i) => {
    return { score: metrics[i].f1, answerable: records[i].answers.length > 0, predicted: best[0].text, nullOdds };
  });
  const steady = steadyThreshold(questions);
  const edge = edgeOf(steady, questions.map(({ nullOdds }) => nullOdds)); // prettier-ignore
  const threshold = edge === undefined ? steady : 0;
  const f1 = (at: number) => (100 * questions.reduce((sum, one) => sum + scoreAt(one, at), 0)) / questions.length;
  return { threshold, ...(edge && { edge }), f1: f1(threshold), f1AtZero: f1(0) };
}

/** A threshold below all null odds, or above: any other one there does the same. */
function edgeOf(threshold: number, odds: number[]): TunedThreshold['edge'] {
  if (threshold === 0) return undefined;
  if (odds.every((one) => one > threshold)) return 'all';
  return odds.every((one) => one <= threshold) ? 'none' : undefined;
}

/** Stores the threshold with the model, where `evaluate` and `ask` find it. @throws FileError */
export function storeThreshold(folder: string, threshold: number): void {
  storeField(folder, NULL_THRESHOLD, threshold);
}

/** Stores the temperature with the model, where `ask`, the server and the page find it. @throws FileError */
export function storeTemperature(folder: string, temperature: number): void {
  storeField(folder, TEMPERATURE, temperature);
}

function storeField(folder: string, name: string, value: number): void {
  const file = path.join(folder, 'config.json');
  try {
    const text = fs.readFileSync(file, 'utf8');
    const config = { ...parseJsonObject(text), [name]: value }; // comments and marks have been put up with so far
    writeAtomically(file, configText(config, floatFields(text)));
  } catch (error) {
    throw toFileError(error, file);
  }
}
