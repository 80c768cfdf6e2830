// The points of a curve or of a choice in their folder: one process at a time, each point written at once, and none made twice.
import { readCurve, writeCurve } from '../evaluation/curve-file';
import type { CurvePoint } from '../evaluation/curve';
import type { CurveHooks } from '../evaluation/learning-curve';
import { lockFolder } from '../folder-lock';
import { duration } from '../show/progress';
import { percent } from '../show/text-table';
import { type TrainerOptions, parseOptions, resultOptions } from '../training/options';
import { interruptSignal } from './interrupt';
import { say } from '../terminal';

interface PointFolder {
  folder: string;
  /** What holds the folder, for whoever wants it, too. */
  owner: string;
  /** What fixes the points, by way. */
  settings: Record<string, unknown>;
  /** Which training a point is of, for people. */
  name: (point: CurvePoint) => string;
}

/**
 * All points: those that the folder has, and those that `make` adds, a line on stderr each.
 *
 * @throws EvaluationError `E_CURVE` for points of other settings; FileError; what `make` throws, after which the points so far stay
 */
export async function keepPoints(
  { folder, owner, settings, name }: PointFolder,
  make: (hooks: CurveHooks) => Promise<CurvePoint[]>,
): Promise<CurvePoint[]> {
  const lock = lockFolder(folder, owner);
  try {
    const done = readCurve(folder, settings);
    const points = [...done];
    const onPoint = (point: CurvePoint, place: number, total: number) => {
      points.push(point);
      writeCurve(folder, settings, points);
      const { f1, seconds } = point;
      say(`${place} of ${total}  ${name(point)}: F1 ${percent(f1)} after ${duration(seconds)}`);
    };
    return await make({ done, onPoint, signal: interruptSignal() });
  } finally {
    lock.release();
  }
}

/** Options that change the result and are not the default: options that come to be later make no point another one. */
export function changedOptions(options: Partial<TrainerOptions>): Record<string, unknown> {
  const defaults: Record<string, unknown> = parseOptions({});
  const entries = Object.entries(resultOptions(parseOptions(options)));
  return Object.fromEntries(entries.filter(([name, value]) => value !== defaults[name]));
}
