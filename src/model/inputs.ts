// What a model takes and gives: rows of tokens, and two scores for each.
import type * as tf from '@tensorflow/tfjs';

/** Rows of tokens, padded to one length. */
export interface ModelInputs {
  inputIds: tf.Tensor2D; // [batch, sequence] int32
  /** 1 for tokens, 0 for padding; absent when no row is padded. */
  attentionMask?: tf.Tensor2D; // [batch, sequence]
  /**
   * How many tokens each row has. With it padding does not exist: its scores are `PADDING_SCORE`, and each row gives what it
   * gives alone. Without it padding is scored too, as in the reference. A tensor where a step is written down to be compiled.
   */
  lengths?: ArrayLike<number> | tf.Tensor1D;
  /** 0 for the first text, 1 for the second; absent: all 0. DistilBERT has none. */
  tokenTypeIds?: tf.Tensor2D; // [batch, sequence] int32
  /** What the frozen layers make of the rows, where that is known; see `QuestionAnsweringModel.lowerStates`. */
  lower?: tf.Tensor3D; // [batch, sequence, hidden]
}

/** Inputs with the answers' positions; a label at or beyond the row's length is ignored. */
export interface LabelledInputs extends ModelInputs {
  startPositions: tf.Tensor1D; // [batch] int32
  endPositions: tf.Tensor1D; // [batch] int32
  /** A teacher's shares at the temperature of `ComputeOptions.teacher`; 0 for padding. */
  teacherStart?: tf.Tensor2D; // [batch, sequence]
  teacherEnd?: tf.Tensor2D; // [batch, sequence]
}

/** How likely each token is to start or end the answer, before the softmax. */
export interface ModelOutputs {
  startLogits: tf.Tensor2D; // [batch, sequence]
  endLogits: tf.Tensor2D; // [batch, sequence]
}
