// The files that this browser keeps for the course, by folder: given to the person as archives, and taken from them.
import { packFiles, plainName, unpackFiles } from '../browser/zip';
import { readAll, replace } from '../kernel/database';
import { PROJECT } from '../project';

export interface KeptFolder {
  /** From the project's root on. */
  folder: string;
  bytes: number;
  hasModel: boolean;
}

/** Data that notebooks and the command line read. */
const DATA = /\.(csv|tsv|jsonl?|ndjson|parquet|txt|gz|ipynb)$/i;

/** Folders of models, runs and data: the two uppermost levels. */
export async function keptFolders(database: IDBDatabase): Promise<KeptFolder[]> {
  const folders = new Map<string, KeptFolder>();
  for (const [file, { content }] of await readAll(database)) {
    const [top, second, ...rest] = file.slice(PROJECT.length + 1).split('/');
    if (second === undefined) continue;
    const folder = rest.length > 0 ? `${top}/${second}` : top;
    const known = folders.get(folder) ?? { folder, bytes: 0, hasModel: false };
    known.bytes += content.size;
    known.hasModel ||= rest.join('/') === 'config.json';
    folders.set(folder, known);
  }
  return [...folders.values()].sort((one, other) => (one.folder < other.folder ? -1 : 1));
}

async function filesOf(database: IDBDatabase, folder: string): Promise<Map<string, Blob>> {
  const start = `${PROJECT}/${folder}/`;
  // a folder that is listed for files of its own has others beneath it, which are listed themselves
  const isOwn = (file: string) =>
    file.startsWith(start) && (folder.includes('/') || !file.slice(start.length).includes('/'));
  const all = await readAll(database);
  return new Map([...all].flatMap(([file, { content }]) => (isOwn(file) ? [[file, content] as const] : [])));
}

/** A folder as a zip archive. */
export async function zipKept(database: IDBDatabase, folder: string): Promise<Blob> {
  const files: [string, Uint8Array][] = [];
  for (const [file, content] of await filesOf(database, folder)) {
    files.push([file.slice(`${PROJECT}/${folder}/`.length), new Uint8Array(await content.arrayBuffer())]);
  }
  return packFiles(folder.replace(/^.*\//, ''), files);
}

export async function removeFolder(database: IDBDatabase, folder: string): Promise<void> {
  await replace(database, [], [...(await filesOf(database, folder)).keys()]);
}

/**
 * Keeps a file of the person's: the archive of a model becomes a folder of `models`, data goes into `data/own`.
 *
 * @returns where it is, from the project's root on
 * @throws Error for anything else; FileError for an archive that is damaged
 */
export async function addFile(database: IDBDatabase, file: File): Promise<string> {
  if (!/\.zip$/i.test(file.name)) {
    if (!DATA.test(file.name))
      throw new Error(`${file.name}: neither the zip of a model nor data (csv, json, jsonl, txt, parquet)`);
    const place = `data/own/${file.name}`;
    await replace(database, [[`${PROJECT}/${place}`, file]], []);
    return place;
  }
  const files = unpackFiles(file.name, new Uint8Array(await file.arrayBuffer()));
  if (!files.has('config.json'))
    throw new Error(`${file.name}: no config.json in it; pack a folder that a model was saved in`);
  const folder = `models/${plainName(file.name)}`;
  const contents = [...files].map(([name, bytes]): [string, Blob] => [`${PROJECT}/${folder}/${name}`, new Blob([bytes as Uint8Array<ArrayBuffer>])]); // prettier-ignore
  await replace(database, contents, [...(await filesOf(database, folder)).keys()].filter((name) => !contents.some(([kept]) => kept === name))); // prettier-ignore
  return folder;
}
