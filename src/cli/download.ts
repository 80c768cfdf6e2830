// `spanlab download`: a data set, any file of the web, a model or a file of the Hugging Face hub.
import fs from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import { shown } from '../download/address';
import { DATA_SETS, fetchDataSet } from '../download/data-sets';
import { DownloadError } from '../download/errors';
import { fetchFile } from '../download/file';
import { findMismatch } from '../download/hash';
import { fetchHubFile } from '../download/hub-file';
import { parseHubAddress } from '../download/hub-repository';
import { toFileError } from '../errors';
import { refuseBusy } from '../folder-lock';
import { fetchModel } from '../model/hub';
import { ensureWorkshopEncoder } from '../model/workshop-encoder';
import { projectRoot } from '../root';
import { type OnBytes, showDownload } from '../show/download';
import { factLines } from '../show/text-table';
import { interruptSignal } from './interrupt';
import { jsonOption } from './options';
import { printResult } from './result';
import { UsageError } from './usage';
import { makeFolder } from '../make-folder';
import { say } from '../terminal';

interface Request {
  what: string;
  out?: string;
  mirror?: string;
  sha256?: string;
  signal: AbortSignal;
  onProgress: OnBytes;
}

/** Where things are now, by name. */
type Places = Record<string, string>;

/** Fetches what a person named, in whichever of the three ways. */
function download(request: Request): Promise<Places> {
  const { what, mirror, out } = request;
  if (out !== undefined) refuseBusy(out);
  if (Object.hasOwn(DATA_SETS, what)) return downloadDataSet(request);
  if (what === WORKSHOP) return downloadWorkshop(request);
  if (mirror) throw new UsageError(`--mirror is for ${names()}; for the hub set HF_ENDPOINT`);
  if (what.startsWith('hf:')) return downloadFromHub(request);
  if (/^https?:\/\//i.test(what)) return downloadAddress(request);
  const choice = `${names()}, ${WORKSHOP} (its encoder), an address (https://…) or hf:owner/name`;
  throw new DownloadError('E_DOWNLOAD_NAME', `${shown(what)}: no name that we know; take ${choice}`);
}

/** As `--model` calls it: the encoder that the course starts from, where no network will be later. */
const WORKSHOP = 'workshop';

async function downloadWorkshop({ out }: Request): Promise<Places> {
  const folder = await ensureWorkshopEncoder();
  return { folder: out ? copy(folder, out) : folder };
}

const names = () => Object.keys(DATA_SETS).join(' or ');

function downloadDataSet({ what, out, sha256, ...options }: Request): Promise<Places> {
  if (sha256) throw new UsageError(`--sha256 is for one file; the hashes of ${what} are known`);
  return fetchDataSet(DATA_SETS[what], out ?? path.join(projectRoot(), 'data', 'squad'), options);
}

async function downloadAddress({ what, out = '.', ...options }: Request): Promise<Places> {
  const file = path.join(out, fileName(what));
  refuseBusy(out); // the current one, where none is named
  if (!(await fetchFile(what, file, options))) say(`${file}: already there, not downloaded again`);
  return { file };
}

/** The last part of an address. */
function fileName(address: string): string {
  try {
    const name = decodeURIComponent(path.posix.basename(new URL(address).pathname)).replace(/[/\\\u0000-\u001f]/g, '_');
    if (!['', '.', '..'].includes(name)) return name;
  } catch {
    // said below
  }
  throw new UsageError(`${shown(address)} names no file`);
}

async function downloadFromHub({ what, out, sha256, ...options }: Request): Promise<Places> {
  const { repository, file } = parseHubAddress(what.slice('hf:'.length));
  if (file === undefined) {
    if (sha256) throw new UsageError('--sha256 is for one file; the hub itself says the hashes of a model');
    if (repository.kind !== 'model') throw new UsageError(`name the file of the data set: ${what}/FILE`);
    const folder = await fetchModel(repository, options);
    return { folder: out ? copy(folder, out) : folder };
  }
  const { path: found } = await fetchHubFile(repository, file, options);
  const mismatch = await findMismatch(found, { sha256 });
  if (mismatch) throw new DownloadError('E_DOWNLOAD_HASH', `${found}: ${mismatch}; the hub has another file than you`);
  return { file: out ? copy(found, path.join(out, file)) : found };
}

/** A copy of what the cache holds, with files in the place of its links. */
function copy(from: string, to: string): string {
  try {
    copyFiles(from, to);
  } catch (error) {
    throw toFileError(error, to);
  }
  return to;
}

/** Not `fs.cpSync`, which copies links as links from Node 22 on, whatever `dereference` says. */
function copyFiles(from: string, to: string): void {
  if (fs.statSync(from).isDirectory()) {
    makeFolder(to);
    for (const name of fs.readdirSync(from)) copyFiles(path.join(from, name), path.join(to, name));
  } else {
    makeFolder(path.dirname(to));
    fs.copyFileSync(from, to);
  }
}

export default defineCommand({
  args: {
    what: {
      type: 'positional',
      description: `${names()}, ${WORKSHOP} (its encoder), an address, or hf:[datasets/]owner/name[@revision][/file]`,
      required: true,
    },
    out: {
      type: 'string',
      description:
        'folder to write to; by default data/squad for SQuAD, the shared cache for the hub, else the current one',
    },
    mirror: { type: 'string', description: 'address of a folder with the files of SQuAD (or SPANLAB_MIRROR)' },
    sha256: { type: 'string', description: 'SHA-256 that the file must have' },
    json: jsonOption,
  },
  async run({ args }) {
    const { what, out, mirror, sha256 } = args;
    if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) throw new UsageError('--sha256 takes 64 hex digits');
    const signal = interruptSignal();
    const fetched = await showDownload((onProgress) => download({ what, out, mirror, sha256, signal, onProgress }));
    printResult(fetched, args.json, factLines(Object.entries(fetched)));
  },
});
