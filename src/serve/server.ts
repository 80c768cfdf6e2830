// A small HTTP server with a page to try a model and a JSON interface: limits on size, time and waiting, nothing else is served.
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Tokenizer } from '../tokens/tokenizer';
import { Access } from './access';
import { discardBody, readJson } from './body';
import { Connections } from './connections';
import { type Engine, localEngine } from './engine';
import { RequestError, ServeError } from './errors';
import { ModelQueue } from './queue';
import { refuseConnection, send, sendError } from './response';
import { type Task, type TaskResult, BODY_LIMIT, fitTogether, laneOf, LIMITS, parseTask } from './task';

export interface ServeOptions {
  host?: string;
  /** 0 for any free one. */
  port?: number;
  /** What the page calls the model. */
  name?: string;
  /** Whether the page begins with "no answer" allowed; by default where the model has a threshold for it. */
  mayBeNone?: boolean;
  /** Requests that may wait for the model. */
  waiting?: number;
  /** Bytes in a body. */
  bodyLimit?: number;
  /** For a request to arrive, and for its answer, in milliseconds. */
  receiveLimit?: number;
  answerLimit?: number;
  /** For what is under way when the server ends, in milliseconds; the rest gets 503. */
  grace?: number;
  /** Further names by which the server may be called. */
  allowedHosts?: string[];
  /** What a request must know to be answered. */
  token?: string;
}
const DEFAULTS = {
  host: '127.0.0.1',
  port: 8000,
  name: 'model',
  waiting: 256,
  bodyLimit: BODY_LIMIT,
  receiveLimit: 10_000,
  answerLimit: 60_000,
  grace: 10_000,
};
type Settings = typeof DEFAULTS & Pick<ServeOptions, 'allowedHosts' | 'token' | 'mayBeNone'>;

/** A running server. */
export interface Serving {
  url: string;
  /** Takes no more requests, answers those that it has, and ends. */
  close(): Promise<void>;
}

const FILES: Record<string, [file: string, type: string]> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/style.css': ['../../page/style.css', 'text/css; charset=utf-8'],
};

type Handler = (request: http.IncomingMessage, signal: AbortSignal) => Promise<object> | object;
type Routes = Record<string, { method: 'GET' | 'POST'; handle: Handler }>;

/** A server's parts while it runs. */
interface Running {
  routes: Routes;
  access: Access;
  settings: Settings;
  /** Requests without an answer yet. */
  open: Set<AbortController>;
  isEnding: boolean;
}

/**
 * Serves a model: `GET /` is the page, `POST /api/answer` and `/api/scores` take JSON, `GET /api/model` says what runs.
 *
 * @throws ServeError `E_SERVE_ADDRESS` when the address cannot be used.
 * @example const { url, close } = await serve(model, tokenizer, { port: 0 })
 */
export function serve(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  options: ServeOptions = {},
): Promise<Serving> {
  return serveEngine(localEngine(model, tokenizer), options);
}

/** The same with an engine that may be in another process; the engine is the caller's to close. */
export async function serveEngine(engine: Engine, options: ServeOptions = {}): Promise<Serving> {
  const settings = { ...DEFAULTS, ...options };
  const queue = new ModelQueue<Task, TaskResult>({
    run: (tasks, signal) => engine.run(tasks, signal),
    fits: fitTogether,
    lane: laneOf,
    limit: settings.waiting,
    batch: 16,
  });
  const post = (kind: Task['kind']): Routes[string] => ({
    method: 'POST',
    handle: async (request, signal) => queue.add(parseTask(kind, await readJson(request, settings.bodyLimit)), signal),
  });
  const about = {
    name: settings.name,
    nullThreshold: engine.nullThreshold,
    mayBeNone: settings.mayBeNone ?? engine.nullThreshold !== undefined,
    limits: { ...LIMITS, bytes: settings.bodyLimit },
  };
  const routes: Routes = {
    '/api/model': { method: 'GET', handle: () => about },
    '/api/answer': post('answer'),
    '/api/scores': post('scores'),
  };
  const access = new Access({ host: settings.host, names: settings.allowedHosts, token: settings.token });
  const running: Running = { routes, access, settings, open: new Set(), isEnding: false };
  const server = createServer(running);
  const connections = new Connections(server);
  await listen(server, settings);
  const { address, family, port } = server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`;
  return { url, close: () => close(server, connections, running) };
}

function createServer(running: Running): http.Server {
  const { receiveLimit, answerLimit } = running.settings;
  const limits = {
    requestTimeout: receiveLimit,
    headersTimeout: receiveLimit,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: Math.min(1_000, receiveLimit / 4),
    maxHeaderSize: 16 * 1024,
  };
  const server = http.createServer(limits, (request, response) => {
    void respond(running, request, response);
  });
  server.maxConnections = 1024;
  // a client that takes no bytes
  server.setTimeout(receiveLimit + answerLimit + 5_000);
  return server.on('clientError', refuseConnection);
}

async function respond(running: Running, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const { answerLimit: limit } = running.settings;
  const gone = new AbortController();
  const late = new RequestError(504, 'E_TIMEOUT', `no answer within ${limit / 1000} s; ask about a shorter text`);
  const timer = setTimeout(() => gone.abort(late), limit);
  response.on('close', () => gone.abort(new Error('the client went away')));
  running.open.add(gone);
  response.shouldKeepAlive &&= !running.isEnding;
  const answer = running.isEnding ? refuse(request) : route(running, request, response, gone.signal);
  try {
    await Promise.race([answer, rejection(gone.signal)]);
  } catch (error) {
    sendError(response, error);
  } finally {
    clearTimeout(timer);
    running.open.delete(gone);
  }
}

/** A connection that is closed with a part of the body unread is reset, and its client hears nothing: so the body comes first. */
async function refuse(request: http.IncomingMessage): Promise<never> {
  await discardBody(request);
  throw ending();
}

/** For what hangs elsewhere than in the queue, such as a body that does not arrive. */
function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

function ending(): RequestError {
  return new RequestError(503, 'E_ENDING', 'the server is ending; ask the next one', { Connection: 'close', 'Retry-After': '10' }); // prettier-ignore
}

async function route(
  { routes, access }: Running,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const headers = access.check(request);
  const place = (request.url ?? '').split('?')[0];
  const known = Object.hasOwn(routes, place) ? routes[place] : undefined;
  const file = Object.hasOwn(FILES, place) ? FILES[place] : undefined;
  if (!known && !file) throw new RequestError(404, 'E_NOT_FOUND', 'there is nothing here; the page is at /');
  const methods = known?.method === 'POST' ? ['POST'] : ['GET', 'HEAD'];
  if (!methods.includes(request.method ?? '')) {
    const allowed = methods.join(', ');
    throw new RequestError(405, 'E_METHOD', `use ${allowed} here`, { Allow: allowed });
  }
  if (known) return send(response, 200, JSON.stringify(await known.handle(request, signal)));
  const [name, type] = file!;
  send(response, 200, fs.readFileSync(path.join(__dirname, 'page', name)), { 'Content-Type': type, ...headers });
}

function listen(server: http.Server, { host, port }: Settings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const advice = error.code === 'EADDRINUSE' ? 'another program has it; choose another --port' : error.message;
      reject(new ServeError('E_SERVE_ADDRESS', `${host}, port ${port}: ${advice}`, { cause: error }));
    });
    server.listen(port, host, () => resolve());
  });
}

/** For the last words to reach their clients, in milliseconds. */
const LAST_WORDS = 1_000;

/** Answers what can be answered in time, and says so to the rest. */
async function close(server: http.Server, connections: Connections, running: Running): Promise<void> {
  running.isEnding = true;
  const say = setTimeout(() => running.open.forEach((request) => request.abort(ending())), running.settings.grace);
  const cut = setTimeout(() => server.closeAllConnections(), running.settings.grace + LAST_WORDS);
  await connections.close();
  clearTimeout(say);
  clearTimeout(cut);
}
