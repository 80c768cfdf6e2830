// The built site of the course on this machine, from its folder or from one zip archive, with the headers that let threads of a
// browser share memory.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { unzipSync } from 'fflate';
import { FileError, toFileError } from '../errors';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.ipynb': 'application/json',
  '.wasm': 'application/wasm',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

export interface SiteOptions {
  /** 0 for any free one. */
  port?: number;
  host?: string;
  /** Whether the headers for cross-origin isolation are sent, as few hosts of static sites do. */
  isolated?: boolean;
}

/** A file of the site, by its path with slashes. */
type Find = (name: string) => Found | undefined;
interface Found {
  name: string;
  open: () => Readable;
}

/**
 * Serves a folder, or a zip archive of one.
 *
 * @throws FileError where nothing is there, or something else; the system's error where the port is taken
 * @example const server = await serveSite('dist-site', { port: 8000 })
 */
export async function serveSite(
  place: string,
  { port = 0, host = '127.0.0.1', isolated = true }: SiteOptions = {},
): Promise<http.Server> {
  const find = openPlace(place);
  const server = http.createServer((request, response) => {
    const found = find(nameOf(request.url ?? '/') ?? '\0');
    if (!found) return void response.writeHead(404).end();
    const type = TYPES[path.extname(found.name)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache', ...(isolated && ISOLATED) });
    pipeline(found.open(), response, () => undefined); // whoever leaves leaves
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return server;
}

/** The path that an address asks for, without a slash at its beginning; from the root on, `..` leads no further up. */
function nameOf(url: string): string | undefined {
  try {
    return path.posix.join('/', decodeURIComponent(url.split('?')[0])).slice(1);
  } catch {
    return undefined;
  }
}

function openPlace(place: string): Find {
  try {
    return fs.statSync(place).isDirectory() ? inFolder(path.resolve(place)) : inArchive(place);
  } catch (error) {
    throw toFileError(error, place);
  }
}

function inFolder(root: string): Find {
  return (name) => {
    try {
      const file = path.join(root, name);
      const found = fs.statSync(file).isDirectory() ? path.join(file, 'index.html') : file;
      return fs.statSync(found).isFile() ? { name: found, open: () => fs.createReadStream(found) } : undefined;
    } catch {
      return undefined;
    }
  };
}

/** The archive stays packed: what is asked for is unpacked. */
function inArchive(file: string): Find {
  const bytes = fs.readFileSync(file);
  const names = new Set<string>();
  try {
    unzipSync(bytes, { filter: ({ name }) => (names.add(name), false) });
  } catch (error) {
    const problem = 'neither the folder of a site nor a zip archive of one; run npm run site';
    throw new FileError('E_FILE', `${file}: ${problem}`, { cause: error });
  }
  return (asked) => {
    const name = [asked, path.posix.join(asked, 'index.html')].find(
      (known) => names.has(known) && !known.endsWith('/'),
    );
    if (name === undefined) return undefined;
    return { name, open: () => Readable.from([unzipSync(bytes, { filter: (entry) => entry.name === name })[name]]) };
  };
}
