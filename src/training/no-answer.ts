// Whether a model has learned to say "no answer": what its folder tells.
import { readConfig } from '../model/config';
import { readResults } from './results';
import { isRun } from './run-file';
import { summarizeRun } from './runs';

/** A model that never saw such a question recognises next to none of them; one that has learned it, most. */
const MOST = 50;

/**
 * True where a threshold is stored with the model, or where it was measured to recognise most questions without an answer. False
 * where nothing is known, or the records of the folder cannot be read.
 *
 * @example knowsNoAnswer('models/workshop-qa') // true
 */
export function knowsNoAnswer(folder: string): boolean {
  try {
    if (readConfig(folder).nullThreshold !== undefined) return true;
    const { NoAns_total: total = 0, NoAns_f1: right = 0 } = measured(folder);
    return total > 0 && right >= MOST;
  } catch {
    return false; // whoever needs the records says what is wrong with them
  }
}

function measured(folder: string): Record<string, number> {
  return readResults(folder)?.metrics ?? (isRun(folder) ? summarizeRun(folder).metrics : {});
}
