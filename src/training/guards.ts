// What stops a run before it does harm: labels outside their rows, losses that are no numbers, backends that give up.
import * as tf from '@tensorflow/tfjs';
import type { Parameters } from '../engine/parameter-store';
import type { Features } from '../tokens/features';
import { SpanlabError } from '../errors';
import { rowLength } from './batch';
import { TrainingError } from './errors';
import { counted } from '../counted';

/**
 * Checks the data once, before the first step.
 *
 * @param ids Names of the records that the rows come from, for messages.
 * @throws TrainingError `E_TRAIN_DATA` without rows; `E_TRAIN_LABEL` for an answer outside its row.
 */
export function checkFeatures(features: Features, ids?: string[]): void {
  if (features.count === 0) {
    throw new TrainingError('E_TRAIN_DATA', 'the training data has no questions; check the file');
  }
  for (let row = 0; row < features.count; row++) {
    const [start, end] = [features.startPositions[row], features.endPositions[row]];
    if (start >= 0 && start <= end && end < rowLength(features, row)) continue;
    const where = `the answer of ${describeRows(features, [row], ids)} is at tokens ${start} to ${end}`;
    throw new TrainingError('E_TRAIN_LABEL', `${where} of ${rowLength(features, row)}; correct its labels`);
  }
}

/** Rows by number, and by the ids of their questions where they are known. */
export function describeRows(features: Features, rows: number[], ids?: string[]): string {
  const names = ids && [...new Set(rows.map((row) => ids[features.record[row]]))].join(', ');
  return `row${rows.length > 1 ? 's' : ''} ${rows.join(', ')}${names ? ` (questions ${names})` : ''}`;
}

/** @throws TrainingError `E_TRAIN_LOSS` unless `value` is a finite number. */
export function checkFinite(what: string, value: number, step: number, rows: () => string): void {
  if (Number.isFinite(value)) return;
  const advice = 'the weights before it are unharmed; lower the learning rate or look at these rows';
  throw new TrainingError('E_TRAIN_LOSS', `${what} is ${value} at step ${step}, ${rows()}; ${advice}`);
}

/**
 * Looks at every weight: a last step can spoil them after its loss was still a number.
 *
 * @throws TrainingError `E_TRAIN_LOSS`
 */
export function checkTrained(parameters: Parameters, step: number): void {
  const isSpoilt = (name: string) => tf.tidy(() => !Number.isFinite(parameters.get(name).mul(0).sum().dataSync()[0])); // 0, or not a number
  const spoilt = parameters.names.find(isSpoilt);
  if (spoilt === undefined) return;
  const advice = 'lower the learning rate and go on with an earlier checkpoint';
  throw new TrainingError('E_TRAIN_LOSS', `${spoilt} holds what is no finite number after step ${step}; ${advice}`);
}

/** Words by which backends say that memory has run out. */
const MEMORY =
  /\bOOM\b|out of memory|resource ?exhausted|failed to allocate|allocation failed|bad_alloc|TF_Status: 8\b/i;

/** A failure of the backend as a coded error that says what to change; errors that have a code stay as they are. */
export function backendError(error: unknown, step: number, size: { rows: number; longest: number }): SpanlabError {
  const code = (error as { code?: unknown }).code;
  if (error instanceof SpanlabError && code !== 'E_OUT_OF_MEMORY') return error;
  const problem = ((error as Error).message ?? String(error)).split('\n')[0].trim();
  if (code !== 'E_OUT_OF_MEMORY' && !MEMORY.test(problem)) {
    return new TrainingError(
      'E_TRAIN_BACKEND',
      `the backend failed at step ${step}: ${problem}; resume from the last checkpoint, or choose another backend`,
      { cause: error },
    );
  }
  const where = `out of memory at step ${step}, with ${counted(size.rows, 'row')} of up to ${size.longest} tokens at once`;
  const advice = 'halve the batch and double accumulation, set recompute, or lower the maximum length';
  return new TrainingError('E_OUT_OF_MEMORY', `${where}; ${advice}`, { cause: error });
}
