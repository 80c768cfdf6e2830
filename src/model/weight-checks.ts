// A folder's weights against its config.json: everything that can be told from names and shapes, before a byte is read.
import { quoted } from '../printable';
import type { ModelConfig } from './config';
import { ModelError } from './errors';
import { FAMILIES } from './families';
import { checkMemory } from './memory';
import type { WeightName } from './names';
import { type HeldTensors, checkShapes } from './size-checks';

/**
 * @throws ModelError `E_MODEL_WEIGHTS` for a tensor of another shape than the configuration's numbers give, a layer of which the
 * files hold nothing while they hold others, or any other tensor that is missing, but for a head as a whole; `E_MODEL_MEMORY`
 */
export function checkWeights(folder: string, config: ModelConfig, needed: WeightName[], files: HeldTensors): void {
  checkShapes(folder, config, needed, files);
  checkLayers(folder, needed, files);
  checkComplete(folder, needed, files);
  checkMemory(sum(needed.map(({ shape }) => product(shape))), folder);
}

/** A layer that is missing as a whole is no head to be trained but a number of layers that is wrong. */
function checkLayers(folder: string, needed: WeightName[], files: HeldTensors): void {
  const isThere = new Map<number, boolean>();
  for (const source of needed.flatMap(({ sources }) => sources)) {
    const layer = /\.(\d+)\./.exec(source)?.[1];
    if (layer === undefined) continue;
    isThere.set(Number(layer), (isThere.get(Number(layer)) ?? false) || files.find(source) !== undefined);
  }
  const count = [...isThere.values()].filter(Boolean).length;
  if (count === 0 || count === isThere.size) return; // none at all is another problem, which loading names
  const missing = [...isThere].find(([, there]) => !there)![0];
  const problem = `config.json has ${isThere.size} layers, the weights have ${count} (layer ${missing}, from 0, is missing)`;
  throw new ModelError(
    'E_MODEL_WEIGHTS',
    `${folder}: ${problem}; fetch the folder again, or correct the number of layers`,
  );
}

/**
 * An encoder is whole, and so is its head, or there is none: that is a model to fine-tune. Half of either would be drawn at random, and
 * answer badly without a word.
 */
function checkComplete(folder: string, needed: WeightName[], files: HeldTensors): void {
  const lacking = (list: WeightName[]) => list.flatMap(({ sources }) => sources).filter((name) => files.find(name) === undefined); // prettier-ignore
  const [head, encoder] = [needed.filter(isOfHead), needed.filter((one) => !isOfHead(one))];
  const missing = lacking(encoder);
  if (missing.length === lengthOf(encoder)) return; // none at all is another problem, which loading names
  const isHeadless = head.filter(isAnswer).every(({ sources }) => sources.every((name) => files.find(name) === undefined)); // prettier-ignore
  if (!isHeadless) missing.push(...lacking(head));
  if (missing.length === 0) return;
  const names = missing.slice(0, 3).map((name) => quoted(name, 200)).join(', '); // prettier-ignore
  const problem = `${missing.length === 1 ? 'a tensor is' : `${missing.length} tensors are`} missing: ${names}${missing.length > 3 ? ', …' : ''}`;
  throw new ModelError('E_MODEL_WEIGHTS', `${folder}: ${problem}; its weights are not whole: fetch the folder again`);
}

const lengthOf = (list: WeightName[]) => sum(list.map(({ sources }) => sources.length));
const isAnswer = ({ name }: WeightName) => name.startsWith('answer.');
/** All that has not the encoder's prefix is the head's. */
const isOfHead = ({ sources }: WeightName) => !FAMILIES.some(({ prefix }) => sources[0].startsWith(`${prefix}.`));

/** @throws ModelError `E_MODEL_WEIGHTS` when a value is not a number, or infinite: such a model answers nothing. */
export function checkFinite(name: string, values: Float32Array): void {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  let any = 0;
  // the sign bit is set once an exponent has all its bits, as NaN and infinity have
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- an iterator takes ten times as long over 22 million weights
  for (let i = 0; i < bits.length; i++) any |= (bits[i] & 0x7fffffff) + 0x00800000;
  if (any >= 0) return;
  const at = values.findIndex((value) => !Number.isFinite(value));
  const count = values.reduce((total, value) => total + (Number.isFinite(value) ? 0 : 1), 0);
  throw new ModelError(
    'E_MODEL_WEIGHTS',
    `${quoted(name)}: ${count} of ${values.length} values are no finite numbers (the first, value ${at}, is ${values[at]}); take an earlier checkpoint, or fetch the file again`,
  );
}

/** Rows of these tables may never have been used. */
const SPARE = /^embeddings\.(?:position|type)$/;
/** Tokens that are in no text keep what they began with, which may be zeros; half of a table's tokens are not among them. */
const TOKENS = /^embeddings\.word$/;

/**
 * Programs that fetch a file may give it its full length first, and zeros stand where nothing came.
 *
 * @param found The tensors of the file that the weight is made of, in order.
 * @throws ModelError `E_MODEL_WEIGHTS` for a matrix, or the factors of a norm, of zeros alone, as no training leaves them; for a table of
 * tokens whose second half is that
 */
export function checkFilled(files: { fileOf(name: string): string }, entry: WeightName, found: string[], values: Float32Array): void {
  const { name, init, shape } = entry;
  const isMatrix = init === 'normal' && shape.length === 2;
  if ((!isMatrix && init !== 'ones') || SPARE.test(name)) return;
  const size = values.length / found.length;
  for (const [i, tensor] of found.entries()) {
    const from = TOKENS.test(name) ? Math.floor(size / 2) : i * size;
    if (size === 0 || values.subarray(from, (i + 1) * size).some((value) => value !== 0)) continue;
    const part = TOKENS.test(name) ? 'the second half of its values is' : 'all its values are';
    const problem = `${quoted(tensor, 200)}: ${part} zero, which no training leaves: a part of the file never came`;
    throw new ModelError('E_MODEL_WEIGHTS', `${files.fileOf(tensor)}: ${problem}; fetch it again`);
  }
} // prettier-ignore

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const product = (shape: number[]) => shape.reduce((a, b) => a * b, 1);
