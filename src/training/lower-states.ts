// What the frozen part of a model makes of each row, computed once: it never changes, and nothing is dropped in it.
import * as tf from '@tensorflow/tfjs';
import { availableMemory } from '../model/memory';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Features } from '../tokens/features';
import { makeBatch } from './batch';

/** Of the memory that is free when the first row is kept. */
const SHARE = 0.25;

/**
 * Keeps a row's values when they are first needed, as long as memory allows; others are computed again each time. Each row is computed
 * alone, so that its bits depend on no other row, and a run that goes on with nothing kept ends as one that kept all.
 */
export class LowerStates {
  private readonly kept = new Map<number, Float32Array>();
  private room?: number;

  /** @param most Bytes that may be kept; by default a quarter of what is free. */
  constructor(
    private readonly model: QuestionAnsweringModel,
    private readonly features: Features,
    private readonly padTo: number,
    private readonly most?: number,
  ) {}

  /** What the first layer that learns is given: [rows, sequence, hidden], zeros for padding; the caller disposes it. */
  async of(rows: number[], sequence: number): Promise<tf.Tensor3D> {
    const width = this.model.config.hiddenSize;
    const values = new Float32Array(rows.length * sequence * width);
    for (const [i, row] of rows.entries()) values.set(await this.row(row), i * sequence * width);
    return tf.tensor3d(values, [rows.length, sequence, width]);
  }

  private async row(row: number): Promise<Float32Array> {
    const known = this.kept.get(row);
    if (known) return known;
    const batch = makeBatch(this.features, [row], this.padTo);
    const states = this.model.lowerStates(batch);
    batch.dispose();
    const values = Float32Array.from(await states.data());
    states.dispose();
    this.room ??= this.most ?? SHARE * availableMemory();
    if (values.byteLength <= this.room) {
      this.room -= values.byteLength;
      this.kept.set(row, values);
    }
    return values;
  }
}
