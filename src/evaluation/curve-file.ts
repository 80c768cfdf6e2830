// `curve.json`: the points of a learning curve so far, and what they were made with, so that the same command goes on with them.
import fs from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { toFileError } from '../errors';
import { readRecord } from '../record-file';
import { writeAtomically } from '../staged-file';
import { type CurvePoint, curveRows } from './curve';
import { EvaluationError } from './errors';
import { makeFolder } from '../make-folder';

const FORMAT = 'spanlab-curve-1';

const point = v.object({
  way: v.string(),
  size: v.number(),
  seed: v.number(),
  exact: v.number(),
  f1: v.number(),
  steps: v.number(),
  seconds: v.number(),
});
const file = v.object({
  format: v.literal(FORMAT),
  settings: v.record(v.string(), v.unknown()),
  points: v.array(point),
});

/** The file of a folder. */
export function curveFile(folder: string): string {
  return path.join(folder, 'curve.json');
}

/**
 * The points that a folder has.
 *
 * @param settings What fixes a point, by way: files' hashes, options. Points of ways that are not named stay.
 * @throws EvaluationError `E_CURVE` for those of other settings, or a file that is none; FileError
 */
export function readCurve(folder: string, settings: Record<string, unknown>): CurvePoint[] {
  const name = curveFile(folder);
  if (!fs.existsSync(name)) return [];
  const { settings: there, points } = parse(name);
  for (const [way, wanted] of Object.entries(settings)) {
    if (there[way] === undefined || JSON.stringify(there[way]) === JSON.stringify(wanted)) continue;
    const problem = `${folder}: its points of "${way}" were made with other data or options`;
    throw new EvaluationError('E_CURVE', `${problem}; give the same ones, or choose another folder`);
  }
  return points;
}

function parse(name: string): v.InferOutput<typeof file> {
  const advice = 'bring it back from a copy, or move it away: the curve is then drawn anew';
  return readRecord(
    name,
    file,
    (problem) => new EvaluationError('E_CURVE', `${name}: not a learning curve (${problem}); ${advice}`),
  );
}

/** Writes the points and, for people and programs, what they come to. @throws FileError */
export function writeCurve(folder: string, settings: Record<string, unknown>, points: CurvePoint[]): void {
  const name = curveFile(folder);
  try {
    makeFolder(folder);
    const before = fs.existsSync(name) ? parse(name).settings : {};
    const content = { format: FORMAT, settings: { ...before, ...settings }, points, rows: curveRows(points) };
    writeAtomically(name, `${JSON.stringify(content, null, 1)}\n`);
  } catch (error) {
    throw error instanceof EvaluationError ? error : toFileError(error, name);
  }
}
