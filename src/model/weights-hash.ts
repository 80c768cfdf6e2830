// Which weights a folder holds, in one number: what was made from others does not belong to them.
import { hashFiles } from '../file-hash';
import { weightFileNames } from './weight-files';

/**
 * SHA-256 of the bytes of the weights, of several files one after another.
 *
 * @throws FileError
 * @example hashWeights('models/mine') // '9f86d08…'
 */
export function hashWeights(folder: string): string {
  return hashFiles(...weightFileNames(folder));
}
