// The lesson's `save_pretrained`: a folder in Hugging Face's layout, which Python opens too.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FileError, toFileError } from '../errors';
import type { ModelConfig } from './config';
import { configText } from './config-text';
import { familyOf } from './families';
import type { QuestionAnsweringModel } from './question-answering';
import { isShard } from './weight-files';
import { exportWeights } from './weights';
import { replaceTogether } from '../staged-folder';
import type { Tokenizer } from '../tokens/tokenizer';
import { writeSafetensors } from './safetensors/write';
import { makeFolder } from '../make-folder';

/**
 * Saves model and tokenizer: `config.json`, `model.safetensors`, `tokenizer.json` and its companions. Killed at any moment, the
 * folder holds what it held or what is saved, never parts of both; `replaceTogether` does it.
 *
 * @throws FileError when the folder cannot be written.
 * @example await savePretrained(model, tokenizer, 'models/distilbert-custom')
 */
export async function savePretrained(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  folder: string,
): Promise<void> {
  const values = new Map<string, Float32Array>();
  // WebGPU reads back only asynchronously
  for (const name of model.parameters.names)
    values.set(name, (await model.parameters.get(name).data()) as Float32Array);
  const weights = exportWeights(model.config, (name) => values.get(name)!);
  const config = configText(savedConfig(model.config), model.config.floatFields);
  await replaceTogether(folder, async (stage) => {
    writeSafetensors(path.join(stage, 'model.safetensors'), weights);
    fs.writeFileSync(path.join(stage, 'config.json'), config);
    await tokenizer.save(stage);
  });
  // of a model that was there before: what is left of it would be published along
  for (const name of fs.readdirSync(folder).filter(isShard)) fs.rmSync(path.join(folder, name));
}

/**
 * Makes the folder and tries to write into it: a long training must not find out at its end that it cannot be saved.
 *
 * @throws FileError
 */
export function ensureWritable(folder: string): void {
  try {
    makeFolder(folder);
    const probe = path.join(folder, `.spanlab-${process.pid}`);
    fs.rmSync(probe, { force: true });
    fs.writeFileSync(probe, '', { flag: 'wx' });
    fs.rmSync(probe);
  } catch (error) {
    throw toFileError(error, folder);
  }
}

/**
 * Refuses a disk that is too full for the model, before hours of training.
 *
 * @param copies How many times its weights will be there: once, and three times in each checkpoint.
 * @throws FileError `E_DISK_FULL`
 */
export function ensureRoom(model: QuestionAnsweringModel, folder: string, copies = 1): void {
  const { names } = model.parameters;
  const weights = names.reduce((sum, name) => sum + 4 * model.parameters.shape(name).reduce((a, b) => a * b, 1), 0);
  const bytes = weights * copies;
  const { bavail, bsize } = fs.statfsSync(folder);
  if (bavail * bsize > bytes * 1.05) return;
  const [needed, free] = [bytes, bavail * bsize].map((size) => `${Math.ceil(size / 1e6)} MB`);
  throw new FileError(
    'E_DISK_FULL',
    `${folder}: the model${copies > 1 ? ' with checkpoints' : ''} needs ${needed} and ${free} are free; free some or choose another place`,
  );
}

/**
 * Saves into `folder`, or, where that fails after all, into a new folder among the system's temporary files, so that what was
 * learned is not lost.
 *
 * @throws FileError that names the folder where the model is.
 */
export async function saveOrRescue(model: QuestionAnsweringModel, tokenizer: Tokenizer, folder: string): Promise<void> {
  try {
    await savePretrained(model, tokenizer, folder);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const rescue = await rescueInto(os.tmpdir(), model, tokenizer);
    if (rescue === undefined) throw error; // there is no room either
    throw new FileError(error.code, `${error.message}; the trained model is in ${rescue}`, { cause: error });
  }
}

/** @returns the new folder with the model, or nothing, and no folder is left */
async function rescueInto(
  place: string,
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
): Promise<string | undefined> {
  let rescue: string | undefined;
  try {
    rescue = fs.mkdtempSync(path.join(place, 'spanlab-model-'));
    await savePretrained(model, tokenizer, rescue);
    return rescue;
  } catch {
    if (rescue !== undefined) fs.rmSync(rescue, { recursive: true, force: true });
    return undefined;
  }
}

function savedConfig({ raw, architecture }: ModelConfig): Record<string, unknown> {
  const architectures = [familyOf(architecture)!.classNames[architecture]];
  const config: Record<string, unknown> = { ...raw, architectures, dtype: 'float32' };
  delete config._name_or_path; // where the encoder came from says nothing about this model
  delete config.torch_dtype; // the older name of dtype
  return config;
}
