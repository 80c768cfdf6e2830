// Data sets by name: SQuAD's files, from their official place or a mirror.
import path from 'node:path';
import { type FetchOptions, fetchFile } from './file';

/** Where the files of a data set are, and what they hash to. */
export interface DataSet {
  base: string;
  train: [file: string, sha256: string];
  dev: [file: string, sha256: string];
}

const SQUAD = 'https://rajpurkar.github.io/SQuAD-explorer/dataset/';

/** The names that `spanlab download` knows. */
export const DATA_SETS: Record<string, DataSet> = {
  'squad-v1.1': {
    base: SQUAD,
    train: ['train-v1.1.json', '3527663986b8295af4f7fcdff1ba1ff3f72d07d61a20f487cb238a6ef92fd955'],
    dev: ['dev-v1.1.json', '95aa6a52d5d6a735563366753ca50492a658031da74f301ac5238b03966972c9'],
  },
  'squad-v2.0': {
    base: SQUAD,
    train: ['train-v2.0.json', '68dcfbb971bd3e96d5b46c7177b16c1a4e7d4bdef19fb204502738552dede002'],
    dev: ['dev-v2.0.json', '80a5225e94905956a6446d296ca1093975c4d3b3260f1d6c8f68bc2ab77182d8'],
  },
};

/** `mirror` (else `SPANLAB_MIRROR`) names another place with the same file names. */
export type DataSetOptions = Omit<FetchOptions, 'sha256' | 'gitSha1' | 'headers' | 'lock'> & { mirror?: string };

/**
 * Fetches both files of a data set into `folder` unless they are there, and returns their paths.
 *
 * @throws DownloadError, FileError
 * @example const { train, dev } = await fetchDataSet(DATA_SETS['squad-v2.0'], 'data/squad')
 */
export async function fetchDataSet(
  dataSet: DataSet,
  folder: string,
  { mirror, ...options }: DataSetOptions = {},
): Promise<{ train: string; dev: string }> {
  const base = (mirror || process.env.SPANLAB_MIRROR || dataSet.base).replace(/\/*$/, '/');
  const get = async ([name, sha256]: [string, string]) => {
    const target = path.join(folder, name);
    await fetchFile(base + name, target, { ...options, sha256 });
    return target;
  };
  return { train: await get(dataSet.train), dev: await get(dataSet.dev) };
}
