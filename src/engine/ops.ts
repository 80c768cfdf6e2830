// The operations that a family of models is written in. An interpreter computes them (plain TensorFlow.js, TensorFlow's kernels, our
// own), writes them down (ONNX) or keeps what they compute (the one that looks inside): the model itself is written once.

/** x · weightᵀ + bias; the matrix is [out, in], as PyTorch stores it. `W` is what an interpreter takes for a weight. */
export interface Linear<W> {
  weight: W; // [out, in]
  bias?: W; // [out]
}

/** Layer normalization (Ba, Kiros and Hinton 2016). */
export interface Norm<W> {
  weight: W; // [width]
  bias?: W; // [width]
}

/** Queries, keys and values in one product, and the product that brings the heads together. */
export interface AttentionWeights<W> {
  qkv: Linear<W>; // [3 * hidden, hidden]
  out: Linear<W>; // [hidden, hidden]
}

export interface FeedForwardWeights<W> {
  up: Linear<W>; // [intermediate, hidden]; twice as many rows where it is gated
  down: Linear<W>; // [hidden, intermediate]
}

/** The numbers of a batch that choose rows of a table. */
export type Ids = 'tokens' | 'types' | 'positions';

/** A table of embeddings, and the rows of it that are taken. */
export interface Table<W> {
  table: W; // [rows, width]
  ids: Ids;
  /**
   * The row that learns nothing (`torch.nn.Embedding(padding_idx)`). Positions are then counted as RoBERTa does it: from the number
   * after it on, over tokens that are not it; padding itself has its number.
   */
  paddingId?: number;
}

/** Zeroes elements with probability `rate` and enlarges the others; each site of a model draws from its own stream. */
export interface Dropout {
  rate: number;
  site: number;
}

/** What is done to each number between two products; `gelu` is exact, `gelu_tanh` the approximation by tanh (`gelu_new`). */
export type Activation = 'gelu' | 'gelu_tanh' | 'relu' | 'silu';

/** How scores depend on how far two tokens are from each other. */
export interface Relative<V> {
  /**
   * `bias`: a number for each head is added (Raffel et al. 2020); `values` are [buckets, heads].
   * `disentangled`: positions have queries and keys of their own, from the same weights (He et al. 2021); `values` are
   * [buckets, hidden], and the scores are divided by √(3 size).
   */
  kind: 'bias' | 'disentangled';
  values: V;
  /** The row of `values` for the place of the token that looks minus that of the token looked at. */
  bucket(distance: number): number;
}

export interface AttentionSpec<V> {
  heads: number;
  /** Of the attention weights. */
  dropout: Dropout;
  /** A token sees those at most this far to either side; absent: all. */
  window?: number;
  /** The base of rotary positions (Su et al. 2021); absent: none. */
  rope?: number;
  relative?: Relative<V>;
}

export interface FeedForwardSpec {
  activation: Activation;
  /** The second half of the upper product multiplies the activated first (Shazeer 2020). */
  gated?: boolean;
  /** Between the activation and the lower product. */
  dropout?: Dropout;
}

export interface AddNormSpec {
  epsilon: number;
  /** Of `x`, before the residual is added. */
  dropout?: Dropout;
}

/**
 * `V` is a value [tokens, width], `W` a weight. Composite operations are as large as the steps that an interpreter can fuse, and
 * as small as the differences between families.
 */
export interface Ops<V, W> {
  /** The sum of rows of tables. */
  embed(tables: Table<W>[]): V;
  /** A weight [rows, width] as a value. */
  rows(weight: W): V;
  linear(x: V, weights: Linear<W>): V;
  activate(x: V, activation: Activation): V;
  norm(x: V, weights: Norm<W>, epsilon: number): V;
  dropout(x: V, dropout: Dropout): V;
  add(a: V, b: V): V;
  /** The product with `qkv`, attention (Vaswani et al. 2017), the product with `out`. */
  attend(x: V, weights: AttentionWeights<W>, spec: AttentionSpec<V>): V;
  /** The product with `up`, the activation, the product with `down`. */
  feedForward(x: V, weights: FeedForwardWeights<W>, spec: FeedForwardSpec): V;
  /** norm(dropout(x) + residual), the end of each half of a post-norm layer. */
  addNorm(x: V, residual: V, weights: Norm<W>, spec: AddNormSpec): V;
  /**
   * A layer of the model: what may be computed again instead of being kept. `body` must use nothing but its inputs, which are values
   * and weights in any arrangement.
   */
  layer<T>(index: number, inputs: T, body: (inputs: T) => V): V;
  /** `x` itself; the interpreter that looks inside keeps it as the next hidden state. */
  tap(x: V): V;
}
