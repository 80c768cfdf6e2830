// One table between our weights and the names they have in Hugging Face's files: the tree of a family, flat.
import type { ModelConfig } from './config';
import { FAMILIES, familyOf } from './families';
import type { Answer, TreeOf, WeightSpec } from './family';

/** A weight: our name, which is its path in the family's tree, and what the family says of it. */
export interface WeightName extends WeightSpec {
  name: string;
}

/** The trees that were made: a step of training asks for its model's each time. */
const trees = new WeakMap<ModelConfig, Answer>();

function specsOf(config: ModelConfig): Answer {
  const tree = trees.get(config) ?? (familyOf(config.architecture)!.weights(config) as Answer);
  trees.set(config, tree);
  return tree;
}

/** Every weight of the model. */
export function weightNames(config: ModelConfig): WeightName[] {
  const names: WeightName[] = [];
  mapTree(specsOf(config), (spec, name) => names.push({ name, ...spec }));
  return names;
}

/**
 * The tree of the model's family with something in the place of each weight.
 *
 * @example weightTree(config, (name) => parameters.get(name))
 */
export function weightTree<W>(config: ModelConfig, of: (name: string, spec: WeightSpec) => W): TreeOf<Answer, W> {
  return mapTree(specsOf(config), (spec, name) => of(name, spec));
}

function mapTree<T, W>(tree: T, of: (spec: WeightSpec, name: string) => W, path = ''): TreeOf<T, W> {
  if (isSpec(tree)) return of(tree, path) as TreeOf<T, W>;
  if (tree === undefined) return undefined as TreeOf<T, W>;
  const below = (key: string | number) => (path ? `${path}.${key}` : String(key));
  if (Array.isArray(tree)) return tree.map((item, i) => mapTree(item, of, below(i))) as TreeOf<T, W>;
  const entries = Object.entries(tree as object).map(([key, item]) => [key, mapTree(item, of, below(key))]);
  return Object.fromEntries(entries) as TreeOf<T, W>;
}

function isSpec(node: unknown): node is WeightSpec {
  return typeof node === 'object' && node !== null && 'sources' in node;
}

/**
 * The names under which a file may hold a tensor: with or without the model's prefix, as old TensorFlow ports wrote norms, and all of
 * these as PyTorch's DataParallel names them.
 */
export function aliases(source: string): string[] {
  const prefix = FAMILIES.map((family) => `${family.prefix}.`).find((name) => source.startsWith(name)) ?? '';
  const bare = source.slice(prefix.length);
  const old = (name: string) =>
    name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta');
  const names = [...new Set([source, bare, old(source), old(bare)])];
  return [...names, ...names.map((name) => `module.${name}`)];
}
