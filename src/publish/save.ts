// The lesson's `save_pretrained`: a folder in Hugging Face's layout, which Python opens too.
import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../errors';
import type { ModelConfig } from '../model/config';
import type { QuestionAnsweringModel } from '../model/question-answering';
import { exportWeights } from '../model/weights';
import type { Tokenizer } from '../tokens/tokenizer';
import { writeAtomically, writeSafetensors } from './safetensors-writer';

const CLASS_NAMES = { bert: 'BertForQuestionAnswering', distilbert: 'DistilBertForQuestionAnswering' };

/**
 * Saves model and tokenizer: `config.json`, `model.safetensors`, `tokenizer.json` and its companions.
 *
 * @throws FileError when the folder cannot be written.
 * @example await savePretrained(model, tokenizer, 'models/distilbert-custom')
 */
export async function savePretrained(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  folder: string,
): Promise<void> {
  ensureWritable(folder);
  const weights = exportWeights(model.config, (name) => model.parameters.get(name).dataSync() as Float32Array);
  const config = JSON.stringify(savedConfig(model.config), null, 2) + '\n';
  writeSafetensors(path.join(folder, 'model.safetensors'), weights);
  writeAtomically(path.join(folder, 'config.json'), (descriptor) => fs.writeSync(descriptor, config));
  await tokenizer.save(folder);
}

/**
 * Makes the folder and tries to write into it: a long training must not find out at its end that it cannot be saved.
 *
 * @throws FileError
 */
export function ensureWritable(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
    const probe = path.join(folder, `.spanlab-${process.pid}`);
    fs.writeFileSync(probe, '');
    fs.rmSync(probe);
  } catch (error) {
    throw toFileError(error, folder);
  }
}

function savedConfig({ raw, architecture }: ModelConfig): Record<string, unknown> {
  const config: Record<string, unknown> = { ...raw, architectures: [CLASS_NAMES[architecture]], dtype: 'float32' };
  delete config._name_or_path; // where the encoder came from says nothing about this model
  delete config.torch_dtype; // the older name of dtype
  return config;
}
