// What a family of models is: how its configuration is read, what its weights are called, and how it encodes. See docs/models.md.
import type { Dropout, Linear, Norm, Ops } from '../engine/ops';
import type { ConfigReader } from './config-reader';
import type { ModelConfig } from './config';
import type { SizeName } from './size-checks';

/** A weight: its shape, the tensors of the file that make it, stacked along the first axis, and what it is before any training. */
export interface WeightSpec {
  shape: number[];
  sources: string[];
  init: 'normal' | 'zeros' | 'ones';
}

/** The same tree with another kind of leaf in the place of each `WeightSpec`. */
export type TreeOf<T, W> = T extends WeightSpec
  ? W
  : T extends readonly (infer Item)[]
    ? TreeOf<Item, W>[]
    : T extends object
      ? { [Key in keyof T]: TreeOf<T[Key], W> }
      : T;

/** Scores for start and end from an encoder's values. */
export interface Answer {
  answer: Linear<WeightSpec>;
}

/**
 * A family; `C` is its configuration, `T` the tree of its weights. The order of the tree is that of the parameters, from which the
 * random numbers of a new model follow.
 */
export interface Family<C extends ModelConfig, T extends Answer> {
  /** `model_type` of config.json, and the class of transformers that answers questions. */
  classNames: Record<string, string>;
  /** Of the encoder's tensors in a file of the whole model; a file of the encoder alone lacks it. */
  prefix: string;
  /** Reads what the family adds to the common fields; see `commonConfig`. @throws ModelError `E_MODEL_CONFIG` */
  readConfig(read: ConfigReader): Omit<C, 'raw' | 'nullThreshold' | 'temperature' | 'floatFields'>;
  /** Fields of config.json that have other names than BERT's. */
  fields?: Partial<Record<SizeName, string>>;
  /** Tensors, without the prefix, that a field of config.json leaves out, and what it is where it is not there. */
  optional?: { tensor: RegExp; field: string; absent: unknown }[];
  /** The table of the weights' names. */
  weights(config: C): T;
  /** Ids, types and positions → what the first layer is given, [tokens, hidden]. */
  embed<V, W>(ops: Ops<V, W>, weights: TreeOf<T, W>, config: C): V;
  /** What layer `index` makes of its values, [tokens, hidden] → the same; what all layers share is made in this call, once. */
  layers<V, W>(ops: Ops<V, W>, weights: TreeOf<T, W>, config: C): (x: V, index: number) => V;
  /** What comes behind the last layer; absent: nothing. */
  finish?<V, W>(ops: Ops<V, W>, weights: TreeOf<T, W>, config: C, x: V): V;
  /** Hidden states → scores, [tokens, 2]; where it is absent: dropout and one product. */
  head?<V, W>(ops: Ops<V, W>, weights: TreeOf<T, W>, config: C, hidden: V): V;
}

/** A family whose configuration and weights are of no concern. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each family takes its own
export type AnyFamily = Family<any, any>;

/** Dropout streams: four for each layer from 0 on, and these. */
const EMBEDDING_SITE = -1;
const ANSWER_SITE = -2;

/** Dropout of layer `index`: 0 in its attention, 1 behind it, 2 behind the feed-forward part, 3 inside that. */
export function layerDropout(rate: number, index: number, place: 0 | 1 | 2 | 3): Dropout {
  return { rate, site: 4 * index + place };
}

export function embeddingDropout(rate: number): Dropout {
  return { rate, site: EMBEDDING_SITE };
}

export function answerDropout(rate: number): Dropout {
  return { rate, site: ANSWER_SITE };
}

/** A table [rows, width] of the file. */
export function table(source: string, rows: number, width: number): WeightSpec {
  return { shape: [rows, width], sources: [`${source}.weight`], init: 'normal' };
}

/** A linear map; several sources of equal height are stacked. */
export function linear(sources: string | string[], out: number, width: number, hasBias = true): Linear<WeightSpec> {
  const list = [sources].flat();
  const weight: WeightSpec = { shape: [out, width], sources: list.map((name) => `${name}.weight`), init: 'normal' };
  if (!hasBias) return { weight };
  return { weight, bias: { shape: [out], sources: list.map((name) => `${name}.bias`), init: 'zeros' } };
}

export function norm(source: string, width: number, hasBias = true): Norm<WeightSpec> {
  const weight: WeightSpec = { shape: [width], sources: [`${source}.weight`], init: 'ones' };
  if (!hasBias) return { weight };
  return { weight, bias: { shape: [width], sources: [`${source}.bias`], init: 'zeros' } };
}

/** `count` times what `make` gives for 0, 1, … */
export function repeat<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
