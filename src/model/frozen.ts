// Which weights training leaves alone: the embeddings and the lowest layers of a model that has learned what language is.
import type { ModelConfig } from './config';
import { ModelError } from './errors';
import { weightNames } from './names';
import { counted } from '../counted';

/** What lies above the layers; everything else that belongs to no layer goes into the lowest one. */
const ABOVE = ['finalNorm', 'head', 'answer'];

/**
 * The weights that change when the embeddings and the lowest `frozen` layers do not; all of them for 0.
 *
 * @throws ModelError `E_MODEL_FREEZE` for more layers than there are, or where layers share their weights
 * @example trainableNames(model.config, 4).length
 */
export function trainableNames(config: ModelConfig, frozen: number): string[] {
  const names = weightNames(config).map(({ name }) => name);
  if (frozen === 0) return names;
  checkFrozen(config, frozen, names);
  return names.filter((name) => {
    const [part, index] = name.split('.');
    return part === 'layers' ? Number(index) >= frozen : ABOVE.includes(part);
  });
}

function checkFrozen({ layers, architecture }: ModelConfig, frozen: number, names: string[]): void {
  if (frozen > layers) {
    throw new ModelError(
      'E_MODEL_FREEZE',
      `${counted(frozen, 'layer')} cannot be frozen: the model has ${layers}; give at most ${layers}`,
    );
  }
  const own = new Set(names.filter((name) => name.startsWith('layers.')).map((name) => name.split('.')[1]));
  if (own.size === layers) return;
  const problem = `the layers of ${architecture} share their weights, so that none of them can be frozen alone`;
  throw new ModelError('E_MODEL_FREEZE', `${problem}; train all of it, or take another model`);
}
