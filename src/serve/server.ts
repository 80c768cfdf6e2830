// A small HTTP server with a page to try a model and a JSON interface: limits on size, time and waiting, nothing else is served.
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Tokenizer } from '../tokens/tokenizer';
import { readJson } from './body';
import { RequestError, ServeError } from './errors';
import { ModelQueue } from './queue';
import { refuseConnection, send, sendError } from './response';
import type { Task, TaskResult } from './task';
import { fitTogether, LIMITS, parseTask, runTasks } from './task';

export interface ServeOptions {
  host?: string;
  /** 0 for any free one. */
  port?: number;
  /** What the page calls the model. */
  name?: string;
  /** Requests that may wait for the model. */
  waiting?: number;
  /** Bytes in a body. */
  bodyLimit?: number;
  /** For a request to arrive, and for its answer, in milliseconds. */
  receiveLimit?: number;
  answerLimit?: number;
}
const DEFAULTS = {
  ...{ host: '127.0.0.1', port: 8000, name: 'model', waiting: 256 },
  ...{ bodyLimit: 2 ** 20, receiveLimit: 10_000, answerLimit: 30_000 },
};
type Settings = typeof DEFAULTS;

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

/**
 * Serves a model: `GET /` is the page, `POST /api/answer` and `/api/scores` take JSON, `GET /api/model` says what runs.
 *
 * @throws ServeError `E_SERVE_ADDRESS` when the address cannot be used.
 * @example const { url, close } = await serve(model, tokenizer, { port: 0 })
 */
export async function serve(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  options: ServeOptions = {},
): Promise<Serving> {
  const settings = { ...DEFAULTS, ...options };
  const queue = new ModelQueue<Task, TaskResult>({
    run: (tasks, signal) => runTasks(model, tokenizer, tasks, signal),
    ...{ fits: fitTogether, limit: settings.waiting, batch: 16 },
  });
  const post = (kind: Task['kind']): Routes[string] => ({
    method: 'POST',
    handle: async (request, signal) => queue.add(parseTask(kind, await readJson(request, settings.bodyLimit)), signal),
  });
  const about = {
    name: settings.name,
    nullThreshold: model.config.nullThreshold,
    limits: { ...LIMITS, bytes: settings.bodyLimit },
  };
  const routes: Routes = {
    '/api/model': { method: 'GET', handle: () => about },
    '/api/answer': post('answer'),
    '/api/scores': post('scores'),
  };
  const server = createServer(routes, settings);
  await listen(server, settings);
  const { address, family, port } = server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`;
  return { url, close: () => close(server) };
}

function createServer(routes: Routes, { receiveLimit, answerLimit }: Settings): http.Server {
  const limits = {
    ...{ requestTimeout: receiveLimit, headersTimeout: receiveLimit, keepAliveTimeout: 5_000 },
    ...{ connectionsCheckingInterval: Math.min(1_000, receiveLimit / 4), maxHeaderSize: 16 * 1024 },
  };
  const server = http.createServer(limits, (request, response) => {
    void respond(routes, request, response, answerLimit);
  });
  server.maxConnections = 1024;
  // a client that takes no bytes
  server.setTimeout(receiveLimit + answerLimit + 5_000);
  return server.on('clientError', refuseConnection);
}

async function respond(
  routes: Routes,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  limit: number,
): Promise<void> {
  const gone = new AbortController();
  const late = new RequestError(504, 'E_TIMEOUT', `no answer within ${limit / 1000} s; ask about a shorter text`);
  const timer = setTimeout(() => gone.abort(late), limit);
  response.on('close', () => gone.abort(new Error('the client went away')));
  try {
    await route(routes, request, response, gone.signal);
  } catch (error) {
    sendError(response, error);
  } finally {
    clearTimeout(timer);
  }
}

async function route(
  routes: Routes,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  signal: AbortSignal,
): Promise<void> {
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
  send(response, 200, fs.readFileSync(path.join(__dirname, 'page', name)), { 'Content-Type': type });
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

/** How long open requests may take when the server ends, in milliseconds. */
const GRACE = 10_000;

async function close(server: http.Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), GRACE);
  await closed;
  clearTimeout(timer);
}
