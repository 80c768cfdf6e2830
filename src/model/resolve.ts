// From what a person names — a folder, the workshop's encoder, a model of the hub — to a folder on this machine.
import fs from 'node:fs';
import path from 'node:path';
import { ModelError } from './errors';
import type { HubOptions } from '../download/hub-file';
import { parseRepository } from '../download/hub-repository';
import { finishReplacing } from '../staged-folder';
import { fetchModel, findModel } from './hub';
import { ensureWorkshopEncoder, WORKSHOP_ENCODER } from './workshop-encoder';

/**
 * The folder of a model. A name of the hub (`owner/name` or `owner/name@revision`) is fetched once; then it stays as it is until
 * `spanlab download` asks for a newer one.
 *
 * @throws ModelError `E_MODEL_UNKNOWN` when it is neither a model folder nor the name of a model; `E_MODEL_FETCH`.
 * @example await resolveModel('distilbert-base-uncased')
 */
export async function resolveModel(model: string, options: HubOptions = {}): Promise<string> {
  if (fs.existsSync(model)) finishReplacing(model);
  if (fs.existsSync(path.join(model, 'config.json'))) return model;
  if (fs.existsSync(model)) {
    throw new ModelError(
      'E_MODEL_UNKNOWN',
      `${model}: no config.json in this folder; give a folder that a model was saved in`,
    );
  }
  if (model === 'workshop' || model === WORKSHOP_ENCODER) return ensureWorkshopEncoder();
  const repository = parseRepository(model);
  if (repository?.kind !== 'model') {
    throw new ModelError(
      'E_MODEL_UNKNOWN',
      `${model}: no such folder, and not a name of the hub (owner/name or owner/name@revision); check it`,
    );
  }
  return findModel(repository) ?? fetchModel(repository, options);
}
