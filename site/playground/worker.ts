// The playground's worker: reads a table, trains on it, and answers. Nothing that it is given is kept or sent anywhere.
import '../node/globals';
import fs from 'node:fs';
import { SpanlabError } from '../../src/errors';
import { Store } from '../kernel/store';
import { installFetch } from '../kernel/fetch';
import { setSite } from '../kernel/place';
import { offerFiles } from '../node/files';
import { setOwn } from '../node/room';
import { PROJECT } from '../project';
import type { Lesson } from './lesson';
import type { ToPage, ToWorker } from './protocol';

const post = (message: ToPage) => self.postMessage(message);
let lesson: Lesson | undefined;
let stop = new AbortController();

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'stop') return stop.abort(new Error('stopped'));
  answer(data).catch((error: unknown) => post({ kind: 'failed', text: describe(error) }));
};

const describe = (error: unknown) =>
  error instanceof SpanlabError ? `${error.code}: ${error.message}` : String(error);

async function answer(message: Exclude<ToWorker, { kind: 'stop' }>): Promise<void> {
  switch (message.kind) {
    case 'start':
      return begin(message.site);
    case 'read':
      return post(lesson!.read(message.name, message.bytes));
    case 'example':
      return post(lesson!.readExample());
    case 'train':
      stop = new AbortController();
      return post(await lesson!.train(message.settings, stop.signal));
    case 'ask':
      return post(await lesson!.ask(message.question, message.text));
    case 'save':
      return post(await lesson!.save());
  }
}

async function begin(site: string): Promise<void> {
  setSite(site);
  const response = await fetch(`${site}vm/manifest.json`);
  if (!response.ok) throw new Error(`${response.url}: the site answers ${response.status}`);
  const { files } = (await response.json()) as { files: Record<string, string> };
  offerFiles(Object.fromEntries(Object.entries(files).map(([file, address]) => [file, site + address])));
  setOwn(Object.keys(files));
  installFetch(site);
  // models of notebooks may be gone on with
  await Store.open();
  // downloads tell their progress there
  const write = (text: unknown) => {
    post({ kind: 'status', text: String(text).trim() });
    return true;
  };
  Object.defineProperty(process, 'stderr', { value: { write, isTTY: false }, configurable: true });
  // the library looks for the project's files when it is loaded: they are there now
  const [{ chooseBackend }, { Lesson }] = await Promise.all([import('../../src/engine/backend'), import('./lesson')]);
  const { name, version } = await chooseBackend();
  lesson = new Lesson(post);
  post({ kind: 'ready', engine: `${name} (${version})`, models: keptModels() });
}

function keptModels(): string[] {
  const folder = `${PROJECT}/models`;
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return names.filter((name) => fs.existsSync(`${folder}/${name}/config.json`)).map((name) => `models/${name}`);
}
