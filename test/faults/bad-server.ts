// A server on 127.0.0.1 below HTTP: it writes bytes to sockets, so that it can end, break and lie in every way.
import net, { type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Random } from '../../src/engine/random';

/** A request as far as the answers depend on it. */
export interface Asked {
  /** The first byte that is asked for. */
  from: number;
  isRange: boolean;
  path: string;
  /** Requests for this file before this one. */
  before: number;
}

export interface Scene {
  content: Buffer;
  random: Random;
}

/** Answers one request on its socket. */
export type Behaviour = (socket: Socket, asked: Asked, scene: Scene) => Promise<void> | void;

export class BadServer {
  private readonly sockets = new Set<Socket>();
  private readonly counts = new Map<string, number>();
  private readonly server = net.createServer((socket) => this.serve(socket));
  behaviour: Behaviour = (socket) => void socket.destroy();
  scene!: Scene;

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Behaves from now on as told; earlier sockets are closed. */
  act(behaviour: Behaviour, scene: Scene): void {
    this.cut();
    this.counts.clear();
    Object.assign(this, { behaviour, scene });
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    let head = '';
    socket.on('data', (data) => {
      head += data.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      const path = /^\S+ (\S+)/.exec(head)?.[1] ?? '';
      const range = /^range: bytes=(\d+)-/im.exec(head);
      head = '';
      const before = this.counts.get(path) ?? 0;
      this.counts.set(path, before + 1);
      const asked = { from: range ? Number(range[1]) : 0, isRange: range !== null, path, before };
      void Promise.resolve(this.behaviour(socket, asked, this.scene)).catch(() => undefined);
    });
  }
}

const head = (status: string, headers: Record<string, string | number>, version = '1.1') =>
  [`HTTP/${version} ${status}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n'); // prettier-ignore

/** Status and headers of the whole file, or of the rest that is asked for. */
function rangeHead({ from, isRange }: Asked, { length }: Buffer, extra: Record<string, string> = {}): string {
  if (isRange && from >= length) return head('416 Range Not Satisfiable', { 'content-range': `bytes */${length}`, 'content-length': 0 }); // prettier-ignore
  const range: Record<string, string> = isRange ? { 'content-range': `bytes ${from}-${length - 1}/${length}` } : {};
  return head(isRange ? '206 Partial Content' : '200 OK', { etag: '"v1"', 'content-length': length - from, ...range, ...extra }); // prettier-ignore
}

/** Waits until the other side has taken what was written, so that large files need no memory. */
function write(socket: Socket, bytes: Buffer | string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

async function inPieces(socket: Socket, bytes: Buffer, pieces: number, pause: number): Promise<void> {
  const size = Math.max(1, Math.ceil(bytes.length / pieces));
  for (let at = 0; at < bytes.length; at += size) {
    await write(socket, bytes.subarray(at, at + size));
    await sleep(pause);
  }
}

/** In two bursts, the second of which comes with the end: what broke a client that pauses between them. */
async function inBursts(socket: Socket, bytes: Buffer): Promise<void> {
  const middle = bytes.length >> 1;
  socket.write(bytes.subarray(0, middle));
  await sleep(20);
  socket.end(bytes.subarray(middle));
}

const chunk = (bytes: Buffer) => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]); // prettier-ignore

/** Of each content once: it takes the process that the client is in, too. */
const zips = new WeakMap<Buffer, Buffer>();
function zipped(content: Buffer): Buffer {
  if (!zips.has(content)) zips.set(content, gzipSync(content, { level: 1 }));
  return zips.get(content)!;
}

const honest: Behaviour = async (socket, asked, { content }) => {
  await write(socket, rangeHead(asked, content));
  await write(socket, content.subarray(asked.from));
};

/** Breaks off the first `times` answers after a random share, and is honest afterwards. */
const broken =
  (times: number, end: (socket: Socket) => void, headOf = rangeHead): Behaviour =>
  async (socket, asked, scene) => {
    if (asked.before >= times) return honest(socket, asked, scene);
    const rest = scene.content.subarray(asked.from);
    await write(socket, headOf(asked, scene.content));
    await write(socket, rest.subarray(0, Math.floor(rest.length * scene.random.uniform())));
    await sleep(5);
    end(socket);
  };

const fin = (socket: Socket) => void socket.end();
const reset = (socket: Socket) => void socket.resetAndDestroy();
/** What is never right: only a coded error will do, unless the file is empty. */
export const IMPOSSIBLE = new Set([
  'always cut',
  'too short a length',
  'no HTTP',
  'two lengths',
  'unknown compression',
]);

/** Ways for a server to answer; each may be asked several times for one file. */
export const BEHAVIOURS: Record<string, Behaviour> = {
  'keeps the connection': honest,
  'Connection: close': async (socket, asked, { content }) => {
    socket.write(rangeHead(asked, content, { connection: 'close' }));
    await inBursts(socket, content.subarray(asked.from));
  },
  'HTTP/1.0, as python3 -m http.server': async (socket, _, { content }) => {
    socket.write(head('200 OK', { server: 'SimpleHTTP/0.6', 'content-length': content.length }, '1.0'));
    await inBursts(socket, content);
  },
  'no length, ended by closing': async (socket, _, { content }) => {
    socket.write(head('200 OK', { 'content-type': 'text/plain' }, '1.0'));
    await inBursts(socket, content);
  },
  chunked: async (socket, _, { content }) => {
    await write(socket, head('200 OK', { 'transfer-encoding': 'chunked' }));
    for (let at = 0; at < content.length; at += 50_000) await write(socket, chunk(content.subarray(at, at + 50_000)));
    await write(socket, '0\r\n\r\n');
  },
  'cut twice': broken(2, fin),
  'reset twice': broken(2, reset),
  'chunked, cut twice': broken(2, fin, () => head('200 OK', { 'transfer-encoding': 'chunked', connection: 'close' }) + 'ffffff\r\n'), // prettier-ignore
  'always cut': async (socket, _, { content }) => {
    await write(socket, head('200 OK', { 'content-length': content.length + 1 }));
    await write(socket, content.subarray(0, content.length >> 1));
    socket.end();
  },
  drips: async (socket, asked, { content }) => {
    await write(socket, rangeHead(asked, content));
    await inPieces(socket, content.subarray(asked.from), 30, 3);
  },
  'slow to begin': async (socket, asked, scene) => {
    await sleep(100);
    await honest(socket, asked, scene);
  },
  'stalls once': async (socket, asked, scene) => {
    if (asked.before > 0) return honest(socket, asked, scene);
    await write(socket, rangeHead(asked, scene.content));
    await write(socket, scene.content.subarray(asked.from, asked.from + 1000 * scene.random.integer(60)));
  },
  'says nothing once': (socket, asked, scene) => (asked.before > 0 ? honest(socket, asked, scene) : undefined),
  'too short a length': async (socket, _, { content }) => {
    await write(socket, head('200 OK', { 'content-length': Math.max(0, content.length - 5), connection: 'close' }));
    socket.end(content);
  },
  'gzip although not asked': async (socket, _, { content }) => {
    const body = zipped(content);
    await write(socket, head('200 OK', { 'content-encoding': 'gzip', 'content-length': body.length }));
    await write(socket, body);
  },
  'gzip, cut twice': async (socket, { before }, { content }) => {
    const body = zipped(content);
    socket.write(head('200 OK', { 'content-encoding': 'gzip', connection: 'close' }));
    socket.end(before < 2 ? body.subarray(0, body.length - 12) : body);
  },
  'unknown compression': async (socket, _, { content }) => {
    await write(socket, head('200 OK', { 'content-encoding': 'pigeon', 'content-length': content.length }));
    await write(socket, content);
  },
  redirects: async (socket, asked, scene) => {
    if (asked.path.endsWith('/elsewhere')) return honest(socket, asked, scene);
    socket.end(head('302 Found', { location: `${asked.path}/elsewhere`, 'content-length': 0, connection: 'close' }));
  },
  'refuses ranges': async (socket, asked, scene) => {
    if (asked.before === 0) return broken(1, fin)(socket, asked, scene);
    await honest(socket, { ...asked, from: 0, isRange: false }, scene);
  },
  'gives less than the range': async (socket, asked, { content }) => {
    const to = Math.min(content.length, asked.from + Math.max(1, Math.ceil(content.length / 4)));
    if (asked.from >= content.length) return write(socket, rangeHead({ ...asked, isRange: content.length > 0 }, content)); // prettier-ignore
    const range = `bytes ${asked.from}-${to - 1}/${content.length}`;
    await write(socket, head('206 Partial Content', { etag: '"v1"', 'content-range': range, 'content-length': to - asked.from })); // prettier-ignore
    await write(socket, content.subarray(asked.from, to));
  },
  'busy twice': (socket, asked, scene) =>
    asked.before < 2
      ? void socket.end(head('503 Service Unavailable', { 'retry-after': 0, 'content-length': 0 }))
      : honest(socket, asked, scene),
  'changes under way': async (socket, asked, scene) => {
    if (asked.before === 0) {
      const other = Buffer.alloc(scene.content.length, 'x');
      await write(socket, rangeHead(asked, other).replace('"v1"', '"v0"'));
      await write(socket, other.subarray(0, other.length >> 1));
      return void socket.end();
    }
    await honest(socket, { ...asked, from: 0, isRange: false }, scene);
  },
  'no HTTP': (socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
  'two lengths': async (socket, _, { content }) => {
    await write(socket, head('200 OK', { 'content-length': content.length, 'transfer-encoding': 'chunked' }));
    socket.end(content);
  },
};
