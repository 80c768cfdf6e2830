// Runs side by side as a table for notebooks.
import { DataFrame } from 'danfojs-node';
import { findRuns, summarizeRun } from '../training/runs';
import { runRows } from './runs-table';

/**
 * The runs in a folder, one row each.
 *
 * @throws FileError, TrainingError `E_RUN`
 * @example runsTable('runs')
 */
export function runsTable(folder: string): DataFrame {
  return new DataFrame(runRows(findRuns(folder).map(summarizeRun)));
}
