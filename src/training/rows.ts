// The rows of a run: its own, and general ones behind them where some are mixed in.
import type { Features } from '../tokens/features';
import { joinFeatures } from '../tokens/join';
import { hashFeatures } from './run-file';
import type { TrainerSetup } from './setup';

export interface TrainingRows {
  features: Features;
  /** The first so many are the person's own; the others are general. */
  own: number;
  /** Names of the records. */
  ids?: string[];
}

/** @example rowsOf({ features, mix: { features: general } }).own // features.count */
export function rowsOf({ features, ids, mix }: Pick<TrainerSetup, 'features' | 'ids' | 'mix'>): TrainingRows {
  if (!mix || mix.features.count === 0) return { features, own: features.count, ids };
  const records = ids?.length ?? features.record.reduce((most, record) => Math.max(most, record), -1) + 1;
  const names = ids && mix.ids && [...ids, ...mix.ids];
  return { features: joinFeatures(features, mix.features, records), own: features.count, ids: names };
}

/** SHA-256 of what is trained on: tokens, labels, and which rows are general. */
export function hashRows({ features, own }: TrainingRows): string {
  return hashFeatures(features, own < features.count ? `own ${own}` : '');
}
