// The record of a run in its folder, kept while it trains: options, features, metrics, events, and how it ended.
import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../errors';
import type { ModelConfig } from '../model/config';
import { writeAtomically } from '../staged-file';
import { writeFeatures } from '../tokens/feature-file';
import type { Features } from '../tokens/features';
import { appendMetrics, cutMetrics, stepLine } from './metrics-file';
import type { TrainerOptions } from './options';
import {
  type RunFile,
  type RunStatus,
  describeMachine,
  describeVersions,
  isRun,
  patchStatus,
  readRunFile,
  thisStart,
  writeRunFile,
} from './run-file';
import type { StepReport } from './state';
import { type ScalarWriter, eventWriter } from './tensorboard';

/** What is written down at the start. */
export interface RecordFacts {
  options: TrainerOptions;
  /** What the run was started with besides the options: model, files, lengths. */
  inputs: Record<string, unknown>;
  features: Features;
  dataHash: string;
  /** Further facts on the data, such as the hashes of files. */
  data: Record<string, unknown>;
  config: ModelConfig;
}

/** Bytes that a run keeps on the disk while it trains, so that its record can say how it ended when the disk is full. */
const RESERVE = 64 * 1024;

/** Keeps the files `run.json`, `options.json`, `features.bin`, `metrics.jsonl` and the folder `tensorboard`. */
export class RunRecord {
  private readonly metrics: string;
  private readonly reserve: string;
  private events?: ScalarWriter;
  private run?: RunFile;

  /** @param onWarning Told what the record does without. */
  constructor(
    readonly folder: string,
    private readonly onWarning?: (message: string) => void,
  ) {
    this.metrics = path.join(folder, 'metrics.jsonl');
    this.reserve = path.join(folder, '.reserve');
  }

  /** Opens the record at `step`: a new run at 0, else one that goes on. */
  begin(facts: RecordFacts, step: number): void {
    const { options, inputs, features, dataHash, data, config } = facts;
    const before = isRun(this.folder) ? readRunFile(this.folder).starts : [];
    const text = `${JSON.stringify({ ...inputs, ...options }, null, 2)}\n`;
    writeAtomically(path.join(this.folder, 'options.json'), text);
    this.keepFeatures(features, dataHash);
    cutMetrics(this.metrics, step);
    this.events = eventWriter(path.join(this.folder, 'tensorboard'), this.onWarning);
    this.run = {
      format: 'spanlab-run-1',
      status: 'running',
      starts: [...before, thisStart(step)],
      options: { ...inputs, ...options },
      versions: describeVersions(),
      machine: describeMachine(),
      data: { rows: features.count, tokens: features.inputIds.length, sha256: dataHash, ...data },
      model: { ...config, raw: undefined },
    };
    this.keepReserve(); // first: a record that says "running" can then say how the run ended
    try {
      writeRunFile(this.folder, this.run);
    } catch (error) {
      fs.rmSync(this.reserve, { force: true });
      throw error;
    }
  }

  /** The rows themselves, so that the folder is all that another program needs; `features.sha256` says which they are. */
  private keepFeatures(features: Features, hash: string): void {
    const [file, stamp] = ['features.bin', 'features.sha256'].map((name) => path.join(this.folder, name));
    try {
      if (fs.existsSync(file) && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === hash) return;
      writeFeatures(file, features);
      writeAtomically(stamp, hash);
    } catch (error) {
      throw toFileError(error, file);
    }
  }

  step(report: StepReport, epoch: number): void {
    const line = stepLine(report, epoch);
    appendMetrics(this.metrics, line);
    const { loss, learning_rate: rate, grad_norm: norm, tokens_per_second: speed } = line;
    const values = { loss, learning_rate: rate, grad_norm: norm, tokens_per_second: speed };
    this.events?.write(report.step, prefixed('train/', values));
  }

  evaluation(step: number, epoch: number, metrics: Record<string, number>): void {
    appendMetrics(this.metrics, { step, epoch, ...prefixed('eval_', metrics) });
    this.events?.write(step, prefixed('eval/', metrics));
  }

  /** Says how the run ended, also on a full disk: what is kept free for that goes first. */
  end(status: RunStatus, result: Record<string, unknown>, error?: string): void {
    fs.rmSync(this.reserve, { force: true });
    this.close();
    if (!this.run) return;
    const ended = { ...this.run, status, ended: new Date().toISOString(), result, ...(error && { error }) };
    try {
      writeRunFile(this.folder, ended);
    } catch (problem) {
      if (status === 'failed') patchStatus(this.folder, status);
      throw problem;
    }
  }

  /** Frees what it holds. */
  close(): void {
    this.events?.close();
    this.events = undefined;
  }

  private keepReserve(): void {
    writeAtomically(this.reserve, [Buffer.alloc(RESERVE, '.')]);
  }
}

/** The same numbers under longer names. */
export function prefixed(prefix: string, values: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
}
