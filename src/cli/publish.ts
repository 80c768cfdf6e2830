// `spanlab publish`: a trained model made ready for other programs, for a web page, and for the hub.
import { defineCommand } from 'citty';
import { chooseBackend } from '../engine/backend';
import { QuestionAnsweringModel } from '../model/question-answering';
import { writeCard } from '../publish/card';
import type { CardOptions } from '../publish/card-facts';
import { PublishError } from '../publish/errors';
import { writeOnnx } from '../publish/onnx/write';
import { backendOption, jsonOption } from './options';
import { printResult } from './result';
import { UsageError } from './usage';

interface Args {
  model: string;
  onnx?: boolean;
  backend?: string;
  json?: boolean;
  language: string;
  license?: string;
  'base-model'?: string;
}

export default defineCommand({
  meta: { name: 'publish', description: 'ONNX files and model card, a web page, a repository on the hub' },
  args: {
    model: { type: 'string', description: 'folder of the model', required: true },
    onnx: { type: 'boolean', description: 'add ONNX files (fp32, fp16, int8) and the model card to the folder' },
    language: { type: 'string', description: 'language of the texts, for the card', default: 'en' },
    license: { type: 'string', description: 'licence of the model, for the card' },
    'base-model': { type: 'string', description: 'encoder that training began with, for the card' },
    backend: backendOption,
    json: jsonOption,
  },
  async run({ args }) {
    if (!args.onnx) throw new UsageError('say what to publish: --onnx');
    printResult(await publish(args as Args), args.json === true);
  },
});

async function publish(args: Args): Promise<Record<string, unknown>> {
  const result: Record<string, unknown> = { model: args.model };
  if (args.onnx) result.onnx = await addOnnx(args);
  result.card = writeCard(args.model, cardOptions(args)) ? 'written' : 'kept: README.md is not ours';
  return result;
}

async function addOnnx({ model: folder, backend }: Args): Promise<Record<string, number>> {
  await chooseBackend(backend);
  const model = openTrained(folder);
  const files = await writeOnnx(model, folder);
  model.dispose();
  for (const { name, bytes } of files) process.stderr.write(`${name}: ${(bytes / 1e6).toFixed(1)} MB\n`);
  return Object.fromEntries(files.map(({ name, bytes }) => [name, bytes]));
}

/** @throws PublishError `E_PUBLISH_MODEL` for an encoder whose answer head nobody trained */
function openTrained(folder: string): QuestionAnsweringModel {
  const model = QuestionAnsweringModel.fromPretrained(folder);
  const { missing } = model.report;
  if (missing.length === 0) return model;
  model.dispose();
  const advice = 'train it first (spanlab train) and publish the folder that comes out';
  throw new PublishError('E_PUBLISH_MODEL', `${folder}: the model lacks ${missing.join(', ')}; ${advice}`);
}

function cardOptions({ language, license, 'base-model': baseModel }: Args): CardOptions {
  return { language, license, baseModel };
}
