// How much training changed a model: its weights, layer by layer, and what its layers compute.
import * as tf from '@tensorflow/tfjs';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Reading } from './reading';

/** What a layer is made of, and the weights that belong to it. */
const PARTS = {
  attention: /\.(qkv|out)(Weight|Bias)$/,
  'feed-forward': /\.(up|down)(Weight|Bias)$/,
  'layer norm': /[nN]orm(Gain|Bias)$/,
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
 * @example weightChanges(encoder, model).filter(({ layer }) => layer === 6)
 */
export function weightChanges(before: QuestionAnsweringModel, after: QuestionAnsweringModel): WeightChange[] {
  const names = after.parameters.names.filter((name) => !name.startsWith('answer.'));
  if (before.config.layers !== after.config.layers) throw new RangeError('the models have different numbers of layers');
  const layers = Array.from({ length: after.config.layers + 1 }, (_, layer) => layer);
  return layers.flatMap((layer) =>
    (Object.keys(PARTS) as Part[]).flatMap((part) => {
      const ofPart = names.filter((name) => layerOf(name) === layer && PARTS[part].test(name));
      return ofPart.length === 0 ? [] : [{ layer, part, change: relativeChange(ofPart, before, after) }];
    }),
  );
}

function layerOf(name: string): number {
  const [, index] = /^layer\.(\d+)\./.exec(name) ?? [];
  return index === undefined ? 0 : Number(index) + 1;
}

function relativeChange(names: string[], before: QuestionAnsweringModel, after: QuestionAnsweringModel): number {
  let [moved, size] = [0, 0];
  for (const name of names) {
    tf.tidy(() => {
      const old = before.parameters.get(name);
      moved += tf.sum(tf.square(tf.sub(after.parameters.get(name), old))).dataSync()[0];
      size += tf.sum(tf.square(old)).dataSync()[0];
    });
  }
  return Math.sqrt(moved / size);
}

/** How alike a layer's output is before and after. */
export interface LayerSimilarity {
  /** 0 for the embeddings, then the layers from 1. */
  layer: number;
  /** Linear centred kernel alignment, 0 to 1: whether tokens lie to each other as before, however all of them were turned. */
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
 * @example layerSimilarity([readingBefore], [readingAfter])[6].cka
 */
export function layerSimilarity(before: Vectors[], after: Vectors[]): LayerSimilarity[] {
  return before[0].hiddenStates.map((_, layer) =>
    tf.tidy(() => {
      const [x, y] = [stacked(before, layer), stacked(after, layer)];
      return { layer, cka: linearCka(x, y), cosine: meanCosine(x, y) };
    }),
  );
}

/** All tokens of all readings: [tokens, hidden]. */
function stacked(readings: Vectors[], layer: number): tf.Tensor2D {
  return tf.concat(
    readings.map(({ hiddenStates, tokens }) => tf.tensor2d(hiddenStates[layer], [tokens.length, hiddenStates[layer].length / tokens.length])), // prettier-ignore
  );
}

/** |yᵀx|² / (|xᵀx| |yᵀy|) of centred columns, norms of Frobenius; `x`: [rows, width], `y`: [rows, another width]. */
export function linearCka(x: tf.Tensor2D, y: tf.Tensor2D): number {
  return tf.tidy(() => {
    const [a, b] = [x, y].map((values) => tf.sub(values, tf.mean(values, 0)) as tf.Tensor2D);
    const size = (u: tf.Tensor2D, v: tf.Tensor2D) => tf.sum(tf.square(tf.matMul(u, v, true))).dataSync()[0];
    return size(b, a) / Math.sqrt(size(a, a) * size(b, b));
  });
}

function meanCosine(x: tf.Tensor2D, y: tf.Tensor2D): number {
  const products = tf.sum(tf.mul(x, y), 1);
  return tf.mean(tf.div(products, tf.mul(tf.norm(x, 2, 1), tf.norm(y, 2, 1)))).dataSync()[0];
}
