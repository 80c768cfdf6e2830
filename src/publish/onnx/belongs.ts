// Whether ONNX files were made from the weights next to them: after another training they are of a model that is gone.
import fs from 'node:fs';
import path from 'node:path';
import { hashWeights } from '../../model/weights-hash';
import { PublishError } from '../errors';
import { decodeModel } from './messages';
import { ONNX_FILES, WEIGHTS_KEY } from './write';

/** The ONNX files of a folder, by their names in it. */
export function onnxNames(folder: string): string[] {
  return Object.values(ONNX_FILES).filter((name) => fs.existsSync(path.join(folder, name)));
}

/**
 * Refuses ONNX files of ours that were made from other weights. Files of other programs do not say, and are left alone.
 *
 * @throws PublishError `E_PUBLISH_STALE`
 */
export function checkOnnx(folder: string): void {
  const made = onnxNames(folder).map((name) => [name, madeFrom(path.join(folder, name))] as const);
  const ours = made.filter(([, hash]) => hash !== undefined);
  if (ours.length === 0) return;
  const weights = hashWeights(folder);
  const stale = ours.find(([, hash]) => hash !== weights)?.[0];
  if (stale === undefined) return;
  const advice = 'make it again (publish --onnx), or delete the folder onnx';
  throw new PublishError(
    'E_PUBLISH_STALE',
    `${path.join(folder, stale)}: made from other weights than these; ${advice}`,
  );
}

function madeFrom(file: string): string | undefined {
  try {
    return decodeModel(fs.readFileSync(file)).metadataProps?.find(({ key }) => key === WEIGHTS_KEY)?.value;
  } catch {
    return undefined; // not of our making
  }
}
