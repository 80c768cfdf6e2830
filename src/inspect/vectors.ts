// Words as vectors: neighbours in the table of embeddings, one word in several sentences, and a plane to look at them.
import * as tf from '@tensorflow/tfjs';
import { PCA } from 'ml-pca';
import type { QuestionAnsweringModel } from '../model/question-answering';
import { isSpecialToken } from '../tokens/pieces';
import type { Tokenizer } from '../tokens/tokenizer';
import { readText } from './reading';

/** A token and the cosine of its embedding with another's, -1 to 1. */
export interface Neighbour {
  token: string;
  cosine: number;
}

/**
 * The tokens of the vocabulary whose embeddings point most nearly the same way as that of `token`, best first. Tokens that no
 * text contains (`[unused1]`, …) are left out.
 *
 * @throws RangeError when the vocabulary lacks `token`
 * @example (await nearestTokens(model, tokenizer, 'red'))[0] // { token: 'yellow', cosine: 0.7 }
 */
export async function nearestTokens(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  token: string,
  count = 8,
): Promise<Neighbour[]> {
  const id = tokenizer.tokenToId(token);
  if (id === undefined)
    throw new RangeError(`"${token}" is no token of the vocabulary; take a common word in lower case`);
  const cosines = tf.tidy(() => {
    const table = model.parameters.get('embeddings.word') as tf.Tensor2D; // [vocabulary, hidden]
    const products = tf.matMul(table, tf.slice(table, [id, 0], [1, -1]), false, true);
    const lengths = tf.norm(table, 2, 1, true); // [vocabulary, 1]
    const own = tf.slice(lengths, [id, 0], [1, 1]);
    return tf.div(products, tf.maximum(tf.mul(lengths, own), 1e-12));
  });
  const values = await cosines.data();
  cosines.dispose();
  const ids = [...values.keys()].filter((other) => other !== id && !isSpecial(tokenizer.idToToken(other)));
  ids.sort((a, b) => values[b] - values[a]);
  return ids.slice(0, count).map((other) => ({ token: tokenizer.idToToken(other)!, cosine: values[other] }));
}

function isSpecial(token?: string): boolean {
  return token === undefined || isSpecialToken(token);
}

/**
 * The vector of `word` in each sentence, after layer `layer` (0: the embeddings): the mean of its tokens' vectors.
 *
 * @throws RangeError when a sentence does not have the word
 * @example await wordVectors(model, tokenizer, ['The bank lent.', 'The river bank.'], 'bank', 6) // 2 vectors
 */
export async function wordVectors(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  sentences: string[],
  word: string,
  layer = model.config.layers,
): Promise<number[][]> {
  const vectors: number[][] = [];
  for (const sentence of sentences) {
    const at = sentence.search(new RegExp(`(?<![\\p{L}\\p{N}])${escape(word)}(?![\\p{L}\\p{N}])`, 'iu'));
    if (at < 0) throw new RangeError(`"${sentence}" does not have the word "${word}"`);
    const { offsets, sources, hiddenStates } = await readText(model, tokenizer, sentence);
    const isOfWord = (i: number) => sources[i] === 0 && offsets[i][0] >= at && offsets[i][1] <= at + word.length;
    vectors.push(meanRow(hiddenStates[layer], [...offsets.keys()].filter(isOfWord), model.config.hiddenSize));
  }
  return vectors;
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function meanRow(values: Float32Array, rows: number[], width: number): number[] {
  return Array.from(
    { length: width },
    (_, i) => rows.reduce((sum, row) => sum + values[row * width + i], 0) / rows.length,
  );
}

/** Points in the plane, and which share of all variance each of its two axes holds, 0 to 1. */
export interface Projection {
  points: [x: number, y: number][];
  shares: [x: number, y: number];
}

/**
 * The plane in which the vectors are spread widest: their first two principal components (Pearson 1901).
 *
 * @param vectors At least 3, of one length.
 * @example project(vectors).points[0]
 */
export function project(vectors: number[][]): Projection {
  const pca = new PCA(vectors);
  const points = pca.predict(vectors, { nComponents: 2 }).to2DArray() as [number, number][];
  const [x, y] = pca.getExplainedVariance();
  return { points, shares: [x, y] };
}

/** The cosine of the angle between two vectors. */
export function cosine(a: number[], b: number[]): number {
  const product = (u: number[], v: number[]) => u.reduce((sum, value, i) => sum + value * v[i], 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

/**
 * The mean cosine of two vectors of the same group, and of two of different groups.
 *
 * @example groupCosines(vectors, ['river', 'river', 'money', 'money']).same
 */
export function groupCosines(vectors: number[][], groups: string[]): { same: number; other: number } {
  const pairs = vectors.flatMap((a, i) =>
    vectors.slice(0, i).map((b, j) => [groups[i] === groups[j], cosine(a, b)] as const),
  );
  const mean = (isSame: boolean) => {
    const values = pairs.filter(([same]) => same === isSame).map(([, value]) => value);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return { same: mean(true), other: mean(false) };
}
