// Trainings side by side: what they differ in, and their losses on data that they saw and did not see.
import { DataFrame } from 'danfojs-node';
import { summarizeRun } from '../training/runs';

/**
 * Runs whose evaluations gave `loss` and `f1`, one row each, with some of their options.
 *
 * @throws TrainingError `E_RUN`
 * @example lossesTable(['runs/one', 'runs/two'], ['seed'])
 */
export function lossesTable(folders: string[], options: string[]): DataFrame {
  const rows = folders.map(summarizeRun).map((run) => ({
    run: run.name,
    ...Object.fromEntries(options.map((name) => [name, String(run.options[name] ?? '')])),
    steps: run.steps,
    'training loss': rounded(run.loss),
    'held-out loss': rounded(run.metrics.loss),
    'held-out F1': rounded(run.metrics.f1, 1),
  }));
  return new DataFrame(rows);
}

function rounded(value: number | undefined, digits = 3): number | string {
  return value === undefined ? '' : Number(value.toFixed(digits));
}
