// The model's scores for every token of a data set.
import * as tf from '@tensorflow/tfjs';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Features } from '../tokens/features';
import { checkIds } from '../tokens/id-checks';
import { makeBatch } from '../training/batch';
import { DataLoader } from '../training/loader';
import { checkScores } from './score-checks';

/** Scores of all rows, end to end like `features.inputIds`. */
export interface Logits {
  startLogits: Float32Array; // [tokens]
  endLogits: Float32Array; // [tokens]
}

export interface LogitsOptions {
  batchSize?: number;
  signal?: AbortSignal;
  onBatch?: (rows: number, total: number) => void | Promise<void>;
}

/**
 * Runs the model without dropout over every row, rows of similar length together.
 *
 * @throws TokenError `E_TOKENS_ID` for a token that the model does not know; EvaluationError `E_SCORES` where no
 * probabilities can be made of the scores
 * @example const { startLogits } = await computeLogits(model, features)
 */
export async function computeLogits(
  model: QuestionAnsweringModel,
  features: Features,
  { batchSize = 16, signal, onBatch }: LogitsOptions = {},
): Promise<Logits> {
  checkIds(features, model.config);
  const size = features.inputIds.length;
  const logits = { startLogits: new Float32Array(size), endLogits: new Float32Array(size) };
  let done = 0;
  for (const rows of new DataLoader(features, { batchSize }).plan(0)) {
    signal?.throwIfAborted();
    await scoreRows(model, features, rows, logits);
    done += rows.length;
    await onBatch?.(done, features.count);
    await new Promise(setImmediate);
  }
  return logits;
}

async function scoreRows(
  model: QuestionAnsweringModel,
  features: Features,
  rows: number[],
  into: Logits,
): Promise<void> {
  const batch = makeBatch(features, rows);
  const outputs = model.forward(batch);
  batch.dispose();
  const sequence = outputs.startLogits.shape[1];
  try {
    for (const name of ['startLogits', 'endLogits'] as const) {
      const scores = (await outputs[name].data()) as Float32Array; // [batch, sequence]
      rows.forEach((row, i) => {
        const [from, to] = [features.rowStart[row], features.rowStart[row + 1]];
        const own = scores.subarray(i * sequence, i * sequence + to - from); // padding has scores like -1e30
        checkScores(own);
        into[name].set(own, from);
      });
    }
  } finally {
    tf.dispose([outputs.startLogits, outputs.endLogits]);
  }
}
