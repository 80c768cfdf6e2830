// The lesson's first step: SQuAD's two files into a folder.
import path from 'node:path';
import type { FetchOptions } from './fetch-file';
import { fetchFile } from './fetch-file';

/** The official place; `SPANLAB_MIRROR` names another one with the same file names. */
const OFFICIAL = 'https://rajpurkar.github.io/SQuAD-explorer/dataset/';

/** SHA-256 of SQuAD v2.0's files. */
const HASHES: Record<string, string> = {
  'train-v2.0.json': '68dcfbb971bd3e96d5b46c7177b16c1a4e7d4bdef19fb204502738552dede002',
  'dev-v2.0.json': '80a5225e94905956a6446d296ca1093975c4d3b3260f1d6c8f68bc2ab77182d8',
};

export type SquadVersion = 'v1.1' | 'v2.0';

/**
 * Fetches `train-VERSION.json` and `dev-VERSION.json` into `folder` unless they are there, and returns their paths.
 *
 * @throws SquadError `E_DOWNLOAD`, `E_DOWNLOAD_HASH`; FileError
 * @example const { train, dev } = await downloadSquad('data/squad')
 */
export async function downloadSquad(
  folder: string,
  { version = 'v2.0', mirror, ...options }: FetchOptions & { version?: SquadVersion; mirror?: string } = {},
): Promise<{ train: string; dev: string }> {
  const base = (mirror ?? process.env.SPANLAB_MIRROR ?? OFFICIAL).replace(/\/*$/, '/');
  const get = async (name: string) => {
    const target = path.join(folder, name);
    await fetchFile(base + name, target, { sha256: HASHES[name], ...options });
    return target;
  };
  return { train: await get(`train-${version}.json`), dev: await get(`dev-${version}.json`) };
}
