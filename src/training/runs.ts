// Runs that are over or at work: found in a folder, each summed up in one record.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SpanlabError, toFileError } from '../errors';
import { inShell } from '../in-shell';
import { isAlive } from '../processes';
import { TrainingError } from './errors';
import { type MetricsLine, readMetrics } from './metrics-file';
import { type RunFile, type RunStatus, isRun, readRunFile } from './run-file';
import { hasOrigin, readOrigin } from './origin';
import { recentMean } from './recent';
import { readResults } from './results';

/** The numbers of a run, step by step. */
export interface RunCurves {
  name: string;
  lines: MetricsLine[];
}

/** A run in short. */
export interface RunSummary {
  name: string;
  folder: string;
  /** `interrupted`: its process is gone without a word. `damaged`: its record cannot be read. */
  status: RunStatus | 'interrupted' | 'damaged';
  /** Of a damaged one: what is wrong with which file, and what to do. */
  problem?: string;
  started: string;
  steps: number;
  /** Mean of the last steps. */
  loss?: number;
  tokensPerSecond?: number;
  /** Spent in training steps. */
  seconds?: number;
  /** The metrics of the best evaluation, or else the last one: `exact`, `f1`, … */
  metrics: Record<string, number>;
  options: Record<string, unknown>;
}

/** Folders below the one that is looked into. */
const DEPTH = 3;

/**
 * The run folders under `roots`, which may be runs themselves; folders inside runs are not looked into. A model that a loop of one's
 * own trained, as the tutorial's does, is a run too.
 *
 * @throws FileError; TrainingError `E_RUN` when there is none.
 * @example findRuns('runs').map(summarizeRun)
 */
export function findRuns(...roots: string[]): string[] {
  const runs = roots.flatMap((root) => collect(root, DEPTH));
  if (runs.length === 0) throw noRuns(roots);
  return runs;
}

/** Says that no run is in `roots`, and how one gets there. */
export function noRuns(roots: string[]): TrainingError {
  const advice = `npm start or spanlab train --out ${inShell(path.join(roots[0], 'NAME'))} makes one`;
  return new TrainingError('E_RUN', `${roots.join(', ')}: no runs; ${advice}`);
}

function collect(folder: string, depth: number): string[] {
  if (isRun(folder) || hasOrigin(folder)) return [folder];
  if (depth === 0) return [];
  let inside: string[];
  try {
    const entries = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    inside = entries.map(({ name }) => path.join(folder, name)).sort();
  } catch (error) {
    if (depth < DEPTH) return [folder]; // it may hold runs; `summarizeRuns` says that nobody can look
    throw toFileError(error, folder);
  }
  return inside.flatMap((name) => collect(name, depth - 1));
}

/** The numbers of a run's `metrics.jsonl`. */
export function readCurves(folder: string): RunCurves {
  return { name: path.basename(path.resolve(folder)), lines: readMetrics(path.join(folder, 'metrics.jsonl')) };
}

/**
 * Many runs, of which some may be damaged: these are named, and hide no other.
 *
 * @throws what `summarizeRun` throws of the first, where none can be read
 * @example summarizeRuns(findRuns('runs')).filter(({ status }) => status === 'damaged')
 */
export function summarizeRuns(folders: string[]): RunSummary[] {
  const runs = folders.map(summarizeAnyRun);
  if (runs.length > 0 && runs.every(({ status }) => status === 'damaged')) summarizeRun(folders[0]);
  return runs;
}

/** As `summarizeRun`; a run whose record cannot be read is `damaged`. */
export function summarizeAnyRun(folder: string): RunSummary {
  try {
    return summarizeRun(folder);
  } catch (cause) {
    const error = toFileError(cause, folder);
    if (!(error instanceof SpanlabError)) throw error; // a defect of ours
    const name = path.basename(path.resolve(folder));
    return { name, folder, status: 'damaged', problem: error.message, started: '', steps: 0, metrics: {}, options: {} };
  }
}

/** @throws TrainingError `E_RUN` when the folder holds no run, or its record is damaged; FileError */
export function summarizeRun(folder: string): RunSummary {
  if (!isRun(folder) && hasOrigin(folder)) return summarizeOrigin(folder);
  const run = readRunFile(folder);
  const { name, lines } = readCurves(folder);
  const steps = lines.filter((line) => 'loss' in line);
  const mean = (key: string) => recentMean(steps.map((line) => line[key]));
  return {
    name,
    folder,
    status: statusOf(run),
    started: run.starts[0].at,
    steps: steps.at(-1)?.step ?? 0,
    loss: mean('loss'),
    tokensPerSecond: mean('tokens_per_second'),
    seconds: steps.at(-1)?.seconds,
    metrics: metricsOf(run, lines),
    options: run.options,
  };
}

/** A training without a `Trainer`: how it went is in `origin.json`, the metrics in `eval_results.json`. */
function summarizeOrigin(folder: string): RunSummary {
  const { options, ended, losses = [] } = readOrigin(folder)!;
  return {
    name: path.basename(path.resolve(folder)),
    folder,
    status: 'finished',
    started: ended ?? '',
    steps: losses.length,
    loss: recentMean(losses),
    metrics: readResults(folder)?.metrics ?? {},
    options,
  };
}

function statusOf({ status, starts }: RunFile): RunSummary['status'] {
  const { host, pid } = starts.at(-1)!;
  return status === 'running' && host === os.hostname() && !isAlive(pid) ? 'interrupted' : status;
}

function metricsOf({ result }: RunFile, lines: MetricsLine[]): Record<string, number> {
  const evaluations = lines.filter((line) => Object.keys(line).some((name) => name.startsWith('eval_')));
  const best = evaluations.find(({ step }) => step === result?.bestStep) ?? evaluations.at(-1);
  const metrics = Object.entries(best ?? {}).filter(([name]) => name.startsWith('eval_'));
  return Object.fromEntries(metrics.map(([name, value]) => [name.slice('eval_'.length), value]));
}
