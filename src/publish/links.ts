// Links in a model's folder: what they lead to elsewhere was not meant to be published, or to be written over.
import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../errors';
import { PublishError } from './errors';

/** What a model is read from and published with; other links in its folder (of runs, of data) lead where they like. */
const OF_A_MODEL = /\.(?:json|txt|model|safetensors|bin|onnx|md)$|^LICENSE$|^onnx$/;

/**
 * Refuses a folder in which some part of the model is a link that leads out of it.
 *
 * @throws PublishError `E_PUBLISH_LINK`; FileError
 * @example refuseLinks('models/mine')
 */
export function refuseLinks(folder: string): void {
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return; // whoever reads it says what it is
  const home = homeOf(folder);
  for (const name of linksIn(folder).filter((one) => OF_A_MODEL.test(one))) {
    const target = targetOf(path.join(folder, name));
    if (!isInside(target, home)) throw linkError(name, target, home);
  }
}

/**
 * The folder that links may lead to: in the hub's cache (`snapshots/COMMIT` next to `blobs`) the repository, else the model's own.
 */
export function homeOf(folder: string): string {
  const real = fs.realpathSync(folder);
  const repository = path.dirname(path.dirname(real));
  const isCache = path.basename(path.dirname(real)) === 'snapshots' && fs.existsSync(path.join(repository, 'blobs'));
  return isCache ? repository : real;
}

export const isInside = (file: string, home: string) => file.startsWith(home + path.sep);

export function linkError(name: string, target: string, home: string): PublishError {
  const advice = 'put a copy of it in its place, if it is meant to be published';
  return new PublishError('E_PUBLISH_LINK', `${name}: is a link to ${target}, outside of ${home}; ${advice}`);
}

function linksIn(folder: string): string[] {
  try {
    const entries = fs.readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name);
  } catch (error) {
    throw toFileError(error, folder);
  }
}

/** Where a link leads, also to what is not there. */
function targetOf(link: string): string {
  try {
    return fs.realpathSync(link);
  } catch {
    return path.resolve(path.dirname(link), fs.readlinkSync(link));
  }
}
