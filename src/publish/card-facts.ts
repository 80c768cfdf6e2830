// What is known of a model when its card is written: from its configuration, its evaluation, its run and its files.
import fs from 'node:fs';
import path from 'node:path';
import { DATA_SETS } from '../download/data-sets';
import { readConfig } from '../model/config';
import { startNamed } from '../model/starts';
import { WORKSHOP_ENCODER } from '../model/workshop-encoder';
import { readOrigin } from '../training/origin';
import { readResults } from '../training/results';
import { isRun, readRunFile } from '../training/run-file';
import { summarizeRun } from '../training/runs';
import { onnxNames } from './onnx/belongs';

/** What a person adds to a card. */
export interface CardOptions {
  /** What the model is called: `owner/name` of the hub, else the folder's own name. */
  name?: string;
  /** Code of the language that it answers in. */
  language?: string;
  license?: string;
  /** The encoder that training began with, by its name on the hub. */
  baseModel?: string;
  /** The ONNX files, where they are not those of the folder. */
  onnx?: CardFacts['onnx'];
}

/** A file of questions: its name, never its place on this machine. */
export interface CardData {
  name: string;
  sha256?: string;
  /** Its name on the hub, where it is a data set that everybody knows. */
  hub?: string;
}

export interface CardFacts {
  name: string;
  language: string;
  license?: string;
  baseModel?: string;
  architecture: string;
  maxPositions: number;
  nullThreshold?: number;
  /** Metrics in percent, and counts, by their official names. */
  metrics: Record<string, number>;
  trainedOn?: CardData;
  evaluatedOn?: CardData;
  /** SHA-256 of the rows of tokens that the model learned from. */
  rowsHash?: string;
  /** Options of the training, without paths. */
  training: Record<string, unknown>;
  onnx: { name: string; bytes: number }[];
}

const HUB_NAMES: Record<string, string> = { 'squad-v1.1': 'squad', 'squad-v2.0': 'squad_v2' };
/** Options that name files; they are told by name and hash. */
const PLACES = ['model', 'train', 'dev', 'backend'];

/**
 * @throws ModelError `E_MODEL_CONFIG`, FileError, TrainingError `E_RUN`
 * @example collectFacts('models/mine').metrics.f1
 */
export function collectFacts(folder: string, options: CardOptions = {}): CardFacts {
  const { architecture, maxPositions, nullThreshold } = readConfig(folder);
  const { name = path.basename(path.resolve(folder)), language = 'en', license, baseModel } = options;
  const learned = originFacts(folder);
  return {
    name,
    language,
    license,
    architecture,
    maxPositions,
    nullThreshold,
    ...readMetrics(folder),
    ...learned,
    baseModel: baseModel ?? learned.baseModel,
    onnx: options.onnx ?? onnxFiles(folder),
  };
}

/** What `run.json` or `origin.json` tells. */
function originFacts(folder: string): Pick<CardFacts, 'baseModel' | 'trainedOn' | 'rowsHash' | 'training'> {
  const { options, data } = readOrigin(folder) ?? { options: {}, data: {} };
  return {
    baseModel: hubName(options.model),
    trainedOn: dataFacts(options.train, data.train),
    rowsHash: data.sha256 as string | undefined,
    training: Object.fromEntries(Object.entries(options).filter(([name]) => !PLACES.includes(name))),
  };
}

/** The name of the encoder where that is one of the hub, and no folder; its revision is no part of the name. */
function hubName(model: unknown): string | undefined {
  if (model === 'workshop') return WORKSHOP_ENCODER;
  const start = typeof model === 'string' ? startNamed(model) : undefined;
  if (start) return start.repository;
  const [, name] = (typeof model === 'string' && /^([\w.-]+(?:\/[\w.-]+)?)(?:@[\w./-]+)?$/.exec(model)) || [];
  return name !== undefined && !fs.existsSync(model as string) ? name : undefined;
}

function dataFacts(file: unknown, sha256: unknown): CardData | undefined {
  if (typeof file !== 'string') return undefined;
  const hash = typeof sha256 === 'string' ? sha256 : undefined;
  const known = Object.entries(DATA_SETS).find(([, { train, dev }]) => hash && [train[1], dev[1]].includes(hash));
  return { name: path.basename(file), sha256: hash, hub: known && HUB_NAMES[known[0]] };
}

type Metrics = Pick<CardFacts, 'metrics' | 'evaluatedOn'>;

/** Those that stand beside the model, with the data that they name; else those of the run's own evaluation. */
function readMetrics(folder: string): Metrics {
  const results = readResults(folder);
  if (!results) return runMetrics(folder);
  const { metrics, evaluated } = results;
  return { metrics, evaluatedOn: evaluated ? dataFacts(evaluated.data, evaluated.sha256) : undefined };
}

function runMetrics(folder: string): Metrics {
  if (!isRun(folder)) return { metrics: {} };
  const { options, data } = readRunFile(folder);
  return { metrics: summarizeRun(folder).metrics, evaluatedOn: dataFacts(options.dev, data.dev) };
}

function onnxFiles(folder: string): CardFacts['onnx'] {
  return onnxNames(folder).map((name) => ({ name, bytes: fs.statSync(path.join(folder, name)).size }));
}
