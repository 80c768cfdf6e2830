// How fast a way of training is on this machine, and how much memory it takes: each way in a process of its own.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { OperationsKind } from '../engine/operations';
import { toFileError } from '../errors';
import { loaderArguments } from '../root';
import { writeFeatures } from '../tokens/feature-file';
import type { Features } from '../tokens/features';
import { TrainingError } from './errors';
import type { TrainerOptions } from './options';

/** A way of training: the trainer's options, and what can only be chosen when a process starts. */
export interface Setting extends Partial<TrainerOptions> {
  operations?: OperationsKind;
  /** Of TensorFlow's matrix products; by default one for each processor core. */
  threads?: number;
}

/** The faster of two passes over the rows, after one step that does not count. */
export interface Measurement {
  name: string;
  examplesPerSecond: number;
  /** Without padding. */
  tokensPerSecond: number;
  /** The largest resident memory of the process, bytes: libraries, weights and optimizer included. */
  peakMemory: number;
  /** Of both passes: how far they are apart says how quiet the machine was. */
  passSeconds: number[];
  /** Mean over the steps of the first pass. */
  loss: number;
}

export interface MeasureOptions {
  signal?: AbortSignal;
  /** Called before each setting. */
  onSetting?: (name: string, number: number, total: number) => void;
}

/** What the process is told. */
export interface MeasureJob {
  encoder: string;
  features: string;
  options: Partial<TrainerOptions>;
}

const PROGRAM = path.join(__dirname, 'measure-run');
const run = promisify(execFile);

/**
 * Trains on the same rows in each way. A process has one number of threads and one peak of memory, so each way gets
 * its own, one after the other; the caller's engine is not touched.
 *
 * @throws TrainingError `E_MEASURE` naming the way that failed; the signal's reason when it is aborted.
 * @example await measureTraining(encoder, features, { float32: {}, bfloat16: { precision: 'bf16' } })
 */
export async function measureTraining(
  encoder: string,
  features: Features,
  settings: Record<string, Setting>,
  { signal, onSetting }: MeasureOptions = {},
): Promise<Measurement[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-measure-'));
  const file = path.join(folder, 'features.bin');
  try {
    writeFeatures(file, features);
    const measurements: Measurement[] = [];
    const names = Object.keys(settings);
    for (const [i, name] of names.entries()) {
      signal?.throwIfAborted();
      onSetting?.(name, i + 1, names.length);
      measurements.push({ name, ...(await measureOne(name, path.resolve(encoder), file, settings[name], signal)) });
    }
    return measurements;
  } catch (error) {
    throw toFileError(error, folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function measureOne(
  name: string,
  encoder: string,
  features: string,
  { operations, threads, ...options }: Setting,
  signal?: AbortSignal,
): Promise<Omit<Measurement, 'name'>> {
  const job: MeasureJob = { encoder, features, options };
  const env = {
    ...process.env,
    ...(operations && { SPANLAB_OPERATIONS: operations }),
    ...(threads && { TF_NUM_INTRAOP_THREADS: String(threads) }),
  };
  const args = [...loaderArguments(), PROGRAM, JSON.stringify(job)];
  try {
    const { stdout } = await run(process.execPath, args, { env, signal });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as Omit<Measurement, 'name'>;
  } catch (error) {
    signal?.throwIfAborted();
    throw new TrainingError(
      'E_MEASURE',
      `"${name}" could not be measured: ${reason(error as Error)}; correct its options or leave it out`,
      {
        cause: error,
      },
    );
  }
}

/** What the process said last. */
function reason(error: Error & { stderr?: string; signal?: string }): string {
  const said = error.stderr?.trim().split('\n').at(-1);
  if (said) return said;
  return error.signal ? `its process was ended by ${error.signal}, as happens when memory runs out` : error.message;
}
