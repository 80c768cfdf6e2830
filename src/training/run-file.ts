// `run.json`: what a run was, on which machine, with which versions and data, and how it ended.
import * as tf from '@tensorflow/tfjs';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { nativeBackend } from '../engine/handles';
import * as v from 'valibot';
import { toFileError } from '../errors';
import { readRecord } from '../record-file';
import { version } from '../root';
import { writeAtomically } from '../staged-file';
import type { Features } from '../tokens/features';
import { TrainingError } from './errors';
import type { TrainerOptions } from './options';

/** `prepared`: everything is there and nothing is trained, for another program to take over. */
export type RunStatus = 'prepared' | 'running' | 'finished' | 'stopped' | 'failed';

/** The content of `run.json`. */
export interface RunFile {
  format: 'spanlab-run-1';
  status: RunStatus;
  /** The error that ended it. */
  error?: string;
  /** When it began, and each time that it went on. */
  starts: { at: string; step: number; host: string; pid: number }[];
  ended?: string;
  options: TrainerOptions & Record<string, unknown>;
  versions: Record<string, string>;
  machine: Record<string, string | number>;
  data: Record<string, unknown>;
  model: Record<string, unknown>;
  /** Numbers of the end: steps, seconds, metrics. */
  result?: Record<string, unknown>;
}

const NAME = 'run.json';

export function writeRunFile(folder: string, run: RunFile): void {
  writeAtomically(path.join(folder, NAME), `${JSON.stringify(run, null, 2)}\n`);
}

/** Changes the status in place, where there is no room for another file: no byte more than there are. */
export function patchStatus(folder: string, status: RunStatus): void {
  const file = path.join(folder, NAME);
  const running = '"status": "running"';
  const at = fs.readFileSync(file).indexOf(running);
  if (at < 0) return;
  const descriptor = fs.openSync(file, 'r+');
  try {
    fs.writeSync(descriptor, `"status": "${status}"`.padEnd(running.length), at);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Whether a folder holds a run. */
export function isRun(folder: string): boolean {
  return fs.existsSync(path.join(folder, NAME));
}

const object = v.record(v.string(), v.unknown());
const start = v.looseObject({ at: v.string(), step: v.number(), host: v.string(), pid: v.number() });
/** What is read of it. */
const runSchema = v.looseObject({
  format: v.literal('spanlab-run-1'),
  status: v.picklist(['prepared', 'running', 'finished', 'stopped', 'failed']),
  starts: v.pipe(v.array(start), v.minLength(1)),
  options: object,
  data: object,
  result: v.optional(object),
});

/** A file in a folder that nobody can look into seems not to be there. @throws FileError */
function checkReadable(folder: string): void {
  try {
    fs.readdirSync(folder);
  } catch (error) {
    throw toFileError(error, folder);
  }
}

/** @throws FileError; TrainingError `E_RUN` that names the field */
export function readRunFile(folder: string): RunFile {
  const file = path.join(folder, NAME);
  if (!fs.existsSync(file)) {
    checkReadable(folder);
    throw new TrainingError('E_RUN', `${folder}: no run (there is no ${NAME} in it)`);
  }
  const advice = 'bring it back from a copy, or delete it: model and checkpoints are whole without it';
  const fail = (problem: string) => new TrainingError('E_RUN', `${file}: not a run's record (${problem}); ${advice}`);
  return readRecord(file, runSchema, fail) as unknown as RunFile;
}

/** This start of a run. */
export function thisStart(step: number): RunFile['starts'][number] {
  return { at: new Date().toISOString(), step, host: os.hostname(), pid: process.pid };
}

export function describeVersions(): Record<string, string> {
  const backend = nativeBackend()?.binding.TF_Version ?? tf.version.tfjs;
  return { spanlab: version, node: process.version, tfjs: tf.version.tfjs, [tf.getBackend()]: backend };
}

export function describeMachine(): Record<string, string | number> {
  const processor = os.cpus()[0]?.model ?? 'unknown';
  const memory = `${(os.totalmem() / 2 ** 30).toFixed(1)} GiB`;
  return { system: `${os.platform()} ${os.arch()}`, processor, cores: os.availableParallelism(), memory };
}

/** SHA-256 of the rows that are trained on: tokens and labels, and what `more` says of them. */
export function hashFeatures(features: Features, more = ''): string {
  const hash = createHash('sha256');
  const { rowStart, inputIds, tokenTypeIds, startPositions, endPositions } = features;
  for (const { buffer, byteOffset, byteLength } of [rowStart, inputIds, tokenTypeIds, startPositions, endPositions]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.update(more).digest('hex');
}
