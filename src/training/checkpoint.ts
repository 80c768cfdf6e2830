// One checkpoint: a model folder in Hugging Face's layout, with the optimizer's moments and the position of the run next to it.
import * as tf from '@tensorflow/tfjs';
import fs from 'node:fs';
import path from 'node:path';
import type { AdamW } from '../engine/adamw';
import { toFileError } from '../errors';
import { readLimited } from '../limited-file';
import { type ModelConfig, readConfig } from '../model/config';
import { trainableNames } from '../model/frozen';
import type { QuestionAnsweringModel } from '../model/question-answering';
import { SafetensorsFile } from '../model/safetensors/file';
import { exportWeights, loadWeights } from '../model/weights';
import { writeAtomically } from '../staged-file';
import { writeSafetensors } from '../model/safetensors/write';
import { savePretrained } from '../model/save';
import type { Tokenizer } from '../tokens/tokenizer';
import { TrainingError } from './errors';
import { checkSums, SUMS_FILE, writeSums } from './checkpoint-sums';
import { type TrainingState, parseState } from './state';
import { syncFolder, syncPath } from '../sync';

/** AdamW's moments by PyTorch's names; each is a folder with a `model.safetensors` that has the model's tensor names. */
const MOMENTS = ['exp_avg', 'exp_avg_sq'];
const STATE_FILE = 'training_state.json';
const FORMAT = 'spanlab-checkpoint-2';

/** Bytes of the state: far more than a run of a million steps has. */
const LARGEST_RECORD = 1 << 28;

/** What runs must have in common for one to go on with the checkpoint of the other. */
export interface Identity {
  /** Of the rows that are trained on. */
  dataHash: string;
  /** Every option that changes what comes out. */
  options: Record<string, unknown>;
  /** Of the file that evaluations choose the best weights by; absent where none do, or nobody said which file it is. */
  devHash?: string;
}

/** What a checkpoint is made of. */
export interface CheckpointContent {
  model: QuestionAnsweringModel;
  tokenizer: Tokenizer;
  optimizer: AdamW;
  state: TrainingState;
  identity: Identity;
  /** Further files, by name: text. */
  files?: Record<string, string>;
}

/**
 * Writes a checkpoint under a temporary name, flushes it and renames it: `folder` shows all of it or nothing.
 *
 * @throws FileError; what was there before stays.
 */
export async function writeCheckpoint(folder: string, content: CheckpointContent): Promise<void> {
  const partial = sibling(folder, 'part');
  try {
    fs.rmSync(partial, { recursive: true, force: true });
    await savePretrained(content.model, content.tokenizer, partial);
    if (content.state.step > 0) await writeMoments(partial, content);
    for (const [name, text] of Object.entries(content.files ?? {})) writeAtomically(path.join(partial, name), text);
    const { state, identity } = content;
    writeAtomically(path.join(partial, STATE_FILE), JSON.stringify({ format: FORMAT, identity, state }));
    writeSums(partial);
    syncFolder(partial);
    replaceFolder(partial, folder);
  } catch (error) {
    fs.rmSync(partial, { recursive: true, force: true });
    throw toFileError(error, folder);
  }
}

async function writeMoments(folder: string, { model, optimizer }: CheckpointContent): Promise<void> {
  const values = MOMENTS.map(() => new Map<string, Float32Array>());
  for (const weight of trainableNames(model.config, model.compute.frozen)) {
    const pair = optimizer.moments.read(weight);
    for (const [which, moment] of pair.entries()) values[which].set(weight, (await moment.data()) as Float32Array);
    tf.dispose(pair);
  }
  MOMENTS.forEach((name, which) => {
    fs.mkdirSync(path.join(folder, name));
    const tensors = exportWeights(model.config, (weight) => values[which].get(weight));
    writeSafetensors(path.join(folder, name, 'model.safetensors'), tensors);
  });
}

/** A name next to `folder` that no list of checkpoints shows. */
export function sibling(folder: string, suffix: string): string {
  return path.join(path.dirname(folder), `.${path.basename(folder)}.${suffix}`);
}

/** Puts `partial` in the place of `folder`; what was there comes back when a crash comes between (see `recoverCheckpoints`). */
function replaceFolder(partial: string, folder: string): void {
  const old = sibling(folder, 'old');
  if (fs.existsSync(folder)) fs.renameSync(folder, old);
  fs.renameSync(partial, folder);
  syncPath(path.dirname(folder));
  fs.rmSync(old, { recursive: true, force: true });
}

/** A checkpoint's position and identity, read and checked; its weights are not looked at. */
export interface CheckpointHead {
  folder: string;
  state: TrainingState;
  identity: Identity;
  config: ModelConfig;
}

/**
 * Reads what a checkpoint says of itself, and whether its files are there in their whole length.
 *
 * @throws TrainingError `E_CHECKPOINT` when the folder is none, or damaged, or has the name of another step.
 */
export function readHead(folder: string): CheckpointHead {
  const head = readParts(folder);
  const [, named] = /^checkpoint-(\d+)$/.exec(path.basename(path.resolve(folder))) ?? [];
  const { step } = head.state;
  if (named === undefined || Number(named) === step) return head;
  // a copy of an older one would be taken for the latest, or for the best
  const problem = `its name says step ${named}, and its ${STATE_FILE} says step ${step}`;
  throw damaged(folder, `${problem}: if it was renamed, call it checkpoint-${step} again`);
}

function readParts(folder: string): CheckpointHead {
  const file = path.join(folder, STATE_FILE);
  if (!fs.existsSync(file)) throw damaged(folder, `no checkpoint (there is no ${STATE_FILE} in it)`);
  try {
    const record: unknown = JSON.parse(readLimited(file, LARGEST_RECORD).toString());
    const head = (record ?? {}) as Partial<CheckpointHead> & { format?: string };
    if (head.format !== FORMAT) throw new Error(`${STATE_FILE} is of format ${String(head.format)}, not ${FORMAT}`);
    const [state, identity] = [parseState(head.state), parseIdentity(head.identity)];
    checkFiles(folder, state.step);
    return { folder, state, identity, config: readConfig(folder) };
  } catch (error) {
    throw damaged(folder, `damaged: ${(error as Error).message}`);
  }
}

function parseIdentity(value: unknown): Identity {
  const { dataHash, options, devHash } = (value ?? {}) as Partial<Identity>;
  if (typeof dataHash === 'string' && typeof options === 'object' && options !== null) {
    return { dataHash, options, ...(typeof devHash === 'string' && { devHash }) };
  }
  throw new Error(`${STATE_FILE} does not say which run it is of`);
}

/**
 * Reads every byte of a checkpoint against the hashes that it was written with.
 *
 * @throws TrainingError `E_CHECKPOINT` that names the file.
 */
export function verifyCheckpoint(folder: string): CheckpointHead {
  const head = readHead(folder);
  try {
    checkSums(folder, [STATE_FILE, 'config.json', ...weightFiles(head.state.step)]);
    return head;
  } catch (error) {
    throw damaged(folder, `damaged: ${(error as Error).message}`);
  }
}

function weightFiles(step: number): string[] {
  return ['', ...(step > 0 ? MOMENTS : [])].map((part) => path.posix.join(part, 'model.safetensors'));
}

/** Headers and sizes of the tensors. */
function checkFiles(folder: string, step: number): void {
  for (const name of weightFiles(step)) new SafetensorsFile(path.join(folder, name)).close();
  for (const name of ['config.json', SUMS_FILE]) {
    if (!fs.existsSync(path.join(folder, name))) throw new Error(`there is no ${name} in it`);
  }
}

/** A checkpoint that cannot be used. */
export class DamagedCheckpoint extends TrainingError {
  constructor(
    folder: string,
    /** What is wrong, without what to do. */
    readonly problem: string,
  ) {
    super('E_CHECKPOINT', `${problem}; ${adviceBeside(folder)}`);
  }
}

const damaged = (folder: string, problem: string) => new DamagedCheckpoint(folder, `${folder}: ${problem}`);

/** To look for another one where there is none would lead in a circle. */
function adviceBeside(folder: string): string {
  const home = path.dirname(path.resolve(folder));
  const names = fs.existsSync(home) ? fs.readdirSync(home) : [];
  const others = names.filter((name) => /^checkpoint-\d+$/.test(name) && name !== path.basename(folder));
  if (others.length > 0) return `name another one (${others.sort().slice(0, 3).join(', ')}), or resume latest`;
  return 'there is no other one beside it: bring it back from a copy, or begin anew (without resume)';
}

/** Whether `folder` is a checkpoint with all its parts, as far as their headers and lengths tell. */
export function isWhole(folder: string): boolean {
  try {
    readHead(folder);
    return true;
  } catch {
    return false;
  }
}

/** Puts the weights of a checkpoint into `model`. */
export function restoreWeights(folder: string, model: QuestionAnsweringModel): void {
  for (const [name, tensor] of readTensors(folder, model.config)) model.parameters.set(name, tensor);
}

/** Puts the moments of a checkpoint into `optimizer`: those of the weights that `model` trains and its run trained. */
export function restoreMoments(
  { folder, state, identity }: CheckpointHead,
  model: QuestionAnsweringModel,
  optimizer: AdamW,
): void {
  optimizer.stepCount = state.step;
  if (state.step === 0) return;
  const there = trainableNames(model.config, Number(identity.options.freeze ?? 0));
  const wanted = new Set(trainableNames(model.config, model.compute.frozen).filter((name) => there.includes(name)));
  const [first, second] = readMoments(folder, model.config, wanted);
  const wrong = [...second].find(([, tensor]) => (tensor.dataSync() as Float32Array).some((value) => value < 0));
  if (wrong !== undefined) {
    tf.dispose([...first.values(), ...second.values()]);
    throw damaged(folder, `damaged: ${MOMENTS[1]}, means of squares, is negative in ${wrong[0]}`);
  }
  for (const [name, tensor] of first) optimizer.moments.write(name, tensor, second.get(name)!);
}

/** Both or none: where the second cannot be read, the first is freed. */
function readMoments(folder: string, config: ModelConfig, wanted: Set<string>): Map<string, tf.Tensor>[] {
  const read: Map<string, tf.Tensor>[] = [];
  try {
    for (const name of MOMENTS) read.push(readTensors(path.join(folder, name), config, wanted));
    return read;
  } catch (error) {
    for (const tensors of read) tf.dispose([...tensors.values()]);
    throw error;
  }
}

/** The tensors of a file in the model's layout, for the caller to own. */
function readTensors(folder: string, config: ModelConfig, wanted?: Set<string>): Map<string, tf.Tensor> {
  const [weights, { missing }] = loadWeights(folder, config, 0, wanted && ((name) => wanted.has(name)));
  if (missing.length > 0) throw damaged(folder, `damaged: it lacks the tensors ${missing.join(', ')}`);
  return new Map([...weights].map(([name, { values, shape }]) => [name, tf.tensor(values, shape, 'float32')]));
}
