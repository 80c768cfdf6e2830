// The ways through the lesson: a workshop that runs anywhere in minutes, the same with all its data, and the lesson's own data and model.
import path from 'node:path';
import { type DataSetOptions, DATA_SETS, fetchDataSet } from '../download/data-sets';
import { SpanlabError } from '../errors';
import { resolveModel } from '../model/resolve';
import { packageFile, projectRoot } from '../root';
import { showDownload } from '../show/download';

export type ProfileName = 'workshop' | 'workshop-full' | 'squad';

/** What a run through the lesson uses. */
export interface Profile {
  name: ProfileName;
  /** Folder or name of the encoder to start from. */
  encoder: string;
  epochs: number;
  batchSize: number;
  learningRate: number;
  /** What is dropped in training; absent, what the model's config.json says. */
  dropout?: number;
  /** Tokens in a window. */
  maxLength: number;
  /** Where the trained model goes. */
  output: string;
}

/** The workshop's recipe was chosen on held-out questions: bench/results/recipes.md. */
const PROFILES: Record<ProfileName, Omit<Profile, 'name' | 'output'>> = {
  workshop: { encoder: 'workshop', epochs: 2, batchSize: 8, learningRate: 2e-4, dropout: 0.05, maxLength: 384 },
  'workshop-full': {
    encoder: 'workshop',
    epochs: 4,
    batchSize: 8,
    learningRate: 1e-4,
    dropout: 0.05,
    maxLength: 384,
  },
  squad: { encoder: 'distilbert-base-uncased', epochs: 3, batchSize: 16, learningRate: 5e-5, maxLength: 384 },
};

/**
 * The profile named by the argument or by `SPANLAB_PROFILE`; `workshop` when there is none. `SPANLAB_MODELS` names another folder
 * for its model than `models`.
 *
 * @throws SpanlabError `E_PROFILE`
 * @example chooseProfile('workshop').epochs // 2
 */
export function chooseProfile(name = process.env.SPANLAB_PROFILE ?? 'workshop'): Profile {
  if (!isProfile(name)) {
    throw new SpanlabError('E_PROFILE', `unknown profile "${name}"; choose workshop, workshop-full or squad`);
  }
  const models = process.env.SPANLAB_MODELS ?? path.join(projectRoot(), 'models');
  return { name, ...PROFILES[name], output: path.join(models, `${name}-qa`) };
}

const isProfile = (name: string): name is ProfileName => Object.hasOwn(PROFILES, name);

/** The files of a profile, in SQuAD's format. */
export interface ProfileData {
  /** What the tutorial trains on. */
  train: string;
  /** What the other notebooks explore and train on: the part of `train` that comes first. */
  part: string;
  /** Held out. */
  dev: string;
}

/** The files to train and to evaluate on; SQuAD's are downloaded once. */
export async function profileData({ name }: Profile, options: DataSetOptions = {}): Promise<ProfileData> {
  if (name === 'squad') {
    const folder = path.join(projectRoot(), 'data', 'squad');
    const { train, dev } = await showDownload((onProgress) =>
      fetchDataSet(DATA_SETS['squad-v2.0'], folder, { onProgress, ...options }),
    );
    return { train, part: train, dev };
  }
  const file = (file: string) => packageFile('data', 'workshop', file);
  const train = name === 'workshop' ? 'tutorial-train.json' : 'full-train.json';
  return { train: file(train), part: file('train.json'), dev: file('dev.json') };
}

/** The folder of the encoder to start from, fetched once. */
export function profileEncoder({ encoder }: Profile): Promise<string> {
  return showDownload((onProgress) => resolveModel(encoder, { onProgress }));
}
