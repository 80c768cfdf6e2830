// What outlives the tab: files that cells write in the project are kept in the browser's IndexedDB, which pages without https have,
// too. Each time all that changed is kept in one transaction, so that a tab that dies leaves the files as they were at one moment.
import { FileError } from '../../src/errors';
import { isOffered, memory, offerFiles, onArrival, volume } from '../node/files';
import { changeCount, isKept, onChanges, setFree } from '../node/room';
import { PROJECT } from '../project';
import { openFiles, readAll, replace } from './database';

/** Changes are kept so long after they began (milliseconds), and at the end of a cell. */
const SOON = 1000;
/** Larger files are in memory only while somebody looks at them (bytes). */
const LARGE = 1 << 20;
/** Room for what a browser keeps beside the bytes. */
const MARGIN = 1 << 20;
/** Of a file whose bytes are in the database and not here. */
const ELSEWHERE = 'elsewhere';
/** The clock of files has milliseconds: what is younger may change without a trace. */
const UNSURE = 5;

export class Store {
  /** Of each file that is kept, what tells the version. */
  private readonly known = new Map<string, string>();
  private seen = -1;
  private timer = false;
  private work: Promise<void> = Promise.resolve();

  private constructor(private readonly database: IDBDatabase) {}

  /** Opens what is kept: its files are among those of the worker then. Nothing is kept where the browser lets nothing be. */
  static async open(): Promise<Store | undefined> {
    const database = await openFiles().catch(() => undefined);
    if (!database) return undefined;
    const store = new Store(database);
    await store.begin();
    return store;
  }

  private async begin(): Promise<void> {
    for (const [file, { content }] of await readAll(this.database)) this.leave(file, content);
    onArrival((file) => void (this.known.has(file) && this.known.set(file, versionOf(file))));
    onChanges(() => this.keepSoon());
    this.seen = changeCount();
    await this.measure();
  }

  private keepSoon(): void {
    if (this.timer) return;
    this.timer = true;
    setTimeout(() => {
      this.timer = false;
      this.keep().catch(() => undefined); // the end of the cell tries again, and says so
    }, SOON);
  }

  /**
   * Keeps all that has changed.
   *
   * @throws FileError `E_DISK_FULL`, `E_FILE`: what was kept before still is, and the files are in memory.
   */
  keep(): Promise<void> {
    this.work = this.work.catch(() => undefined).then(() => this.keepNow());
    return this.work;
  }

  private async keepNow(): Promise<void> {
    const count = changeCount();
    if (count === this.seen) return;
    const files = new Map(list(PROJECT).map((file) => [file, isOffered(file) ? ELSEWHERE : versionOf(file)]));
    const changed = [...files].filter(([file, version]) => version !== this.known.get(file));
    const removed = [...this.known.keys()].filter((file) => !files.has(file));
    // all at one moment: nothing is awaited in between
    const contents = changed.map(([file]): [string, Blob] => [file, new Blob([bytesOf(file)])]);
    const moment = Date.now();
    if (changed.length + removed.length > 0) await this.commit(contents, removed);
    for (const file of removed) this.known.delete(file);
    let isSure = true;
    for (const [file, version] of changed) {
      const isYoung = moment - Number(version.split(' ')[1]) < UNSURE;
      this.known.set(file, isYoung ? '' : version);
      isSure &&= !isYoung;
    }
    if (isSure) this.seen = count;
    await this.lighten(changed);
    await this.measure();
  }

  private async commit(contents: [string, Blob][], removed: string[]): Promise<void> {
    try {
      await replace(this.database, contents, removed);
    } catch (error) {
      await this.measure();
      throw await toFileError(error as DOMException);
    }
  }

  /** Asks the browser how much it lets this site keep. */
  async measure(): Promise<void> {
    const { quota, usage = 0 } = await estimate();
    if (quota !== undefined) setFree(quota - usage - MARGIN);
  }

  /** Large files that nobody has open leave the memory. */
  private async lighten(changed: [string, string][]): Promise<void> {
    const large = changed.filter(([file]) => sizeOf(file) > LARGE && !isOpen(file)).map(([file]) => file);
    if (large.length === 0) return;
    const kept = await readAll(this.database, large);
    for (const [file, version] of changed) {
      const content = kept.get(file)?.content;
      if (content && versionOf(file) === version && !isOpen(file)) this.leave(file, content);
    }
  }

  private leave(file: string, content: Blob): void {
    offerFiles({ [file]: URL.createObjectURL(content) });
    this.known.set(file, ELSEWHERE);
  }
}

/** Every file below a folder that is to be kept. */
function list(folder: string): string[] {
  if (!memory.existsSync(folder)) return [];
  return memory.readdirSync(folder).flatMap((name) => {
    const place = `${folder}/${String(name)}`;
    if (!isKept(`${place}/`) && !isKept(place)) return [];
    const stat = memory.lstatSync(place);
    if (stat.isDirectory()) return list(place);
    return stat.isFile() && isKept(place) ? [place] : [];
  });
}

const bytesOf = (file: string) => memory.readFileSync(file) as Uint8Array<ArrayBuffer>;

function versionOf(file: string): string {
  const stat = memory.statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.ino} ${Number(stat.mtimeMs)} ${stat.size}` : '';
}

const sizeOf = (file: string) => Number(memory.statSync(file, { throwIfNoEntry: false })?.size ?? 0);

function isOpen(file: string): boolean {
  return Object.values(volume._core.fds).some((open) => open?.link.getPath() === file);
}

/** Pages without https are told nothing. */
async function estimate(): Promise<StorageEstimate> {
  const { storage } = navigator as { storage?: StorageManager };
  return (await storage?.estimate()) ?? {};
}

async function toFileError(error: DOMException): Promise<FileError> {
  const { quota = 0, usage = 0 } = await estimate();
  const isFull = error.name === 'QuotaExceededError';
  const numbers = `${Math.round(usage / 1e6)} of ${Math.round(quota / 1e6)} MB are used`;
  const why = isFull
    ? `the browser keeps no more for this site (${numbers})`
    : `the browser kept nothing: ${error.message}`;
  const advice = 'what was written last is in this tab only: save it as a zip, or delete files in runs and models';
  return new FileError(isFull ? 'E_DISK_FULL' : 'E_FILE', `${why}; ${advice}`, { cause: error });
}
