// The threshold for "no answer", chosen on held-out data: never on the data that the model is judged by.
import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../errors';
import { NULL_THRESHOLD } from '../model/config';
import { writeAtomically } from '../publish/safetensors-writer';
import type { SquadRecord } from '../squad/record';
import { EvaluationError } from './errors';
import { squadMetrics } from './metrics';
import type { Prediction } from './spans';
import { toAnswers } from './spans';

/** A threshold and what F1 it gives on the data that it was chosen on, beside that of threshold 0. */
export interface TunedThreshold {
  threshold: number;
  f1: number;
  f1AtZero: number;
}

/**
 * The threshold with the highest F1 on `records`, which neither training nor the final evaluation may hold.
 *
 * @throws EvaluationError `E_TUNE_DATA` when all questions have an answer, or none has.
 * @example tuneThreshold(heldOut, (await evaluate(model, tokenizer, heldOut)).predictions).threshold
 */
export function tuneThreshold(records: SquadRecord[], predictions: Prediction[]): TunedThreshold {
  const impossible = records.filter((record) => record.isImpossible).length;
  if (impossible === 0 || impossible === records.length) {
    const kind = impossible === 0 ? 'has an answer' : 'is impossible';
    throw new EvaluationError('E_TUNE_DATA', `every question ${kind}; a threshold needs questions of both kinds`);
  }
  const nullOdds = Object.fromEntries(predictions.map((prediction) => [prediction.id, prediction.nullOdds]));
  const marks = squadMetrics(records, toAnswers(predictions), { nullOdds, nullThreshold: 0 });
  return { threshold: marks.best_f1_thresh!, f1: marks.best_f1!, f1AtZero: marks.f1 };
}

/** Stores the threshold with the model, where `evaluate` and `ask` find it. @throws FileError */
export function storeThreshold(folder: string, threshold: number): void {
  const file = path.join(folder, 'config.json');
  try {
    const config = JSON.parse(fs.readFileSync(file, 'utf8')) as object;
    const text = JSON.stringify({ ...config, [NULL_THRESHOLD]: threshold }, null, 2);
    writeAtomically(file, (descriptor) => void fs.writeSync(descriptor, `${text}\n`));
  } catch (error) {
    throw toFileError(error, file);
  }
}
