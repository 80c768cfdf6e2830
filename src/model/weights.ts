// From the tensors of a file to the model's weights and back.
import type { ParameterData } from '../engine/parameter-store';
import { Random } from '../engine/random';
import type { ModelConfig } from './config';
import { ModelError } from './errors';
import { type WeightName, weightNames } from './names';
import { checkParts } from './size-checks';
import { checkFilled, checkFinite, checkWeights } from './weight-checks';
import { WeightFiles } from './weight-files';
import { checkMemory } from './memory';

/** What came with a folder and what did not, in the words of Python's `from_pretrained`. */
export interface LoadReport {
  /** Weights that the files do not have; they were drawn at random. */
  missing: string[];
  /** Tensors of the files that the model does not use. */
  unexpected: string[];
}

/**
 * Reads every weight of the model; those that the folder lacks are drawn as the reference does (normal, `initializer_range`).
 *
 * @param wanted Which weights are read at all, of an optimizer's moments; absent: all of a model's, which are never all zeros.
 * @throws ModelError `E_MODEL_WEIGHTS` when a tensor has the wrong shape or values that are no numbers, or no encoder weight is
 * there at all; `E_MODEL_MEMORY`
 */
export function loadWeights(
  folder: string,
  config: ModelConfig,
  seed = 0,
  wanted?: (name: string) => boolean,
): [Map<string, ParameterData>, LoadReport] {
  const files = new WeightFiles(folder);
  try {
    const all = weightNames(config);
    const names = wanted === undefined ? all : all.filter(({ name }) => wanted(name));
    checkParts(folder, config, all, names, files);
    checkWeights(folder, config, names, files);
    const data = new Map<string, ParameterData>();
    const missing: string[] = [];
    const used = new Set<string>();
    for (const [index, entry] of names.entries()) {
      const found = entry.sources.map((source) => files.find(source));
      if (found.every((name): name is string => name !== undefined)) {
        const values = assemble(files, entry, found);
        checkFinite(entry.name, values);
        if (wanted === undefined) checkFilled(files, entry, found, values);
        data.set(entry.name, { shape: entry.shape, values });
        found.forEach((name) => used.add(name));
      } else {
        data.set(entry.name, initialWeight(entry, config, new Random(seed, index)));
        missing.push(...entry.sources.filter((_, i) => !found[i]));
      }
    }
    if (used.size === 0)
      throw new ModelError('E_MODEL_WEIGHTS', `${folder}: no weight of a ${config.architecture} model in it`);
    return [data, { missing, unexpected: files.names.filter((name) => !used.has(name)) }];
  } finally {
    files.close();
  }
}

/** Random weights for every name: a model that was never trained. */
export function initialWeights(config: ModelConfig, seed = 0): Map<string, ParameterData> {
  const names = weightNames(config);
  checkMemory(
    names.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    'a model of these sizes',
  );
  return new Map(
    [...names.entries()].map(([i, entry]) => [entry.name, initialWeight(entry, config, new Random(seed, i))]),
  );
}

function assemble(files: WeightFiles, { shape }: WeightName, found: string[]): Float32Array {
  if (found.length === 1) return files.read(found[0]);
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  found.forEach((part, i) => values.set(files.read(part), (i * values.length) / found.length));
  return values;
}

function initialWeight({ shape, init }: WeightName, { initializerRange }: ModelConfig, random: Random): ParameterData {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  if (init === 'ones') values.fill(1);
  if (init === 'normal') values.forEach((_, i) => (values[i] = random.normal() * initializerRange));
  return { shape, values };
}

/** The model's weights under Hugging Face's names, fused ones split again; without those that `read` does not have. */
export function exportWeights(
  config: ModelConfig,
  read: (name: string) => Float32Array | undefined,
): Map<string, ParameterData> {
  const tensors = new Map<string, ParameterData>();
  for (const { name, shape, sources } of weightNames(config)) {
    const values = read(name);
    if (!values) continue;
    const size = values.length / sources.length;
    const part = [shape[0] / sources.length, ...shape.slice(1)];
    sources.forEach((source, i) =>
      tensors.set(source, { shape: part, values: values.subarray(i * size, (i + 1) * size) }),
    );
  }
  return tensors;
}
