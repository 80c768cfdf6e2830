// How much training changed a model: its weights, layer by layer, and what its layers compute.
import * as tf from '@tensorflow/tfjs';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Reading } from './reading';

/** What a layer is made of, and the weights that belong to it. */
const PARTS = {
  attention: /\.attention\./,
  'feed-forward': /\.feedForward\./,
  'layer norm': /[nN]orm\./,
  embeddings: /^embeddings\.(word|position|type)$/,
};
export type Part = keyof typeof PARTS;

/** How far the weights of a part went: |after - before| / |before|, over all its numbers (Frobenius norms). */
export interface WeightChange {
  /** 0 for the embeddings, then the layers from 1. */
  layer: number;
  part: Part;
  change: number;
}

/**
 * The relative change of every part of the encoder; the answer head, which begins at random, is left out.
 *
 * @throws RangeError when the models differ in their layers
 * @example (await weightChanges(encoder, model)).filter(({ layer }) => layer === 6)
 */
export async function weightChanges(
  before: QuestionAnsweringModel,
  after: QuestionAnsweringModel,
): Promise<WeightChange[]> {
  if (before.config.layers !== after.config.layers) throw new RangeError('the models have different numbers of layers');
  const names = after.parameters.names.filter((name) => !name.startsWith('answer.'));
  const changes: WeightChange[] = [];
  for (let layer = 0; layer <= after.config.layers; layer++) {
    for (const part of Object.keys(PARTS) as Part[]) {
      const ofPart = names.filter((name) => layerOf(name) === layer && PARTS[part].test(name));
      if (ofPart.length === 0) continue;
      const [change] = await valuesOf(() => [relativeChange(ofPart, before, after)]);
      changes.push({ layer, part, change });
    }
  }
  return changes;
}

/** The numbers that `work` computes, read as every backend can; its tensors are freed. */
async function valuesOf(work: () => tf.Tensor[]): Promise<Float32Array> {
  const values = tf.tidy(() => tf.stack(work()));
  const data = (await values.data()) as Float32Array;
  values.dispose();
  return data;
}

function layerOf(name: string): number {
  const [, index] = /^layers\.(\d+)\./.exec(name) ?? [];
  return index === undefined ? 0 : Number(index) + 1;
}

function relativeChange(names: string[], before: QuestionAnsweringModel, after: QuestionAnsweringModel): tf.Tensor {
  const old = names.map((name) => before.parameters.get(name));
  const moved = names.map((name, i) => tf.sub(after.parameters.get(name), old[i]));
  const size = (tensors: tf.Tensor[]) => tf.sum(tf.stack(tensors.map((tensor) => tf.sum(tf.square(tensor)))));
  return tf.sqrt(tf.div(size(moved), size(old)));
}

/** How alike a layer's output is before and after. */
export interface LayerSimilarity {
  /** 0 for the embeddings, then the layers from 1. */
  layer: number;
  /** Linear centred kernel alignment, 0 to 1: whether tokens are placed relative to each other as before, however all of them were turned. */
  cka: number;
  /** Mean cosine of each token's vector before and after, -1 to 1. */
  cosine: number;
}

/** What is needed of a reading. */
type Vectors = Pick<Reading, 'hiddenStates' | 'tokens'>;

/**
 * Compares two models on the same texts. Source: Kornblith et al. 2019 (CKA).
 *
 * @param before Readings of the one model, `after` those of the other, in the same order.
 * @example (await layerSimilarity([readingBefore], [readingAfter]))[6].cka
 */
export async function layerSimilarity(before: Vectors[], after: Vectors[]): Promise<LayerSimilarity[]> {
  const similarities: LayerSimilarity[] = [];
  for (const layer of before[0].hiddenStates.keys()) {
    const [cka, cosine] = await valuesOf(() => {
      const [x, y] = [stacked(before, layer), stacked(after, layer)];
      return [linearCka(x, y), meanCosine(x, y)];
    });
    similarities.push({ layer, cka, cosine });
  }
  return similarities;
}

/** All tokens of all readings: [tokens, hidden]. */
function stacked(readings: Vectors[], layer: number): tf.Tensor2D {
  return tf.concat(
    readings.map(({ hiddenStates, tokens }) => tf.tensor2d(hiddenStates[layer], [tokens.length, hiddenStates[layer].length / tokens.length])), // prettier-ignore
  );
}

/** |yᵀx|² / (|xᵀx| |yᵀy|) of centred columns, norms of Frobenius; `x`: [rows, width], `y`: [rows, another width]. */
export function linearCka(x: tf.Tensor2D, y: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const [a, b] = [x, y].map((values) => tf.sub(values, tf.mean(values, 0)) as tf.Tensor2D);
    const size = (u: tf.Tensor2D, v: tf.Tensor2D) => tf.sum(tf.square(tf.matMul(u, v, true)));
    return tf.div(size(b, a), tf.sqrt(tf.mul(size(a, a), size(b, b)))) as tf.Scalar;
  });
}

function meanCosine(x: tf.Tensor2D, y: tf.Tensor2D): tf.Scalar {
  const products = tf.sum(tf.mul(x, y), 1);
  return tf.mean(tf.div(products, tf.mul(tf.norm(x, 2, 1), tf.norm(y, 2, 1))));
}
