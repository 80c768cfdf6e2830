// `npm run site:serve`: the built site on this machine, with the headers that let its threads share memory.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { parseArgs } from 'node:util';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.ipynb': 'application/json',
  '.wasm': 'application/wasm',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/**
 * Serves a folder on 127.0.0.1, or on the `host` given.
 *
 * @param isolated Whether the headers for cross-origin isolation are sent, as few hosts of static sites do.
 * @example const server = await serveSite('dist-site', { port: 8000 })
 */
export async function serveSite(
  folder: string,
  { port = 0, host = '127.0.0.1', isolated = true }: { port?: number; host?: string; isolated?: boolean } = {},
): Promise<http.Server> {
  const root = path.resolve(folder);
  const server = http.createServer((request, response) => {
    const file = find(root, request.url ?? '/');
    if (!file) return void response.writeHead(404).end();
    const type = TYPES[path.extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache', ...(isolated && ISOLATED) });
    pipeline(fs.createReadStream(file), response, () => undefined); // whoever leaves leaves
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return server;
}

/** The file of an address: nothing where none is there, or where it is no address. */
function find(root: string, url: string): string | undefined {
  try {
    // from the site's own root on, `..` leads no further up
    const file = path.join(root, path.join('/', decodeURIComponent(url.split('?')[0])));
    const found = fs.statSync(file).isDirectory() ? path.join(file, 'index.html') : file;
    return fs.statSync(found).isFile() ? found : undefined;
  } catch {
    return undefined;
  }
}

if (require.main === module) {
  const options = {
    port: { type: 'string', default: '8000' },
    host: { type: 'string', default: '127.0.0.1' },
  } as const;
  const { values } = parseArgs({ options });
  const folder = path.resolve(__dirname, '..', 'dist-site');
  void serveSite(folder, { port: Number(values.port), host: values.host }).then(() => {
    process.stdout.write(`http://${values.host}:${values.port}/\n`);
  });
}
