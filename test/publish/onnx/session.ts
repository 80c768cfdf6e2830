// Exported models in ONNX Runtime, beside ours on the same rows.
import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { QuestionAnsweringModel } from '../../../src/model/question-answering';

/** Rows of one length; `lengths` says how many tokens of each are not padding. */
export interface Rows {
  batch: number;
  sequence: number;
  ids: number[];
  lengths: number[];
}

/** Rows of made-up tokens, the first whole, the others shorter and shorter. */
export function makeRows(batch: number, sequence: number, vocabulary: number): Rows {
  const ids = Array.from({ length: batch * sequence }, (_, i) => (i * 7919 + 13) % vocabulary);
  const lengths = Array.from({ length: batch }, (_, row) => Math.max(1, sequence - 3 * row));
  return { batch, sequence, ids, lengths };
}

export const masked = ({ batch, sequence, lengths }: Rows) =>
  Array.from({ length: batch * sequence }, (_, i) => (i % sequence < lengths[Math.floor(i / sequence)] ? 1 : 0));
/** The second half of each row is the second text. */
export const typed = ({ batch, sequence }: Rows) =>
  Array.from({ length: batch * sequence }, (_, i) => (i % sequence >= sequence / 2 ? 1 : 0));

/** Start logits, then end logits, of the tokens that are not padding. */
export async function theirLogits(bytes: Uint8Array, rows: Rows): Promise<number[]> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const tensor = (values: number[]) =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), [rows.batch, rows.sequence]);
  const feeds: Record<string, Tensor> = {
    input_ids: tensor(rows.ids),
    attention_mask: tensor(masked(rows)),
    token_type_ids: tensor(typed(rows)),
  };
  const wanted = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]]));
  const outputs = await session.run(wanted);
  await session.release();
  return tokensOf(rows, [outputs.start_logits.data, outputs.end_logits.data] as Float32Array[]);
}

export function ourLogits(model: QuestionAnsweringModel, rows: Rows): number[] {
  const shape: [number, number] = [rows.batch, rows.sequence];
  const [values, mask, types] = [rows.ids, masked(rows), typed(rows)];
  const inputIds = tf.tensor2d(values, shape, 'int32');
  const [attentionMask, tokenTypeIds] = [tf.tensor2d(mask, shape), tf.tensor2d(types, shape, 'int32')];
  const { startLogits, endLogits } = model.forward({ inputIds, attentionMask, tokenTypeIds });
  const logits = tokensOf(rows, [startLogits.dataSync(), endLogits.dataSync()] as Float32Array[]);
  tf.dispose([inputIds, attentionMask, tokenTypeIds, startLogits, endLogits]);
  return logits;
}

function tokensOf(rows: Rows, parts: Float32Array[]): number[] {
  const mask = masked(rows);
  return parts.flatMap((part) => Array.from(part).filter((_, i) => mask[i] === 1));
}

export function largestDifference(a: number[], b: number[]): number {
  if (a.length !== b.length) throw new Error(`${a.length} and ${b.length} numbers`);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}
