// What the answer head says of each layer's vectors: where in the model the answer emerges.
import * as tf from '@tensorflow/tfjs';
import { answerScores } from '../model/inspect';
import type { QuestionAnsweringModel } from '../model/question-answering';
import { type Reading, type TokenScores, bestSpan } from './reading';
import { checkScores } from '../evaluation/score-checks';
import { softmax } from '../evaluation/softmax';

/** What the model would answer if it ended after a layer. */
export interface Exit extends TokenScores {
  /** 0 for the embeddings, then the layers from 1. */
  layer: number;
  /** The best answer at this layer, and its probability. */
  text: string;
  probability: number;
  /** Probability, at this layer, of the answer that the whole model gives. */
  finalProbability: number;
}

/**
 * The answer head, which was trained on the last layer, on every hidden state ("logit lens", nostalgebraist 2020).
 *
 * @example (await earlyExits(model, reading)).map(({ text }) => text)
 */
export async function earlyExits(model: QuestionAnsweringModel, reading: Reading): Promise<Exit[]> {
  const { start, end } = bestSpan(reading);
  const exits: Exit[] = [];
  for (const [layer, hidden] of reading.hiddenStates.entries()) {
    const scores = await scoresOf(model, hidden, reading.tokens.length);
    const { text, probability } = bestSpan(reading, scores);
    const finalProbability = softmax(scores.startLogits)[start] * softmax(scores.endLogits)[end];
    exits.push({ ...scores, layer, text, probability, finalProbability });
  }
  return exits;
}

/**
 * The first layer from which on the best answer is the last one's.
 *
 * @example settledLayer(await earlyExits(model, reading)) // 5
 */
export function settledLayer(exits: Exit[]): number {
  const final = exits[exits.length - 1].text;
  const changed = exits.map(({ text }) => text !== final).lastIndexOf(true);
  return exits[changed + 1].layer;
}

async function scoresOf(model: QuestionAnsweringModel, hidden: Float32Array, tokens: number): Promise<TokenScores> {
  const [starts, ends] = tf.tidy(() => {
    const scores = answerScores(model, tf.tensor2d(hidden, [tokens, hidden.length / tokens]));
    return tf.unstack(scores, 1);
  });
  const [startLogits, endLogits] = (await Promise.all([starts.data(), ends.data()])) as Float32Array[];
  tf.dispose([starts, ends]);
  [startLogits, endLogits].forEach(checkScores);
  return { startLogits, endLogits };
}
