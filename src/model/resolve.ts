// From what a person names — a folder, the workshop's encoder, a good start, a model of the hub — to a folder on this machine.
import fs from 'node:fs';
import path from 'node:path';
import { ModelError } from './errors';
import type { HubOptions } from '../download/hub-file';
import { parseRepository } from '../download/hub-repository';
import { finishReplacing } from '../staged-folder';
import { nameInAddress, nearModel } from './near-model';
import { OTHERS, otherWeights } from './weight-files';
import { startNamed } from './starts';

/**
 * The folder of a model. A short name (`squad-small`; the list is that of `spanlab model`) stands for one of the hub. A name of the hub (`owner/name` or `owner/name@revision`) is fetched once; then it stays as it is until
 * `spanlab download` asks for a newer one.
 *
 * @throws ModelError `E_MODEL_UNKNOWN` when it is neither a model folder nor the name of a model; `E_MODEL_FETCH`.
 * @example await resolveModel('distilbert-base-uncased')
 */
export async function resolveModel(model: string, options: HubOptions = {}): Promise<string> {
  if (fs.existsSync(model)) finishReplacing(model);
  if (fs.existsSync(path.join(model, 'config.json'))) return model;
  if (fs.existsSync(model)) throw noModel(model);
  const { ensureWorkshopEncoder, WORKSHOP_ENCODER } = workshopEncoder();
  if (model === 'workshop' || model === WORKSHOP_ENCODER) return ensureWorkshopEncoder();
  return fromHub(model, options);
}

/* eslint-disable @typescript-eslint/no-require-imports -- what fetches is much code, and a folder needs none of it */
const workshopEncoder = () => require('./workshop-encoder') as typeof import('./workshop-encoder');
const hub = () => require('./hub') as typeof import('./hub');
/* eslint-enable @typescript-eslint/no-require-imports */

/** What is there has no model in it that we can read. */
function noModel(place: string): ModelError {
  const isFolder = fs.statSync(place).isDirectory();
  const near = nearModel(place);
  const other = isFolder ? otherWeights(place) : OTHERS.test(place) ? path.basename(place) : undefined;
  if (near === undefined && other !== undefined) {
    const what = /\.onnx$/i.test(other)
      ? 'ONNX is a form to hand on, and cannot be read'
      : 'a form that we do not read';
    const advice = 'give the folder that save_pretrained wrote in Python, with config.json and model.safetensors';
    return new ModelError(
      'E_MODEL_UNKNOWN',
      `${place}: ${isFolder ? `no config.json, and ${other}: ` : ''}${what}; ${advice}`,
    );
  }
  const problem = isFolder ? 'no config.json in this folder' : 'this is no folder';
  const advice = near ?? 'give a folder that a model was saved in';
  return new ModelError('E_MODEL_UNKNOWN', `${place}: ${problem}; ${advice}`);
}

async function fromHub(model: string, options: HubOptions): Promise<string> {
  const start = startNamed(model);
  const repository = parseRepository(start?.repository ?? model);
  const inAddress = nameInAddress(model);
  if (inAddress !== undefined && repository?.kind !== 'model') {
    throw new ModelError('E_MODEL_UNKNOWN', `${model}: an address of the hub; write the name alone, ${inAddress}`);
  }
  if (repository?.kind !== 'model') {
    throw new ModelError(
      'E_MODEL_UNKNOWN',
      `${model}: no such folder, and not a name of the hub (owner/name or owner/name@revision), nor one that \`spanlab model\` lists; check it`,
    );
  }
  const { fetchModel, findModel } = hub();
  const found = findModel(repository);
  if (found !== undefined) return found;
  try {
    return await fetchModel(repository, options);
  } catch (error) {
    throw start ? withoutNetwork(error, model) : error;
  }
}

/** What to start from where a good start cannot be fetched. */
function withoutNetwork(error: unknown, name: string): unknown {
  if (!(error instanceof ModelError)) return error;
  const advice = 'without a network start from models/workshop-qa, which npm start leaves';
  return new ModelError(error.code, `${name}: ${error.message}; ${advice}`, { cause: error });
}
