// `spanlab publish`: a trained model made ready for other programs, for a web page, and for the hub.
import fs from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import { chooseBackend } from '../engine/backend';
import { FileError } from '../errors';
import { lockFolder, refuseBusy } from '../folder-lock';
import { writeCard } from '../publish/card';
import type { CardOptions } from '../publish/card-facts';
import { type PushOptions, type Pushed, checkName, credentials, pushModel } from '../publish/hub';
import { modelFiles } from '../publish/hub-files';
import { refuseLinks } from '../publish/links';
import { checkOnnx } from '../publish/onnx/belongs';
import { writeOnnx } from '../publish/onnx/write';
import { DTYPES, writeWebPage } from '../publish/web';
import { ProgressLine } from '../show/progress';
import { Tokenizer } from '../tokens/tokenizer';
import { interruptSignal } from './interrupt';
import { backendOption, jsonOption } from './options';
import { openTrained, previewPublish } from './publish-preview';
import { type Published, publishedText } from './publish-text';
import { printResult } from './result';
import { UsageError } from './usage';
import { say } from '../terminal';

interface Args {
  model: string;
  onnx?: boolean;
  web?: string;
  dtype: string;
  to?: string;
  private?: boolean;
  'dry-run'?: boolean;
  backend?: string;
  json?: boolean;
  language: string;
  license?: string;
  'base-model'?: string;
}

export default defineCommand({
  args: {
    model: { type: 'string', description: 'folder of the model', required: true },
    onnx: { type: 'boolean', description: 'add ONNX files (fp32, fp16, int8) and the model card to the folder' },
    web: { type: 'string', description: 'folder for a web page that runs the model in the browser, without a server' },
    dtype: { type: 'string', description: 'precision of the web page: q8, fp16 or fp32', default: 'q8' },
    to: { type: 'string', description: 'push the folder to this hub repository, owner/name; needs HF_TOKEN' },
    'dry-run': { type: 'boolean', description: 'with --to: only show which files would be sent' },
    private: { type: 'boolean', description: 'with --to: make the repository private' },
    language: { type: 'string', description: 'language of the texts, for the card', default: 'en' },
    license: { type: 'string', description: 'licence of the model, for the card' },
    'base-model': { type: 'string', description: 'encoder that training started from, for the card' },
    backend: backendOption,
    json: jsonOption,
  },
  async run({ args }) {
    if (!args.onnx && args.web === undefined && args.to === undefined) {
      throw new UsageError('say what to publish: --onnx, --web DIR or --to owner/name');
    }
    for (const flag of ['private', 'dry-run'] as const) {
      if (args[flag] && args.to === undefined) throw new UsageError(`--${flag} needs --to`);
    }
    if (args['dry-run'] && args.web !== undefined) {
      throw new UsageError('--dry-run only shows what --to would send, and --web writes files; give one of them');
    }
    if (!Object.hasOwn(DTYPES, args.dtype)) throw new UsageError(`--dtype is "${args.dtype}"; choose q8, fp16 or fp32`);
    const published = await publish(args as Args);
    printResult(published, args.json, publishedText(published, args.web));
  },
});

async function publish(args: Args): Promise<Published> {
  if (args.to !== undefined) checkAddress(args.to, args['dry-run'] === true);
  if (args.web !== undefined) refuseBusy(args.web);
  if (args['dry-run']) return previewPublish(existing(args.model), args.onnx === true, cardOptions(args), args.backend);
  if (!args.onnx && args.to === undefined) return publishModel(args); // nothing of the folder changes
  refuseBusy(existing(args.model));
  const lock = lockFolder(args.model, 'publishing');
  try {
    return await publishModel(args);
  } finally {
    lock.release();
  }
}

async function publishModel(args: Args): Promise<Published> {
  const { model: folder, web, dtype, to } = args;
  refuseLinks(folder); // before anything of it is read
  await chooseBackend(args.backend);
  const model = openTrained(folder);
  const isChanging = args.onnx === true || to !== undefined;
  if (isChanging) await ensureTokenizer(folder);
  const result: Published = { model: folder };
  if (args.onnx) {
    const files = await writeOnnx(model, folder);
    result.onnx = Object.fromEntries(files.map(({ name, bytes }) => [name, bytes]));
  }
  if (to !== undefined && !args.onnx) checkOnnx(folder); // before the card is written
  if (isChanging) {
    result.card = writeCard(folder, cardOptions(args)) ? 'written' : 'kept: README.md is not ours';
  }
  if (web !== undefined) {
    result.web = await writeWebPage(model, folder, web, { name: path.basename(path.resolve(folder)), dtype });
  }
  model.dispose();
  if (to !== undefined) result.hub = await push(folder, to, args.private === true);
  return result;
}

/** A mistyped folder is not made. @throws FileError `E_FILE_MISSING` */
function existing(folder: string): string {
  if (fs.existsSync(folder)) return folder;
  throw new FileError('E_FILE_MISSING', `${folder}: no such folder; check the path`);
}

/** All that can be wrong before the hub is asked; where nothing is sent, nobody needs a token. */
function checkAddress(to: string, isDry: boolean): void {
  checkName(to);
  if (!isDry) credentials();
}

/** Other programs need `tokenizer.json`; where only the vocabulary is there, it is made. @throws FileError, TokenError */
async function ensureTokenizer(folder: string): Promise<void> {
  const tokenizer = await Tokenizer.fromFolder(folder);
  if (!fs.existsSync(path.join(folder, 'tokenizer.json'))) await tokenizer.save(folder);
}

async function push(folder: string, to: string, isPrivate: boolean): Promise<Pushed> {
  for (const { name, bytes, linked } of modelFiles(folder)) {
    say(`sending ${name} (${bytes} bytes${linked ? `, from ${linked}` : ''})`);
  }
  const line = new ProgressLine(process.stderr);
  const onProgress: PushOptions['onProgress'] = (state, file, progress) =>
    line.show(`${state} ${file} ${(100 * progress).toFixed(0)} %`);
  try {
    return await pushModel(folder, to, { private: isPrivate, onProgress, signal: interruptSignal() });
  } finally {
    line.finish();
  }
}

function cardOptions({ to, language, license, 'base-model': baseModel }: Args): CardOptions {
  return { name: to, language, license, baseModel };
}
