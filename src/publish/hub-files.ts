// Which files of a folder belong to a model: those that are sent to the hub, and nothing else that lies next to them.
import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../errors';
import { PublishError } from './errors';
import { isShard } from '../model/weight-files';
import { homeOf, isInside, linkError } from './links';
import { checkOnnx } from './onnx/belongs';
import { ONNX_FILES } from './onnx/write';

const NAMES = new Set([
  ...['config.json', 'model.safetensors', 'README.md', 'LICENSE', 'LICENSE.md'],
  ...['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'vocab.txt', 'eval_results.json'],
  ...Object.values(ONNX_FILES),
]);

/** A file with its name in the repository and its place here. */
export interface ModelFile {
  name: string;
  file: string;
  bytes: number;
  /** Where it is, when the folder holds a link to it. */
  linked?: string;
}

/**
 * Weights, configuration, tokenizer, ONNX files, card and metrics. Checkpoints, states of the optimizer, logs and `run.json`, which
 * names folders and machines, stay here, and so do shards next to a whole file, which are of an older save.
 *
 * A link counts when it stays in the folder, or in the repository of the hub's cache that the folder is a part of: whatever else it
 * leads to was not meant to be published.
 *
 * @param isRemade Whether the ONNX files will be made anew, so that those that are there need not be of these weights.
 * @throws FileError; PublishError `E_PUBLISH_LINK`; `E_PUBLISH_MODEL` without weights, `E_PUBLISH_STALE` with ONNX files of other weights
 * @example modelFiles('models/mine').map(({ name }) => name) // ['README.md', 'config.json', …]
 */
export function modelFiles(folder: string, isRemade = false): ModelFile[] {
  const all = listFiles(folder);
  const isWhole = all.includes('model.safetensors');
  const names = all.filter((name) => NAMES.has(name) || (!isWhole && isShard(name)));
  if (!names.includes('config.json') || !names.some((name) => name.endsWith('.safetensors'))) {
    const advice = 'give the folder that training saved';
    throw new PublishError('E_PUBLISH_MODEL', `${folder}: no config.json with model.safetensors; ${advice}`);
  }
  if (!isRemade) checkOnnx(folder);
  const home = homeOf(folder);
  return names.sort().map((name) => {
    const file = fs.realpathSync(path.join(folder, name));
    const isLink = file !== path.join(fs.realpathSync(folder), name);
    if (isLink && !isInside(file, home)) throw linkError(name, file, home);
    return { name, file, bytes: fs.statSync(file).size, ...(isLink && { linked: file }) };
  });
}

function listFiles(folder: string): string[] {
  try {
    const onnx = fs.existsSync(path.join(folder, 'onnx')) ? fs.readdirSync(path.join(folder, 'onnx')) : [];
    const names = [...fs.readdirSync(folder), ...onnx.map((name) => `onnx/${name}`)];
    return names.filter((name) => fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.isFile());
  } catch (error) {
    throw toFileError(error, folder);
  }
}
