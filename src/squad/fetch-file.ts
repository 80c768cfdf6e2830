// One file over HTTP: in chunks, resumed where it stopped, checked, and in its place only when whole.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EnvHttpProxyAgent, fetch } from 'undici';
import type { Response } from 'undici';
import { toFileError } from '../errors';
import { SquadError } from './errors';

export interface FetchOptions {
  /** What the file's bytes must hash to. */
  sha256?: string;
  headers?: Record<string, string>;
  /** Called with the bytes there are and the bytes there will be (0 when the server does not say). */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
  /** Before the second try, in milliseconds; doubled before each further one. */
  backoff?: number;
}

const TRIES = 4;
const REASONS: Record<number, string> = {
  401: 'the server asks who you are; set HF_TOKEN',
  403: 'access is denied; accept the terms of this file with your account, then set HF_TOKEN',
  404: 'there is no such file; check the name',
};

/** A failure that another try may mend. */
class Temporary extends Error {
  constructor(
    message: string,
    readonly wait?: number,
  ) {
    super(message);
  }
}

/**
 * Downloads `url` to `target` unless it is there. A cut connection goes on where it stopped, in this call or the next.
 *
 * @throws SquadError `E_DOWNLOAD` (with the reason), `E_DOWNLOAD_HASH` (the file is deleted); FileError (what came is kept).
 * @example await fetchFile(url, 'data/squad/dev-v2.0.json', { sha256 })
 */
export async function fetchFile(url: string, target: string, options: FetchOptions = {}): Promise<void> {
  if (fs.existsSync(target)) return;
  for (let attempt = 1; ; attempt++) {
    try {
      await transfer(url, target, options);
      break;
    } catch (error) {
      if (!(error instanceof Temporary)) throw toFileError(error, target);
      if (attempt === TRIES)
        throw new SquadError('E_DOWNLOAD', `${url}: ${error.message} (${TRIES} tries); try again later`);
      const pause = error.wait ?? (options.backoff ?? 1000) * 2 ** (attempt - 1);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  await verify(url, `${target}.part`, options.sha256);
  fs.renameSync(`${target}.part`, target);
  fs.rmSync(`${target}.etag`, { force: true });
}

/** One request, appended to what there is when the server's file is still the same. */
async function transfer(url: string, target: string, { headers, onProgress, signal }: FetchOptions): Promise<void> {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const part = `${target}.part`;
  const offset = resumePoint(target);
  const range: Record<string, string> =
    offset > 0 ? { range: `bytes=${offset}-`, 'if-range': fs.readFileSync(`${target}.etag`, 'utf8') } : {};
  const response = await request(url, { ...headers, ...range }, signal);
  if (response.status === 416) {
    fs.rmSync(part, { force: true });
    throw new Temporary('the part on disk does not fit the file any more', 0);
  }
  checkStatus(url, response);
  const from = response.status === 206 ? offset : 0;
  rememberTag(target, response);
  const total = from + Number(response.headers.get('content-length') ?? 0);
  await save(response, part, from, (done) => onProgress?.(done, total));
  if (total > from && fs.statSync(part).size < total) throw new Temporary('the connection was cut');
}

/** Bytes that may be kept: only with the tag of the file that they came from. */
function resumePoint(target: string): number {
  const [part, tag] = [`${target}.part`, `${target}.etag`];
  return fs.existsSync(part) && fs.existsSync(tag) ? fs.statSync(part).size : 0;
}

function rememberTag(target: string, response: Response): void {
  const tag = response.headers.get('etag');
  if (tag && !tag.startsWith('W/')) fs.writeFileSync(`${target}.etag`, tag);
  else fs.rmSync(`${target}.etag`, { force: true });
}

async function request(url: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { headers, signal, dispatcher: new EnvHttpProxyAgent({ connectTimeout: 10_000 }) });
  } catch (error) {
    signal?.throwIfAborted();
    const cause = (error as Error & { cause?: NodeJS.ErrnoException }).cause;
    if (cause?.code === 'ENOTFOUND' || cause?.code === 'EAI_AGAIN') {
      throw new SquadError('E_DOWNLOAD', `${url}: the host is not known; check the network, the proxy or the mirror`);
    }
    throw new Temporary(cause?.message ?? (error as Error).message);
  }
}

function checkStatus(url: string, response: Response): void {
  if (response.ok) return;
  const { status } = response;
  void response.body?.cancel();
  if (status === 429 || status >= 500) {
    const wait = Number(response.headers.get('retry-after'));
    throw new Temporary(`the server answered ${status}`, wait > 0 ? wait * 1000 : undefined);
  }
  throw new SquadError(
    'E_DOWNLOAD',
    `${url}: the server answered ${status}: ${REASONS[status] ?? 'it cannot give this file'}`,
  );
}

async function save(response: Response, part: string, from: number, onBytes: (done: number) => void): Promise<void> {
  const file = fs.createWriteStream(part, { flags: from > 0 ? 'a' : 'w' });
  let done = from;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of response.body!) {
      done += (chunk as Uint8Array).length;
      yield chunk as Uint8Array;
      onBytes(done);
    }
  }
  try {
    await pipeline(counted(), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === 'write') throw error; // the disk, not the network
    if ((error as Error).name === 'AbortError') throw error;
    throw new Temporary('the connection was cut');
  }
}

async function verify(url: string, part: string, sha256?: string): Promise<void> {
  if (!sha256) return;
  const hash = createHash('sha256');
  await pipeline(fs.createReadStream(part), hash);
  const found = hash.digest('hex');
  if (found === sha256) return;
  fs.rmSync(part);
  throw new SquadError(
    'E_DOWNLOAD_HASH',
    `${url}: SHA-256 ${found} instead of ${sha256}; the file was deleted, try again`,
  );
}
