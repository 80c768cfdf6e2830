// A whole model as one kernel of ours: nothing goes through TensorFlow.js between its first layer and its last.
import * as tf from '@tensorflow/tfjs';
import type { Program } from '../program';
import { countOperation } from '../tally';
import {
  attribute,
  borrow,
  constant,
  download,
  FLOAT,
  free,
  INT32,
  run,
  toTensor,
  upload,
  type Handle,
} from './binding';

const TYPE = attribute.type('T', FLOAT);

/** Rows of tokens for `WholeModel.run`. */
export interface TokenRows {
  inputIds: tf.Tensor2D; // [batch, sequence] int32
  tokenTypeIds?: tf.Tensor2D; // [batch, sequence] int32
  /** Where each row begins in the flat list of tokens that count: [batch + 1]. */
  offsets: Int32Array;
  /** How many tokens of each row may be looked at: [batch]. */
  keys: Int32Array;
}

/** Whether the processor multiplies four pairs of bytes at once, as the compiled kernels say. */
export function multipliesBytes(): boolean {
  const [able] = run('SpanlabMultipliesBytes', [TYPE], []);
  try {
    return download(able)[0] === 1;
  } finally {
    free(able);
  }
}

/** A model laid out for answers, beside its weights: another copy of its matrices, until it is disposed. */
export class WholeModel {
  private readonly number: Handle; // [] int32
  private readonly name: string;

  /**
   * The weights are those of now: who changes one must make another.
   *
   * @param inBytes Whether products are computed in 8 bits; see `multipliesBytes`.
   */
  constructor({ steps, epsilons, weights }: Program, inBytes: boolean) {
    this.name = inBytes ? 'whole in bytes' : 'whole';
    const inputs = [
      upload(steps, [epsilons.length, steps.length / epsilons.length]),
      upload(epsilons, [epsilons.length]),
    ];
    const attributes = [TYPE, attribute.int('N', weights.length), attribute.int('flag', Number(inBytes))];
    try {
      [this.number] = run('SpanlabPrepare', attributes, [...inputs, ...weights.map(borrow)]);
    } finally {
      free(...inputs);
    }
  }

  /** Scores of start and end, the worst where a row has no token: [batch, sequence] each. */
  run({ inputIds, tokenTypeIds, offsets, keys }: TokenRows): [start: tf.Tensor2D, end: tf.Tensor2D] {
    countOperation('fused', this.name);
    const rows = [upload(offsets, [offsets.length]), upload(keys, [keys.length])];
    const types = tokenTypeIds ? borrow(tokenTypeIds) : constant([], INT32);
    try {
      const [start, end] = run('SpanlabWhole', [TYPE], [this.number, borrow(inputIds), types, ...rows], 2);
      return [toTensor(start), toTensor(end)];
    } finally {
      free(...rows);
    }
  }

  dispose(): void {
    free(...run('SpanlabForget', [TYPE], [this.number]), this.number);
  }
}
