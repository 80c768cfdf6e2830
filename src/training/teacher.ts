// What a teacher says of each row: its scores, computed once before training.
import * as tf from '@tensorflow/tfjs';
import type { LabelledInputs } from '../model/inputs';
import { PADDING_SCORE } from '../model/layout';
import type { Features } from '../tokens/features';
import { rowLength } from './batch';

/** Scores of all tokens of a data set, end to end like its `inputIds`. */
export interface TeacherScores {
  startLogits: Float32Array; // [tokens]
  endLogits: Float32Array; // [tokens]
}

/** The scores of two data sets as one. */
export function joinScores(first: TeacherScores, second: TeacherScores): TeacherScores {
  const both = (name: keyof TeacherScores) => {
    const values = new Float32Array(first[name].length + second[name].length);
    values.set(first[name]);
    values.set(second[name], first[name].length);
    return values;
  };
  return { startLogits: both('startLogits'), endLogits: both('endLogits') };
}

/** The teacher's shares of some rows at a temperature, "no answer" at the first token included; the caller disposes them. */
export function teacherShares(
  { startLogits, endLogits }: TeacherScores,
  features: Features,
  { rows, sequence, temperature }: { rows: number[]; sequence: number; temperature: number },
): Required<Pick<LabelledInputs, 'teacherStart' | 'teacherEnd'>> {
  const shares = (logits: Float32Array) => {
    const values = new Float32Array(rows.length * sequence).fill(PADDING_SCORE);
    for (const [i, row] of rows.entries()) {
      const from = features.rowStart[row];
      values.set(logits.subarray(from, from + rowLength(features, row)), i * sequence);
    }
    const scores = tf.tensor2d(values, [rows.length, sequence]);
    return tf.tidy(() => tf.softmax(tf.div(scores, temperature)) as tf.Tensor2D);
  };
  return tf.tidy(() => ({ teacherStart: shares(startLogits), teacherEnd: shares(endLogits) }));
}
