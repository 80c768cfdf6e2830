// From what a person names — a folder, the workshop's encoder, a model of the hub — to a folder on this machine.
import fs from 'node:fs';
import path from 'node:path';
import { ModelError } from './errors';
import { fetchModel } from './hub';
import { ensureWorkshopEncoder, WORKSHOP_ENCODER } from './workshop-encoder';

/** `owner/name` or the hub's old short names such as `distilbert-base-uncased`. */
const HUB_NAME = /^(?:[\w-][\w.-]*\/)?[\w-][\w.-]*$/;

/**
 * The folder of a model, fetched and cached when it is a name.
 *
 * @throws ModelError `E_MODEL_UNKNOWN` when it is neither a model folder nor the name of a model; `E_MODEL_FETCH`.
 * @example await resolveModel('distilbert-base-uncased')
 */
export async function resolveModel(model: string): Promise<string> {
  if (fs.existsSync(path.join(model, 'config.json'))) return model;
  if (fs.existsSync(model)) {
    throw new ModelError(
      'E_MODEL_UNKNOWN',
      `${model}: no config.json in this folder; give a folder that a model was saved in`,
    );
  }
  if (model === 'workshop' || model === WORKSHOP_ENCODER) return ensureWorkshopEncoder();
  if (!HUB_NAME.test(model)) {
    throw new ModelError(
      'E_MODEL_UNKNOWN',
      `${model}: no such folder, and not a name of the hub (owner/name); check it`,
    );
  }
  return fetchModel(model);
}
