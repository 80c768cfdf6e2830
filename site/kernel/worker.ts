// The kernel in a worker of the browser: Jupyter's messages come from the page, cells are compiled and run here.
import '../node/globals';
import { installDialogs } from '../../kernel/asking/dialogs';
import type { Person as NodePerson } from '../../kernel/asking/person';
import { Comms } from '../../kernel/comms';
import { installGlobals } from '../../kernel/globals';
import { Requests } from '../../kernel/requests';
import type { Connection as NodeConnection } from '../../kernel/wire/connection';
import { askToStop } from '../../kernel/wire/stop';
import { forget, memory, offerFiles } from '../node/files';
import { setOwn } from '../node/room';
import { PROJECT } from '../project';
import { Connection, toRequest } from './connection';
import { captureConsole } from './console';
import { Person } from './person';
import type { PageFile, Start, ToPage, ToWorker } from './protocol';
import { installFetch } from './fetch';
import { setSite } from './place';
import { Session } from './session';
import { mayShareMemory } from './shared';
import { Store } from './store';
import { installSystem } from './system';

/** The files that the site has for the worker. */
interface Manifest {
  /** The compiler's declarations. */
  types: string;
  /** Files by their place, with their addresses in the site. */
  files: Record<string, string>;
}

const post = (message: ToPage) => self.postMessage(message);
let use: ((message: ToWorker) => void) | undefined;

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (!('start' in data)) return use?.(data);
  start(data.start).then(
    () => post({ ready: true }),
    (error: unknown) => post({ failed: (error as Error).stack ?? String(error) }),
  );
};

async function start({ site, flags, answers }: Start): Promise<void> {
  const manifest = (await getJson(`${site}vm/manifest.json`)) as Manifest;
  setSite(site);
  const texts = (await getJson(site + manifest.types)) as Record<string, string>;
  offerFiles(Object.fromEntries(Object.entries(manifest.files).map(([file, url]) => [file, site + url])));
  setOwn(Object.keys(manifest.files));
  const store = await Store.open();
  installSystem(texts);
  installFetch(site);
  const connection = new Connection(flags, post);
  const session = new Session(PROJECT, flags, store);
  const comms = new Comms(session, connection as unknown as NodeConnection);
  installGlobals(session, comms);
  captureConsole(() => session.current);
  const person = new Person(connection, answers, () => requests.running);
  installDialogs(person as unknown as NodePerson);
  self.addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    session.reportBackground(event.reason);
  });
  self.addEventListener('error', (event) => {
    event.preventDefault();
    session.reportBackground(event.error);
  });
  const requests = new Requests(session, connection as unknown as NodeConnection, comms, () => undefined);
  use = (message) => {
    if ('message' in message) requests.handle(toRequest(message.message));
    else if ('files' in message) takeFiles(message.files);
    else if ('stop' in message) {
      // shared flags have it already
      if (!mayShareMemory()) askToStop(flags);
      session.stops.hear();
    }
  };
}

/** What somebody uploaded: JupyterLite keeps it, so that the worker need not. */
function takeFiles(files: PageFile[]): void {
  for (const { path, bytes } of files) {
    const file = `${PROJECT}/${path}`;
    forget(file);
    if (bytes) {
      memory.mkdirSync(file.replace(/\/[^/]*$/, ''), { recursive: true });
      memory.writeFileSync(file, bytes);
      setOwn([file]);
    } else memory.rmSync(file, { recursive: true, force: true });
  }
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: the site answers ${response.status}`);
  return response.json();
}
