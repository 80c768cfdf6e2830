// The rows of a run: its own, followed by general ones where some are mixed in.
import { createHash } from 'node:crypto';
import type { Features } from '../tokens/features';
import { joinFeatures } from '../tokens/join';
import { hashFeatures } from './run-file';
import type { TrainerSetup } from './setup';
import { TrainingError } from './errors';
import { type TeacherScores, joinScores } from './teacher';

export interface TrainingRows {
  features: Features;
  /** The first so many are the person's own; the others are general. */
  own: number;
  /** Names of the records. */
  ids?: string[];
  teacher?: TeacherScores;
}

/** @example rowsOf({ features, mix: { features: general } }).own // features.count */
export function rowsOf({
  features,
  ids,
  mix,
  teacher,
}: Pick<TrainerSetup, 'features' | 'ids' | 'mix' | 'teacher'>): TrainingRows {
  checkScores(features, teacher);
  if (!mix || mix.features.count === 0) return { features, own: features.count, ids, teacher };
  if ((teacher === undefined) !== (mix.teacher === undefined)) {
    throw new TrainingError(
      'E_TRAIN_TEACHER',
      'a teacher scores all rows or none; give its scores of own and of mixed rows',
    );
  }
  checkScores(mix.features, mix.teacher);
  const records = ids?.length ?? features.record.reduce((most, record) => Math.max(most, record), -1) + 1;
  const names = ids && mix.ids && [...ids, ...mix.ids];
  return {
    features: joinFeatures(features, mix.features, records),
    own: features.count,
    ids: names,
    ...(teacher && { teacher: joinScores(teacher, mix.teacher!) }),
  };
}

/** @throws TrainingError `E_TRAIN_TEACHER` for scores of other rows, or that are no numbers */
function checkScores({ inputIds }: Features, teacher?: TeacherScores): void {
  for (const scores of teacher ? [teacher.startLogits, teacher.endLogits] : []) {
    if (scores.length === inputIds.length && scores.every(Number.isFinite)) continue;
    const problem = `the teacher has ${scores.length} scores for ${inputIds.length} tokens, or some are no numbers`;
    throw new TrainingError('E_TRAIN_TEACHER', `${problem}; compute them for these very rows`);
  }
}

/** SHA-256 of what is trained on: tokens, labels, which rows are general, and what a teacher says of them. */
export function hashRows({ features, own, teacher }: TrainingRows): string {
  const general = own < features.count ? `own ${own}` : '';
  return hashFeatures(features, teacher ? `${general} teacher ${hashScores(teacher)}` : general);
}

function hashScores({ startLogits, endLogits }: TeacherScores): string {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of [startLogits, endLogits]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
