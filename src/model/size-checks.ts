// The numbers of config.json beside the tensors of the files: each that shows in a shape, and each that would leave tensors out.
import path from 'node:path';
import { quoted } from '../printable';
import type { ModelConfig } from './config';
import { ModelError } from './errors';
import { familyOf } from './families';
import { type WeightName, aliases } from './names';

/** A number of a config that shows in the weights' shapes. */
export type SizeName =
  | 'vocabularySize'
  | 'maxPositions'
  | 'typeVocabularySize'
  | 'hiddenSize'
  | 'embeddingSize'
  | 'intermediateSize'
  | 'heads'
  | 'layers'
  | 'groups'
  | 'buckets';

/** The field of config.json that a family reads it from, unless it says otherwise. */
const FIELDS: Record<SizeName, string> = {
  vocabularySize: 'vocab_size',
  maxPositions: 'max_position_embeddings',
  typeVocabularySize: 'type_vocab_size',
  hiddenSize: 'hidden_size',
  embeddingSize: 'embedding_size',
  intermediateSize: 'intermediate_size',
  heads: 'num_attention_heads',
  layers: 'num_hidden_layers',
  groups: 'num_hidden_groups',
  buckets: 'position_buckets',
};

/** Which number an axis of a weight shows, by our name of the weight; what is not here shows the hidden size. */
const AXES: [name: RegExp, axis: number, size: SizeName | 'width'][] = [
  [/^embeddings\.word$/, 0, 'vocabularySize'],
  [/^embeddings\.position$/, 0, 'maxPositions'],
  [/^embeddings\.type$/, 0, 'typeVocabularySize'],
  [/^embeddings\.(?:word|position|type)$/, 1, 'width'],
  [/^embeddings\.norm\./, 0, 'width'],
  [/^(?:embeddings\.)?projection\.weight$/, 1, 'width'],
  [/\.feedForward\.up\./, 0, 'intermediateSize'],
  [/\.feedForward\.down\.weight$/, 1, 'intermediateSize'],
  [/^distances$/, 0, 'buckets'],
  [/^biases$/, 1, 'heads'],
];

/** What the folder's files hold. */
export interface HeldTensors {
  readonly names: string[];
  find(source: string): string | undefined;
  shape(name: string): number[];
}

const ADVICE = 'correct config.json, or fetch the folder again: its files do not belong together';

/** @throws ModelError `E_MODEL_WEIGHTS` for a tensor of another shape than the configuration's numbers give */
export function checkShapes(folder: string, config: ModelConfig, needed: WeightName[], files: HeldTensors): void {
  for (const { name, shape, sources } of needed) {
    const expected = [shape[0] / sources.length, ...shape.slice(1)];
    for (const found of sources.map((source) => files.find(source))) {
      if (found === undefined) continue;
      const there = files.shape(found);
      if (there.length === expected.length && there.every((size, i) => size === expected[i])) continue;
      const shapes = `${quoted(found)} has the shape [${there.slice(0, 8)}], config.json needs [${expected}]`;
      const axis = there.findIndex((size, i) => size !== expected[i]);
      const said = there.length === expected.length && sizeProblem(config, name, axis, there[axis], expected[axis]);
      if (said) throw new ModelError('E_MODEL_WEIGHTS', `${fileOf(folder)}: ${said} (${shapes}); ${ADVICE}`);
      throw new ModelError(
        'E_MODEL_WEIGHTS',
        `${folder}: ${shapes} (${name}); the folder's files do not belong together`,
      );
    }
  }
}

/**
 * Parts that config.json leaves out and the files have, which other answers would come of in silence; and the other way round.
 *
 * @param names All weights of the model.
 * @param wanted Those that are read: a part may be missing where nobody asks for it, as in the moments of a frozen run.
 * @throws ModelError `E_MODEL_WEIGHTS`
 */
export function checkParts(
  folder: string,
  config: ModelConfig,
  names: WeightName[],
  wanted: WeightName[],
  files: HeldTensors,
): void {
  const sources = names.flatMap((one) => one.sources);
  const read = wanted.flatMap((one) => one.sources);
  const used = new Set(sources.flatMap(aliases));
  const left = files.names.filter((name) => !used.has(name));
  checkLayerCount(folder, config, sources, left);
  const { prefix, optional = [] } = familyOf(config.architecture)!;
  const start = new RegExp(`^(?:module\\.)?(?:${prefix}\\.)?`);
  const bare = (name: string) => name.replace(start, '');
  for (const { tensor, field, absent } of optional) {
    const of = (list: string[]) => list.filter((name) => tensor.test(bare(name)));
    const [[tooMany], needed] = [of(left), of(read)];
    const isLacking = needed.length > 0 && needed.every((source) => files.find(source) === undefined);
    const isOurs = left.length < files.names.length; // no weight at all is another problem
    if (tooMany === undefined && !(isLacking && isOurs)) continue;
    const there =
      tooMany === undefined ? `no ${quoted(needed[0])}` : `${quoted(tooMany)} of the shape [${files.shape(tooMany)}]`;
    const problem = `${said(config, field, absent)}, the weights have ${there}`;
    throw new ModelError('E_MODEL_WEIGHTS', `${fileOf(folder)}: ${problem}; ${ADVICE}`);
  }
}

/** Layers behind the last one that config.json counts. */
function checkLayerCount(folder: string, config: ModelConfig, sources: string[], left: string[]): void {
  const layered = sources.find((source) => /\.0\./.test(source));
  const before = layered?.slice(0, layered.indexOf('.0.') + 1);
  if (before === undefined) return;
  const places = aliases(before).map((prefix) => new RegExp(`^${prefix.replaceAll('.', '\\.')}(\\d+)\\.`));
  const numbers = left.flatMap((name) => places.flatMap((place) => Number(place.exec(name)?.[1] ?? [])));
  const there = Math.max(-1, ...numbers) + 1;
  const { size, value } = layersOf(config);
  if (there <= value) return;
  const problem = `${said(config, fieldOf(config, size), value)}, the weights have ${there}: the upper ones would be left out`;
  throw new ModelError('E_MODEL_WEIGHTS', `${fileOf(folder)}: ${problem}; ${ADVICE}`);
}

/** Layers with weights of their own: ALBERT's groups. */
function layersOf(config: ModelConfig): { size: SizeName; value: number } {
  const { groups } = config as ModelConfig & { groups?: number };
  return groups === undefined ? { size: 'layers', value: config.layers } : { size: 'groups', value: groups };
}

/** That a field and the weights differ; nothing where the axis shows none, as the two outputs of the head. */
function sizeProblem(config: ModelConfig, name: string, axis: number, there: number, expected: number): string {
  if (name.startsWith('answer.') && axis === 0) return '';
  const shown = AXES.find(([pattern, at]) => at === axis && pattern.test(name))?.[2] ?? 'hiddenSize';
  const size = shown === 'width' ? widthOf(config) : shown;
  const value = valueOf(config, size);
  const weights = (there * value) / expected; // an axis may be two or three times the number
  return `${said(config, fieldOf(config, size), value)}, the weights have ${weights}`;
}

/** Embeddings are as wide as the layers where nothing else is said. */
function widthOf(config: ModelConfig): SizeName {
  const { embeddingSize } = config as ModelConfig & { embeddingSize?: number };
  const isGiven = config.raw[fieldOf(config, 'embeddingSize')] !== undefined;
  return embeddingSize !== undefined && (isGiven || embeddingSize !== config.hiddenSize)
    ? 'embeddingSize'
    : 'hiddenSize';
}

/** As it stands in the file: RoBERTa's tables of positions have rows that no token takes. */
function valueOf(config: ModelConfig, size: SizeName): number {
  const numbers = config as ModelConfig & Partial<Record<SizeName | 'positionRows', number>>;
  return (size === 'maxPositions' ? numbers.positionRows : undefined) ?? numbers[size]!;
}

function fieldOf(config: ModelConfig, size: SizeName): string {
  const field = familyOf(config.architecture)!.fields?.[size] ?? FIELDS[size];
  if (size !== 'buckets') return field;
  // DeBERTa without buckets has a row for each distance
  const given = [field, 'max_relative_positions'].find((name) => (config.raw[name] ?? undefined) !== undefined);
  return given ?? FIELDS.maxPositions;
}

function said({ raw }: ModelConfig, field: string, value: unknown): string {
  if (raw[field] !== undefined && raw[field] !== null) return `${field} is ${quoted(raw[field])}`;
  return `${field} is not there and so ${quoted(value)}`;
}

const fileOf = (folder: string) => path.join(folder, 'config.json');
