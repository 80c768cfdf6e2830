// Runs side by side as a table for notebooks.
import { DataFrame } from 'danfojs-node';
import { findRuns, summarizeRuns } from '../training/runs';
import { runRows } from './runs-table';

/**
 * The runs in a folder, one row each; one whose record cannot be read is `damaged`.
 *
 * @throws FileError, TrainingError `E_RUN`
 * @example runsTable('runs')
 */
export function runsTable(folder: string): DataFrame {
  return new DataFrame(runRows(summarizeRuns(findRuns(folder))));
}
