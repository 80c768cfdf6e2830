// `eval_results.json` next to a model, as `spanlab evaluate` or the tutorial leaves it.
import fs from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { hashWeights } from '../model/weights-hash';
import { readRecord } from '../record-file';
import { TrainingError } from './errors';

/** The metrics, and what they were measured on where the file says so. */
export interface Results {
  metrics: Record<string, number>;
  evaluated?: { data: string; sha256: string };
}

/** As it is in the file: flat, or what was before training and after it. */
type Content = Record<string, unknown> & {
  after?: Record<string, unknown>;
  evaluated?: { data: string; sha256: string; weights: string };
};

/**
 * The metrics of the folder's own weights; nothing where there are none, or those of other weights.
 *
 * @throws TrainingError `E_RUN`, FileError
 * @example readResults('models/workshop-qa')?.metrics.f1
 */
export function readResults(folder: string): Results | undefined {
  const { evaluated, ...results } = readContent(folder);
  if (Object.keys(results).length === 0) return undefined;
  if (evaluated && evaluated.weights !== hashWeights(folder)) return undefined;
  const named = Object.entries(results.after ?? results).map(([name, value]) => [name.replace(/^eval_/, ''), value]);
  const metrics = Object.fromEntries(named.filter(([, value]) => Number.isFinite(value))) as Record<string, number>;
  return { metrics, evaluated };
}

function readContent(folder: string): Content {
  const file = path.join(folder, 'eval_results.json');
  if (!fs.existsSync(file)) return {};
  const advice = 'evaluate the model again (spanlab evaluate --out), or delete it';
  return readRecord(
    file,
    contentSchema,
    (problem) => new TrainingError('E_RUN', `${file}: not the results of an evaluation (${problem}); ${advice}`),
  );
}

/** Other programs write files of this name, with whatever else in them. */
const contentSchema = v.looseObject({
  after: v.optional(v.record(v.string(), v.unknown())),
  evaluated: v.optional(
    v.object({ data: v.optional(v.string(), ''), sha256: v.optional(v.string(), ''), weights: v.string() }),
  ),
});
